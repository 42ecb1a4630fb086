"""A server on the `websockets` library, to be certified: websockets_server.py PORT.

Listens on 127.0.0.1:PORT until it is ended. The last segment of the request's path chooses the
application: source, sink, close, and echo for every other.
"""

import asyncio
import logging
import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosedError, ConnectionClosedOK

MAX_MESSAGE = 64 * 1024 * 1024  # octets
BLOCK = bytes(1024)


async def main(port: int, **options: Any) -> None:
    options = {"compression": None, "max_size": MAX_MESSAGE, "ping_interval": None} | options
    async with serve(application, "127.0.0.1", port, **options) as server:
        await server.serve_forever()


async def application(connection: ServerConnection) -> None:
    path = urlsplit(connection.request.path).path
    run = APPLICATIONS.get(path.rpartition("/")[2], echo)
    try:
        await run(connection)
    except ConnectionClosedOK:
        pass
    except ConnectionClosedError as error:
        logging.warning("%s", error)  # The end of this connection alone.


async def echo(connection: ServerConnection) -> None:
    async for message in connection:
        await connection.send(message)


async def source(connection: ServerConnection) -> None:
    # Unread messages would stop the library from reading, and so from seeing the peer's close.
    reader = asyncio.create_task(sink(connection))
    try:
        while True:
            await connection.send(BLOCK)
            await asyncio.sleep(0)  # A send into a socket with room never yields to the others.
    finally:
        reader.cancel()
        await asyncio.gather(reader, return_exceptions=True)


async def sink(connection: ServerConnection) -> None:
    async for _ in connection:
        pass


async def close(connection: ServerConnection) -> None:
    await connection.close(1000)


APPLICATIONS = {"source": source, "sink": sink, "close": close}


def run(**options: Any) -> None:
    """Runs the program; the options are those of the library's serve()."""
    program = Path(sys.argv[0]).name
    if len(sys.argv) != 2 or not sys.argv[1].isdecimal():
        print(f"usage: {program} PORT", file=sys.stderr)
        sys.exit(2)
    logging.basicConfig(format=f"{program}: %(message)s", level=logging.WARNING)
    try:
        asyncio.run(main(int(sys.argv[1]), **options))
    except (OSError, OverflowError) as error:
        sys.exit(f"{program}: cannot listen on 127.0.0.1:{sys.argv[1]}: {error}")
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    run()
