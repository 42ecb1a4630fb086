"""An echo server on aiohttp, to be certified: aiohttp_server.py PORT.

At `/close` it starts the closing handshake.
"""

import sys

from aiohttp import WSMsgType, web

MAX_MESSAGE = 64 * 1024 * 1024  # octets


async def application(request: web.Request) -> web.WebSocketResponse:
    connection = web.WebSocketResponse(compress=False, max_msg_size=MAX_MESSAGE)
    await connection.prepare(request)
    if request.path.endswith("/close"):
        await connection.close(code=1000)
    async for message in connection:
        if message.type is WSMsgType.TEXT:
            await connection.send_str(message.data)
        elif message.type is WSMsgType.BINARY:
            await connection.send_bytes(message.data)
    return connection


def main(port: int) -> None:
    app = web.Application()
    app.add_routes([web.get("/{path:.*}", application)])
    web.run_app(app, host="127.0.0.1", port=port, print=None)


if __name__ == "__main__":
    main(int(sys.argv[1]))
