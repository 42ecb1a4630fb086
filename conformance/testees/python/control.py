"""The control layer on top of `websockets`: handshake, filter, escape, suspension, paced sending.

    serve(handler, host, port, **server_options(Offer(RateControl), Offer(Heartbeat)))
    connect(url, **client_options(Offer(RateControl, pace="strict", ack=1024)))

Connections send() and recv() as those of the library do: control messages are taken out of what is
received; what is sent is escaped and paced. What a capability does stands in a file of its own.
Ids such as rate.starved are requirements of the book.
"""

import asyncio
import re
from collections.abc import AsyncIterator, Coroutine
from contextlib import suppress
from typing import Any

from websockets.asyncio.client import ClientConnection
from websockets.asyncio.connection import Connection
from websockets.asyncio.server import ServerConnection
from websockets.exceptions import ConnectionClosed, PayloadTooBig, ProtocolError
from websockets.extensions import Extension
from websockets.frames import Frame, Opcode
from websockets.protocol import State

MAX_CONTROL = 4096  # octets (filter.limit)
MAX_UNREAD = 1024 * 1024  # octets that wait for the application before no more are read
MAX_DUE = 1000  # control messages that wait for the end of a data message
SUSPEND, RESUME = 0x7E, 0x7F


class Control(Extension):
    """A capability in use. It sees frames, so that it acts whatever the application does."""

    # Of each parameter: what is allowed besides the default, the default, what answers fit an offer.
    parameters = {"control": (re.compile("[0-9A-Fa-f]{8}").fullmatch, None, lambda o, a: a)}
    bodies = {SUSPEND: b"", RESUME: b""}  # patterns of the bodies, by type

    def __init__(self, role: str, own: dict[str, Any], peer: dict[str, Any]) -> None:
        self.own, self.peer, self.agreed = own, peer, peer if role == "client" else own
        self.sequence, sender = bytes.fromhex(self.agreed["control"]), self.agreed["sender"]
        self.speaks, self.peer_speaks = sender in ("both", role), sender != role
        self.armed = self.resting = self.peer_resting = False  # by an escape; by SUSPEND
        self.unfinished = False  # a message
        self.held: bytes | None = None  # what came of one that is no data, or may be none
        self.due: list[tuple[int, bytes]] = []  # what to send at the next message boundary
        self.unread = 0  # octets of data that wait for the application
        self.activate()

    def decode(self, frame: Frame, *, max_size: int | None = None) -> Frame:
        """Filters. What is taken becomes a Pong, which the library passes over."""
        if frame.opcode >= Opcode.CLOSE:
            return frame
        if self.unfinished and frame.opcode is not Opcode.CONT:
            raise ProtocolError("expected a continuation frame")  # The library does not see it all.
        self.unfinished = not frame.fin
        begun = self.held is not None
        if self.peer_speaks and frame.opcode is (Opcode.CONT if begun else Opcode.BINARY):
            data, self.held = (self.held or b"") + frame.data, None
            ours = data[:4] == self.sequence[: len(data)] and (len(data) >= 4 or not frame.fin)
            if ours and not (self.armed and len(data) >= 4):
                self.take(data, frame.fin)
                frame.opcode, frame.data, frame.fin = Opcode.PONG, self.sequence, True
                return frame
            self.armed = self.armed and not ours
            frame.opcode, frame.data = Opcode.BINARY, data
        self.unread += len(frame.data)
        return frame

    def encode(self, frame: Frame) -> Frame:
        return frame

    def take(self, data: bytes, whole: bool) -> None:
        """Takes what begins with the sequence, or may begin with it."""
        if len(data) > MAX_CONTROL:
            raise PayloadTooBig(len(data), MAX_CONTROL)
        if not whole:
            self.held = data
        elif len(data) == 4:
            self.armed = True
        elif not self.resting or self.peer_resting or data[4] == SUSPEND:  # or suspend.in-flight
            self.judge(data[4], data[5:])

    def judge(self, kind: int, body: bytes) -> None:
        if self.peer_resting != (kind == RESUME):
            raise ProtocolError("suspend.turn")
        if kind < 0x80 and kind not in self.bodies:
            raise ProtocolError("message.critical")
        if not re.fullmatch(self.bodies.get(kind, b".*"), body, re.DOTALL):
            raise ProtocolError("message.malformed")
        self.handle(kind, body)
        if kind in (SUSPEND, RESUME):
            self.peer_resting = kind == SUSPEND
            self.rest(self.peer_resting)

    def rest(self, resting: bool) -> None:
        """Suspends or resumes, unless that was said: two that cross answer each other."""
        if self.resting != resting:
            self.resting = resting
            self.say(SUSPEND if resting else RESUME)
        if not self.peer_speaks:
            self.peer_resting = resting  # Nobody answers (suspend.one-sided).

    def say(self, kind: int, body: bytes = b"") -> None:
        """Has a message sent at the next boundary, one for several in a row (message.merged)."""
        if self.due and self.due[-1][0] == kind:
            self.due.pop()
        self.due.append((kind, body))

    def said(self, kind: int, body: bytes) -> None:
        """Puts in force what is sent now, or would be by one who may speak."""
        if kind in (SUSPEND, RESUME):
            self.activate()

    # What a capability may add.

    def activate(self) -> None:
        """Sets all that it does to what it was at the opening (suspend.fresh)."""

    def handle(self, kind: int, body: bytes) -> None:
        """Takes a message that is well-formed, or of an unknown type that can be ignored."""

    def grant(self, size: int) -> tuple[int, float | None]:
        """How many of `size` octets of data may go next, and in how many s; None: in a pause.

        What may go at once counts as sent.
        """
        return size, 0

    def done(self, size: int) -> None:
        """The application is done with so many octets of data."""
        self.unread -= size

    async def run(self, connection: "Controlled") -> None:
        """Says what nobody asked for."""


class Controlled(Connection):
    """A connection of the library, with control messages."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.controls: list[Control] = []
        self.tasks: list[asyncio.Task[None]] = []
        self.order = asyncio.Lock()  # one data message after the other
        self.changed = asyncio.Event()  # is set for a moment
        self.busy = False  # from an escape, or a first fragment, to the end of the message
        self.taken = 0  # octets that the application works on

    def start(self) -> None:
        if self.state is State.OPEN and not self.controls:
            self.controls = [e for e in self.protocol.extensions if isinstance(e, Control)]
            self.tasks = [self.loop.create_task(each.run(self)) for each in self.controls]

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        self.start()
        self.react()

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        for task in self.tasks:
            task.cancel()
        self.react()

    def react(self) -> None:
        """Looks again at what may have changed: what waits, what is due, whether to read on."""
        self.changed.set()
        self.changed.clear()
        if not self.controls or self.state is not State.OPEN:
            return
        if any(len(each.due) > MAX_DUE for each in self.controls):
            self.later(self.close(1008, "message.flood"))
        elif any(each.due for each in self.controls) and not self.busy:
            self.later(self.flush())
        if self.controls[0].unread <= MAX_UNREAD:  # The first sees what all of them let pass.
            self.transport.resume_reading()
        elif any(each.grant(0)[1] is None for each in self.controls):
            self.later(self.close(1008, "rate.starved"))  # Not reading would make the pause endless.
        else:
            self.transport.pause_reading()

    def later(self, work: Coroutine[Any, Any, None]) -> None:
        self.tasks = [task for task in self.tasks if not task.done()] + [self.loop.create_task(work)]

    async def recv(self, decode: bool | None = None) -> str | bytes:
        self.start()
        for each in self.controls:
            each.done(self.taken)
        self.taken = 0
        self.react()
        message = await super().recv(decode)
        self.taken = len(message.encode() if isinstance(message, str) else message)
        return message

    async def send(self, message: str | bytes, *, text: bool | None = None) -> None:
        self.start()
        data = message.encode() if isinstance(message, str) else bytes(message)
        text = isinstance(message, str) if text is None else text
        async with self.order:
            size = await self.granted(len(data))
            self.busy = True
            try:
                if not text and any(data[:4] == c.sequence and c.speaks for c in self.controls):
                    await super().send(data[:4])
                part = data if size == len(data) else self.fragments(data, size)
                await super().send(part, text=text)
            finally:
                self.busy = False
            await self.flush()

    async def fragments(self, data: bytes, size: int) -> AsyncIterator[memoryview]:
        rest = memoryview(data)
        while rest:
            yield rest[:size]
            rest = rest[size:]
            size = await self.granted(len(rest))

    async def granted(self, size: int) -> int:
        """Waits until some of so many octets of data may go; returns how many."""
        while self.state is State.OPEN:
            await self.flush()  # Whatever is due comes first (rate.strict.answered).
            grants = [each.grant(size) for each in self.controls]
            delay = next((delay for _, delay in grants if delay != 0), 0)
            if delay == 0:
                return min([size, *(granted for granted, _ in grants)])
            with suppress(TimeoutError):
                await asyncio.wait_for(self.changed.wait(), delay)
        return size

    async def flush(self) -> None:
        """Sends what is due, unless a message is in progress."""
        while not self.busy and (each := next((c for c in self.controls if c.due), None)):
            kind, body = each.due.pop(0)
            each.said(kind, body)
            self.changed.set()
            self.changed.clear()
            if each.speaks:
                with suppress(ConnectionClosed):
                    await super().send(each.sequence + bytes([kind]) + body)


class ControlledServer(Controlled, ServerConnection):
    pass


class ControlledClient(Controlled, ClientConnection):
    pass
