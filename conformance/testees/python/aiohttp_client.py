"""An echo client on aiohttp, to be certified: aiohttp_client.py URL.

At `/close` it starts the closing handshake. Exits with 1 where the handshake or the connection failed.
"""

import asyncio
import sys

from aiohttp import ClientError, ClientSession, WSMsgType

MAX_MESSAGE = 64 * 1024 * 1024  # octets


async def main(url: str) -> None:
    async with ClientSession() as session:
        async with session.ws_connect(url, max_msg_size=MAX_MESSAGE) as connection:
            if url.endswith("/close"):
                await connection.close(code=1000)
            async for message in connection:
                if message.type is WSMsgType.TEXT:
                    await connection.send_str(message.data)
                elif message.type is WSMsgType.BINARY:
                    await connection.send_bytes(message.data)
            if connection.exception() is not None:
                raise connection.exception()


if __name__ == "__main__":
    try:
        asyncio.run(main(sys.argv[1]))
    except (OSError, ClientError) as error:
        sys.exit(f"aiohttp_client.py: {error}")
