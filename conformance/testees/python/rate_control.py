"""The capability rate-control (chapter "Rate control"): a token bucket, requests, ACK and STATUS."""

import asyncio
import re
from codecs import IncrementalDecoder, getincrementaldecoder
from time import monotonic
from typing import TYPE_CHECKING, Any

from control import RESUME, Control
from websockets.exceptions import ProtocolError
from websockets.frames import Frame, Opcode

if TYPE_CHECKING:
    from control import Controlled

UNLIMITED = 2**64 - 1  # a rate; rates are in octets/s
ACK_SPACING = 0.02  # s between two ACK, far within message.budget

RATE, INCREASE, DECREASE, FULL, EFFECTIVE, LIMIT, ACK, STATUS = *range(1, 7), 0x80, 0x81
SOME_RATE = rb"\x00[\x00-\x1f].{6}|\xff{8}"
STATUS_ENTRY = (
    rb"[\x01\x03-\x05\x07\x08\x10]\x01.|[\x02\x06\x20-\x22]\x01[\x00-\x64]|\x13\x04.{4}"
    rb"|[\x11\x12\x23-\x25]\x08.{8}|\x09.(.{8})*|\x0a.(.{4}[\x00-\x64])*"
    rb"|[^\x01-\x0a\x10-\x13\x20-\x25].+"
)


class RateControl(Control):
    """Slows down what is sent as the peer asks, and acknowledges what is received.

    It keeps its promise with `pace=advisory` too, since that is no more work.
    """

    name = "rate-control"
    parameters = Control.parameters | {
        "sender": (lambda v: v in ("client", "server"), "both", lambda o, a: o in ("both", a)),
        "max-rate": (lambda v: 1 <= v < 2**53, UNLIMITED, lambda o, a: True),
        "pace": (lambda v: v == "strict", "advisory", lambda o, a: a in ("advisory", o)),
        "burst": (lambda v: 256 <= v <= 2**24, 65536, lambda o, a: a <= o),
        "step": (lambda v: 1 <= v <= 90, 10, lambda o, a: True),
        "ack": (lambda v: 1024 <= v < 2**53, 0, lambda o, a: a == 0 or 0 < o <= a),
    }
    bodies = Control.bodies | {
        **{RATE: SOME_RATE, EFFECTIVE: SOME_RATE, LIMIT: rb"(?!\x00{8})(%b)" % SOME_RATE},
        **{INCREASE: b"", DECREASE: b"", FULL: b"", ACK: b".{8}"},
    }

    def __init__(self, role: str, own: dict[str, Any], peer: dict[str, Any]) -> None:
        self.sent, self.since = 0, monotonic()  # octets of data
        self.peer_processed = 0  # of these, as the peer's last ACK told
        self.processed = self.acknowledged = 0  # octets of the peer's data
        self.text: IncrementalDecoder | None = None  # of the text message that is coming in
        super().__init__(role, own, peer)
        self.peer_activate()

    def activate(self) -> None:
        self.maximum = self.rate = self.target = self.last = self.own["max-rate"]
        self.tokens, self.filled = float(self.agreed["burst"]), monotonic()

    def peer_activate(self) -> None:
        """The same for what the peer does."""
        self.peer_rate, self.peer_maximum = None, self.peer["max-rate"]  # as EFFECTIVE, LIMIT tell

    def decode(self, frame: Frame, *, max_size: int | None = None) -> Frame:
        """Judges text at once: the library waits for the application, and that may wait for a pace."""
        frame = super().decode(frame)
        if frame.opcode is Opcode.TEXT:
            self.text = getincrementaldecoder("utf-8")()
        if self.text is not None and frame.opcode in (Opcode.TEXT, Opcode.CONT):
            self.text.decode(bytes(frame.data), frame.fin)
            self.text = None if frame.fin else self.text
        return frame

    def handle(self, kind: int, body: bytes) -> None:
        value = int.from_bytes(body)
        if kind in (RATE, INCREASE, DECREASE, FULL):
            self.aim(self.requested(kind, value))
        elif kind == EFFECTIVE:
            self.peer_rate = value
        elif kind == LIMIT:
            self.peer_maximum = value
        elif kind == ACK:
            if not self.peer_processed <= value <= self.sent:
                raise ProtocolError("rate.ack.impossible")
            self.peer_processed = value
        elif kind == STATUS:
            check_status(body)
        elif kind == RESUME:
            self.peer_activate()

    def requested(self, kind: int, rate: int) -> int:
        base = self.target if self.target < UNLIMITED else self.measured()
        step = max(1, base * self.agreed["step"] // 100)
        if kind == INCREASE:
            return self.target + step if self.target else self.last
        if kind == DECREASE:
            return max(1, base - step) if self.target else 0
        return UNLIMITED if kind == FULL else rate

    def measured(self) -> int:
        """What an unlimited sender has sent a second, or could have."""
        elapsed = max(monotonic() - self.since, 1.0)
        return max(self.agreed["burst"], int(self.sent / elapsed))

    def aim(self, rate: int) -> None:
        """Goes for the nearest rate that can be told and is within the maximum."""
        self.fill()
        self.target = min(rate if rate < 2**53 else UNLIMITED, self.maximum)
        self.last = self.target or self.last
        self.say(EFFECTIVE, self.target.to_bytes(8))

    def limit(self, rate: int) -> None:
        """Tells the peer the maximum of this side from now on, which is not 0."""
        self.maximum = rate
        self.say(LIMIT, rate.to_bytes(8))
        if self.target > rate:
            self.aim(rate)

    def said(self, kind: int, body: bytes) -> None:
        super().said(kind, body)
        if kind == EFFECTIVE:
            self.fill()
            self.rate = int.from_bytes(body)

    def fill(self) -> int:
        """Fills the bucket; returns the pace. A higher one, and a pause, have to be told first."""
        pace, now = min(self.rate, self.target) or self.rate, monotonic()
        self.tokens = min(self.agreed["burst"], self.tokens + pace * (now - self.filled))
        self.filled = now
        return pace

    def grant(self, size: int) -> tuple[int, float | None]:
        pace = self.fill()
        if pace == 0:
            return size, None
        if pace < UNLIMITED:
            # Waiting for a full bucket would waste what comes while a timer is late.
            size = min(size, self.agreed["burst"] // 2)
            if size > self.tokens:
                return size, (size - self.tokens) / pace
            self.tokens -= size
        self.sent += size
        return size, 0

    def done(self, size: int) -> None:
        super().done(size)
        self.processed += size

    async def run(self, connection: "Controlled") -> None:
        """Acknowledges, in its time (rate.ack.due)."""
        while self.agreed["ack"] and self.speaks:
            if self.processed - self.acknowledged >= self.agreed["ack"] and not self.resting:
                self.acknowledged = self.processed
                self.say(ACK, self.processed.to_bytes(8))
                connection.react()
                await asyncio.sleep(ACK_SPACING)
            else:
                await connection.changed.wait()


def check_status(entries: bytes) -> None:
    known = set()
    while entries:
        end = 2 + int.from_bytes(entries[1:2])
        entry, entries = entries[:end], entries[end:]
        if len(entry) < end or entry[0] in known or not re.fullmatch(STATUS_ENTRY, entry, re.DOTALL):
            raise ProtocolError("rate.status.malformed")
        known.add(entry[0])
