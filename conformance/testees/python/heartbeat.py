"""The capability heartbeat (chapter "Heartbeat")."""

import asyncio
from contextlib import suppress
from time import monotonic
from typing import TYPE_CHECKING

from control import Control
from websockets.frames import Frame

if TYPE_CHECKING:
    from control import Controlled

BEAT, ECHO = 1, 2


class Heartbeat(Control):
    """Answers each BEAT, and sends one when nothing was heard for the interval that was agreed on.

    It gives up no connection: TCP may know better.
    """

    name = "heartbeat"
    parameters = Control.parameters | {
        "sender": (lambda v: False, "both", lambda o, a: True),
        "interval": (lambda v: 100 <= v <= 3_600_000, 0, lambda o, a: a == 0 or 0 < o <= a),
    }
    bodies = Control.bodies | {BEAT: b".{0,125}", ECHO: b".{0,125}"}

    def activate(self) -> None:
        self.heard = monotonic()  # any frame, and the last BEAT of one's own

    def decode(self, frame: Frame, *, max_size: int | None = None) -> Frame:
        self.heard = monotonic()
        return super().decode(frame)

    def handle(self, kind: int, body: bytes) -> None:
        if kind == BEAT:
            self.say(ECHO, body)

    async def run(self, connection: "Controlled") -> None:
        interval = self.agreed["interval"] / 1000  # s
        while interval:
            silence = monotonic() - self.heard
            if silence >= interval:
                self.heard = monotonic()
                if not self.resting:
                    self.say(BEAT)
                    connection.react()
            await asyncio.sleep(interval - silence)
