#!/usr/bin/env python3
"""PyPI's abnf, with its Rust engine if that is installed, at the work of peers.rs.

    python3 -m venv venv && venv/bin/pip install abnf==2.9.1 abnf-rust==2.9.1
    wsconform grammar print rules/rfc6455.abnf --pure > rfc6455.plain.abnf
    wsconform grammar print rules/rfc9110.abnf --pure > rfc9110.plain.abnf
    venv/bin/python peers.py rfc6455.plain.abnf rfc9110.plain.abnf

../foreign/run --bench does all that.

Prints the best of several rounds in the units of peers.rs. It reads the same rules, matches the
same octets (as latin-1), and makes a tree as well.
"""

import sys
import time

import abnf
from abnf import parser

HEADER = (
    "permessage-deflate; client_max_window_bits=15; "
    'server_no_context_takeover, x-foo; bar="b"'
)
URI = "ws://[2001:db8::7]:9001/chat/room?user=alice&x="
ROUNDS = 5


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    texts = []
    for path in sys.argv[1:]:
        with open(path, encoding="latin-1", newline="") as file:
            texts.append(file.read().replace("\r\n", "\n").replace("\n", "\r\n"))
    rfc6455, rfc9110 = texts

    print(f"abnf {abnf.__version__}, engine: {parser._BACKEND}")
    line("read RFC 9110", lambda: grammar(rfc9110), rounds=2, seconds=0)
    rules = grammar(rfc6455)
    header = rules("Sec-WebSocket-Extensions")
    uri = rules("ws-URI")
    line("header of 89 octets, with a tree", lambda: header.parse_all(HEADER))
    line("100 such headers in one, with a tree", lambda: header.parse_all(", ".join([HEADER] * 100)))
    line("URI of 47 octets, with a tree", lambda: uri.parse_all(URI))


def grammar(text):
    """The rules of a text, as a class of its own."""

    class Rules(abnf.Rule):
        pass

    Rules.load_grammar(text)
    return Rules


def line(name, work, rounds=ROUNDS, seconds=0.05):
    try:
        best = min(time_of(work, seconds) for _ in range(rounds))
    except Exception as error:  # noqa: BLE001, whatever the peer raises is what is told
        print(f"{name:<44}{type(error).__name__}: {str(error)[:60]}")
        return
    print(f"{name:<44}{told(best):>12}")


def time_of(work, seconds):
    """The time that one call takes, in nanoseconds."""
    begin = time.perf_counter_ns()
    calls = 0
    while True:
        work()
        calls += 1
        passed = time.perf_counter_ns() - begin
        if passed >= seconds * 1e9:
            return passed / calls


def told(nanoseconds):
    if nanoseconds < 10_000:
        return f"{nanoseconds:.0f} ns"
    if nanoseconds < 10_000_000:
        return f"{nanoseconds / 1e3:.1f} us"
    return f"{nanoseconds / 1e6:.1f} ms"


if __name__ == "__main__":
    main()
