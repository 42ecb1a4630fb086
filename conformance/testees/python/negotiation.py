"""The opening handshake of the control layer: offers, answers, and the sequences in them.

    serve(handler, host, port, **server_options(Offer(RateControl), Offer(Heartbeat)))
    connect(url, **client_options(Offer(RateControl, pace="strict", ack=1024)))

The library reads and writes the grammar of the header; this file judges what stands there (chapter
"Negotiation").
"""

import re
import secrets
from typing import Any

from control import Control, ControlledClient, ControlledServer
from websockets.exceptions import NegotiationError
from websockets.extensions import ClientExtensionFactory, ServerExtensionFactory

Parameters = list[tuple[str, str | None]]


class Offer(ClientExtensionFactory, ServerExtensionFactory):
    """What a client offers; what a server answers where that is not what it was offered."""

    def __init__(self, kind: type[Control], **own: Any) -> None:
        self.kind, self.name = kind, kind.name
        self.own = {key.replace("_", "-"): value for key, value in own.items()}

    def get_request_params(self) -> Parameters:
        return self.write(self.own)

    def process_response_params(self, parameters: Parameters, accepted: list) -> Control:
        offer, answer = self.read([]) | self.own, self.read(parameters)
        for key, (_, _, fits) in self.kind.parameters.items():
            self.demand(fits(offer[key], answer[key]), f"{key} does not fit the offer")
        self.demand(self.promises(answer), "a strict sender has to speak")
        self.demand(bytes.fromhex(answer["control"]) not in self.taken(accepted), "taken")
        return self.kind("client", offer, answer)

    def process_request_params(self, parameters: Parameters, accepted: list) -> tuple:
        offer, taken = self.read(parameters), self.taken(accepted)
        self.demand(not offer["control"], "the sequence is the server's to choose")
        # The first cannot begin text, the others are next to it (sequence.block).
        first = 0xF0000000 | secrets.randbits(27) & 0x07FFFF70
        number = int.from_bytes(max(taken)) + 1 if taken else first
        answer = offer | self.own | {"control": f"{number:08X}"}
        if not self.promises(answer):
            answer["pace"] = "advisory"
        return self.write(answer), self.kind("server", answer, offer)

    def read(self, parameters: Parameters) -> dict[str, Any]:
        known, values = self.kind.parameters, {}
        for key, text in parameters:
            self.demand(key in known and key not in values, f"{key} is unknown or repeated")
            allowed, default, _ = known[key]
            if isinstance(default, int):
                text = int(text) if re.fullmatch("0|[1-9][0-9]{0,15}", text or "") else None
            self.demand(text is not None and (text == default or allowed(text)), f"{key}={text}")
            values[key] = text
        return {key: default for key, (_, default, _) in known.items()} | values

    def write(self, values: dict[str, Any]) -> Parameters:
        known = self.kind.parameters
        return [(key, str(value)) for key, value in values.items() if value != known[key][1]]

    def promises(self, answer: dict[str, Any]) -> bool:
        return answer.get("pace") != "strict" or answer["sender"] == "both"

    def taken(self, accepted: list) -> set[bytes]:
        controls = [each for each in accepted if isinstance(each, Control)]
        self.demand(all(each.name != self.name for each in controls), "accepted twice")
        return {each.sequence for each in controls}

    def demand(self, holds: object, reason: str) -> None:
        if not holds:
            raise NegotiationError(f"{self.name}: {reason}")


def server_options(*offers: Offer) -> dict[str, Any]:
    """What to give to serve(), so that its connections accept these capabilities."""
    return options(ControlledServer, offers)


def client_options(*offers: Offer) -> dict[str, Any]:
    """What to give to connect(), so that its connection offers these capabilities."""
    return options(ControlledClient, offers)


def options(connection: type, offers: tuple[Offer, ...]) -> dict[str, Any]:
    # The layer bounds what is unread, in octets; and it would have to look below a compression.
    extensions = list(offers)
    return dict(create_connection=connection, extensions=extensions, compression=None, max_queue=None)
