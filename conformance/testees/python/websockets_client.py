"""A client on the `websockets` library, to be certified: websockets_client.py URL.

Connects once and echoes each message until the connection is closed. Exits with 0 after a normal
close, and with 1 and a line on stderr after anything else.
"""

import asyncio
import sys
from pathlib import Path
from typing import Any

from websockets.asyncio.client import connect
from websockets.exceptions import WebSocketException

MAX_MESSAGE = 64 * 1024 * 1024  # octets


async def main(url: str, **options: Any) -> None:
    options = {"compression": None, "max_size": MAX_MESSAGE, "ping_interval": None} | options
    async with connect(url, proxy=None, **options) as connection:
        async for message in connection:
            await connection.send(message)


def run(**options: Any) -> None:
    """Runs the program; the options are those of the library's connect()."""
    program = Path(sys.argv[0]).name
    if len(sys.argv) != 2:
        print(f"usage: {program} URL", file=sys.stderr)
        sys.exit(2)
    try:
        asyncio.run(main(sys.argv[1], **options))
    except (OSError, ValueError, WebSocketException) as error:
        sys.exit(f"{program}: " + " ".join(str(error).split()))
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    run()
