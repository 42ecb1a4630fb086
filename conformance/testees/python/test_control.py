"""What the control layer decides, without a connection; `run` starts it where the library is."""

import unittest
from unittest import mock

from control import RESUME, SUSPEND, Control
from heartbeat import BEAT, ECHO, Heartbeat
from negotiation import Offer
from rate_control import (
    ACK,
    DECREASE,
    EFFECTIVE,
    FULL,
    INCREASE,
    RATE,
    UNLIMITED,
    RateControl,
    check_status,
)
from websockets.exceptions import NegotiationError, PayloadTooBig, ProtocolError
from websockets.frames import Frame, Opcode

SEQUENCE = bytes.fromhex("F0800010")


def rate_control(role: str = "server", **values) -> RateControl:
    offer = Offer(RateControl, control="F0800010", **values)
    agreed = offer.read([]) | offer.own
    return RateControl(role, agreed, agreed)


def message(kind: int, number: int | None = None) -> Frame:
    body = b"" if number is None else number.to_bytes(8)
    return Frame(Opcode.BINARY, SEQUENCE + bytes([kind]) + body)


def told(control: Control) -> list[tuple[int, bytes]]:
    """Sends what is due."""
    due, control.due = control.due, []
    for kind, body in due:
        control.said(kind, body)
    return due


class Filter(unittest.TestCase):
    def passes(self, control: Control, *frames: Frame) -> list[bytes]:
        decoded = [control.decode(frame) for frame in frames]
        return [bytes(each.data) for each in decoded if each.opcode is not Opcode.PONG]

    def test_an_escape_arms_for_the_next_message_with_the_sequence(self):
        data = [Frame(Opcode.BINARY, each) for each in (SEQUENCE, b"other", SEQUENCE + b"\x00")]
        self.assertEqual(self.passes(rate_control(), *data), [b"other", SEQUENCE + b"\x00"])

    def test_a_message_is_judged_the_same_however_it_is_cut(self):
        for cut in range(5):
            control = rate_control()
            first = Frame(Opcode.BINARY, message(FULL).data[:cut], fin=False)
            rest = Frame(Opcode.CONT, message(FULL).data[cut:])
            self.assertEqual(self.passes(control, first, rest), [])
            self.assertEqual([kind for kind, _ in control.due], [EFFECTIVE])

    def test_data_that_were_held_are_passed_on_whole(self):
        first = Frame(Opcode.BINARY, SEQUENCE[:2], fin=False)
        self.assertEqual(self.passes(rate_control(), first, Frame(Opcode.CONT, b"!")), [SEQUENCE[:2] + b"!"])

    def test_text_is_judged_before_the_application_reads_it(self):
        control = rate_control()
        control.decode(Frame(Opcode.TEXT, b"\xc3", fin=False))
        control.decode(Frame(Opcode.CONT, b"\xa4"))
        control.decode(Frame(Opcode.TEXT, b"\xc3", fin=False))
        with self.assertRaises(UnicodeDecodeError):
            control.decode(Frame(Opcode.CONT, b"("))

    def test_no_message_begins_inside_of_another(self):
        for begun in (b"data", SEQUENCE):
            control = rate_control()
            control.decode(Frame(Opcode.BINARY, begun, fin=False))
            with self.assertRaises(ProtocolError):
                control.decode(message(FULL))

    def test_a_control_message_has_a_limit_and_escaped_data_have_none(self):
        data = SEQUENCE + bytes(4093)
        with self.assertRaises(PayloadTooBig):
            rate_control().decode(Frame(Opcode.BINARY, data))
        frames = Frame(Opcode.BINARY, SEQUENCE), Frame(Opcode.BINARY, data)
        self.assertEqual(self.passes(rate_control(), *frames), [data])

    def test_a_direction_without_control_messages_is_not_inspected(self):
        self.assertEqual(self.passes(rate_control(sender="server"), message(0)), [message(0).data])


class Suspension(unittest.TestCase):
    def test_each_is_answered_and_out_of_turn_none_is_taken(self):
        control = rate_control()
        for kind, wrong in ((SUSPEND, SUSPEND), (RESUME, RESUME)):
            control.decode(message(kind))
            self.assertEqual(told(control), [(kind, b"")])
            with self.assertRaises(ProtocolError):
                control.decode(message(wrong))

    def test_what_was_in_flight_is_ignored_and_the_answer_is_not_answered(self):
        control = rate_control()
        control.rest(True)
        self.assertEqual(told(control), [(SUSPEND, b"")])
        for frame in (message(RATE, 5), message(0x00), message(SUSPEND)):
            control.decode(frame)
        self.assertEqual(told(control), [])

    def test_one_reply_is_for_several_requests_in_a_row(self):
        control = rate_control()
        for kind in (INCREASE, FULL, SUSPEND, RESUME, SUSPEND):
            control.decode(message(kind))
        self.assertEqual([kind for kind, _ in told(control)], [EFFECTIVE, SUSPEND, RESUME, SUSPEND])

    def test_it_ends_what_was_promised(self):
        control = rate_control()
        control.decode(message(RATE, 0))
        told(control)
        self.assertEqual(control.grant(1), (1, None))
        control.decode(message(SUSPEND))
        told(control)
        self.assertEqual(control.grant(1), (1, 0))


class Pace(unittest.TestCase):
    def setUp(self):
        clock = mock.patch("rate_control.monotonic", lambda: self.now)
        clock.start()
        self.addCleanup(clock.stop)
        self.now = 100.0

    def ask(self, control: RateControl, kind: int, number: int | None = None) -> int:
        control.decode(message(kind, number))
        ((kind, body),) = told(control)
        self.assertEqual(kind, EFFECTIVE)
        return int.from_bytes(body)

    def test_between_any_two_instants_no_more_than_rate_and_burst_allow(self):
        control = rate_control(burst=4096)
        self.ask(control, RATE, 1000)
        sent = 0
        for _ in range(100):
            size, delay = control.grant(10_000)
            if delay:
                self.now += delay + 1e-9
            else:
                sent += size
                self.assertLessEqual(sent, 1000 * (self.now - 100) + 4096 + 1e-3)
        self.assertGreater(sent, 0.95 * 1000 * (self.now - 100))

    def test_a_later_effective_changes_the_rate_and_not_the_fill(self):
        control = rate_control(burst=256)
        self.ask(control, RATE, 100)
        self.assertEqual([control.grant(128)[1] for _ in range(2)], [0, 0])
        self.ask(control, RATE, 200)
        self.assertAlmostEqual(control.grant(100)[1], 0.5)

    def test_idle_time_saves_up_a_burst_and_no_more(self):
        control = rate_control(burst=256)
        self.ask(control, RATE, 100)
        self.now += 3600
        self.assertEqual([control.grant(128)[1] == 0 for _ in range(3)], [True, True, False])

    def test_a_lower_rate_holds_before_it_is_told_and_a_higher_one_or_a_pause_does_not(self):
        for asked, delay in ((50, 2.0), (1000, 1.0), (0, 1.0)):
            control = rate_control(burst=256)
            self.ask(control, RATE, 100)
            control.grant(128), control.grant(128)
            control.decode(message(RATE, asked))
            self.assertAlmostEqual(control.grant(100)[1], delay)

    def test_requests_lead_to_the_nearest_rate_that_can_be(self):
        control = rate_control(step=10, max_rate=100_000)
        steps = [
            *((RATE, 10**6, 100_000), (DECREASE, None, 90_000), (INCREASE, None, 99_000)),
            *((RATE, 0, 0), (DECREASE, None, 0), (INCREASE, None, 99_000), (FULL, None, 100_000)),
            *((RATE, 1, 1), (DECREASE, None, 1), (INCREASE, None, 2), (RATE, UNLIMITED, 100_000)),
        ]
        for kind, asked, effective in steps:
            self.assertEqual(self.ask(control, kind, asked), effective)

    def test_an_unlimited_rate_stays_so_and_slows_down_from_what_was_measured(self):
        control = rate_control(step=10)
        self.assertEqual(self.ask(control, INCREASE), UNLIMITED)
        control.grant(10**6)
        self.now += 2
        self.assertEqual(self.ask(control, DECREASE), 450_000)

    def test_an_ack_never_goes_back_or_beyond_what_was_sent(self):
        control = rate_control()
        control.grant(1000)
        control.decode(message(ACK, 500))
        for processed in (499, 1001):
            with self.assertRaises(ProtocolError):
                control.decode(message(ACK, processed))


class Entries(unittest.TestCase):
    def test_status(self):
        for good in ("", "06 01 64", "09 08 0000000000000001", "FF 00", "0B 02 0000", "06 01 64 20 01 00"):
            check_status(bytes.fromhex(good))
        for bad in ("06", "06 01", "06 01 65", "06 02 0000", "06 01 01 06 01 01", "0A 05 0000000065"):
            with self.assertRaises(ProtocolError):
                check_status(bytes.fromhex(bad))

    def test_a_beat_is_echoed(self):
        agreed = Offer(Heartbeat).read([("control", "F0800010")])
        control = Heartbeat("client", agreed, agreed)
        control.decode(Frame(Opcode.BINARY, SEQUENCE + bytes([BEAT]) + b"there?"))
        self.assertEqual(told(control), [(ECHO, b"there?")])


class Negotiation(unittest.TestCase):
    def test_an_offer_is_accepted_as_it_is(self):
        offer = [("pace", "strict"), ("burst", "256"), ("ack", "1024")]
        answer, control = Offer(RateControl).process_request_params(offer, [])
        self.assertEqual(dict(offer) | {"control": control.sequence.hex().upper()}, dict(answer))
        self.assertRaises(UnicodeDecodeError, control.sequence.decode)

    def test_the_next_sequence_is_next_to_the_first(self):
        _, first = Offer(RateControl).process_request_params([], [])
        _, second = Offer(Heartbeat).process_request_params([], [first])
        self.assertEqual(int.from_bytes(second.sequence), int.from_bytes(first.sequence) + 1)

    def test_a_strict_sender_has_to_speak(self):
        answer, _ = Offer(RateControl).process_request_params([("pace", "strict"), ("sender", "client")], [])
        self.assertNotIn("pace", dict(answer))

    def test_what_is_not_acceptable_is_passed_over(self):
        for bad in (("burst", "255"), ("step", "05"), ("pace", None), ("colour", "red"), ("control", "F0800010")):
            with self.assertRaises(NegotiationError):
                Offer(RateControl).process_request_params([bad], [])

    def test_an_answer_must_not_widen_the_offer(self):
        offer = Offer(RateControl, burst=4096, ack=2048)
        control = ("control", "f0800010")
        offer.process_response_params([control, ("burst", "256"), ("ack", "4096")], [])
        for bad in ([], [control], [control, ("burst", "256"), ("ack", "1024")]):
            with self.assertRaises(NegotiationError):
                offer.process_response_params(bad, [])


if __name__ == "__main__":
    unittest.main()
