"""An echo client on wsproto, to be certified: wsproto_client.py URL.

At `/close` it starts the closing handshake. Each part of a message is sent back as it comes. Exits
with 1 where the handshake or the connection failed.
"""

import socket
import sys
from urllib.parse import urlsplit

from wsproto import ConnectionType, WSConnection
from wsproto.connection import ConnectionState
from wsproto.events import AcceptConnection, CloseConnection, Event, Message, Ping, RejectConnection, Request
from wsproto.utilities import RemoteProtocolError

BLOCK = 64 * 1024  # octets


def main(url: str) -> None:
    address = urlsplit(url)
    connection = WSConnection(ConnectionType.CLIENT)
    with socket.create_connection((address.hostname, address.port)) as stream:
        stream.sendall(connection.send(Request(host=address.netloc, target=address.path or "/")))
        while connection.state is not ConnectionState.CLOSED:
            connection.receive_data(stream.recv(BLOCK) or None)
            for event in connection.events():
                for answer in answers(event, connection, closes=address.path.endswith("/close")):
                    stream.sendall(connection.send(answer))


def answers(event: Event, connection: WSConnection, closes: bool) -> list[Event]:
    match event:
        case AcceptConnection() if closes:
            return [CloseConnection(code=1000)]
        case Message() if connection.state is ConnectionState.OPEN:
            return [type(event)(data=event.data, message_finished=event.message_finished)]
        case Ping() if connection.state is ConnectionState.OPEN:
            return [event.response()]
        case CloseConnection() if connection.state is not ConnectionState.CLOSED:
            return [event.response()]
        case RejectConnection():
            sys.exit(f"wsproto_client.py: refused with {event.status_code}")
    return []


if __name__ == "__main__":
    try:
        main(sys.argv[1])
    except (OSError, RemoteProtocolError) as error:
        sys.exit(f"wsproto_client.py: {error}")
