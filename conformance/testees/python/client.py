"""A client on the `websockets` library, to be certified: client.py URL.

Connects once and echoes each message until the connection is closed. Exits with 0 after a normal
close, and with 1 and a line on stderr after anything else.
"""

import asyncio
import sys

from websockets.asyncio.client import connect
from websockets.exceptions import WebSocketException

MAX_MESSAGE = 16 * 1024 * 1024  # octets


async def main(url: str) -> None:
    async with connect(
        url,
        compression=None,
        max_size=MAX_MESSAGE,
        ping_interval=None,
        proxy=None,
    ) as connection:
        async for message in connection:
            await connection.send(message)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        print("usage: client.py URL", file=sys.stderr)
        sys.exit(2)
    try:
        asyncio.run(main(sys.argv[1]))
    except (OSError, ValueError, WebSocketException) as error:
        sys.exit("client.py: " + " ".join(str(error).split()))
    except KeyboardInterrupt:
        sys.exit(130)
