"""An echo client on Tornado, to be certified: tornado_client.py URL.

At `/close` it starts the closing handshake. Exits with 1 where the handshake failed.
"""

import asyncio
import sys

from tornado.httpclient import HTTPError
from tornado.websocket import WebSocketClosedError, WebSocketError, websocket_connect

MAX_MESSAGE = 64 * 1024 * 1024  # octets


async def main(url: str) -> None:
    connection = await websocket_connect(url, max_message_size=MAX_MESSAGE)
    if url.endswith("/close"):
        connection.close(1000)
    while (message := await connection.read_message()) is not None:
        await connection.write_message(message, binary=isinstance(message, bytes))


if __name__ == "__main__":
    try:
        asyncio.run(main(sys.argv[1]))
    except (OSError, HTTPError, WebSocketError, WebSocketClosedError) as error:
        sys.exit(f"tornado_client.py: {error}")
