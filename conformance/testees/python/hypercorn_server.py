"""An echo server on Hypercorn, which is built on wsproto, to be certified: hypercorn_server.py PORT.

At `/close` it starts the closing handshake.
"""

import asyncio
import sys
from collections.abc import Awaitable, Callable

from hypercorn.asyncio import serve
from hypercorn.config import Config

MAX_MESSAGE = 64 * 1024 * 1024  # octets

Event = dict  # of ASGI


async def application(
    scope: Event, receive: Callable[[], Awaitable[Event]], send: Callable[[Event], Awaitable[None]]
) -> None:
    if scope["type"] == "lifespan":
        return
    if scope["type"] == "http":  # What is no handshake is the program's to answer.
        await send({"type": "http.response.start", "status": 400, "headers": []})
        await send({"type": "http.response.body"})
        return
    while (event := await receive())["type"] != "websocket.disconnect":
        if event["type"] == "websocket.connect":
            await send({"type": "websocket.accept"})
            if scope["path"].endswith("/close"):
                await send({"type": "websocket.close", "code": 1000})
        else:
            await send({"type": "websocket.send", "bytes": event["bytes"], "text": event["text"]})


def main(port: int) -> None:
    config = Config()
    config.bind = [f"127.0.0.1:{port}"]
    config.websocket_max_message_size = MAX_MESSAGE
    asyncio.run(serve(application, config))


if __name__ == "__main__":
    main(int(sys.argv[1]))
