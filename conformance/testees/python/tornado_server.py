"""An echo server on Tornado, to be certified: tornado_server.py PORT.

At `/close` it starts the closing handshake.
"""

import asyncio
import sys

from tornado.web import Application
from tornado.websocket import WebSocketClosedError, WebSocketHandler

MAX_MESSAGE = 64 * 1024 * 1024  # octets


class Echo(WebSocketHandler):
    def open(self, *_: str) -> None:
        if self.request.path.endswith("/close"):
            self.close(1000)

    async def on_message(self, message: str | bytes) -> None:
        try:
            await self.write_message(message, binary=isinstance(message, bytes))
        except WebSocketClosedError:
            pass  # The peer went away, and the message has no one to go to.


async def main(port: int) -> None:
    app = Application([(".*", Echo)], websocket_max_message_size=MAX_MESSAGE)
    app.listen(port, "127.0.0.1")
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
