#!/usr/bin/env python3
"""Holds wsconform's reading of grammars against PyPI's abnf: compare.py WSCONFORM

Octets go to it as latin-1, grammars as plain ABNF, so directives do not count: what matches with
them has to match there without, and what is a near-miss without them must not match. Prints a line
for each grammar; what PyPI's abnf cannot tell is counted apart. Exits with 1 on the first verdict
that differs, or if too little was compared.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

import abnf

HERE = Path(__file__).resolve().parent
RULES = HERE.parent / "rules"
EXAMPLES = HERE.parent / "examples"

# The grammars, with the rules whose sentences are compared.
GRAMMARS = [
    ([RULES / "rfc3629.abnf"], ["UTF8-octets"]),
    ([RULES / "rfc3986.abnf"], ["URI", "relative-ref", "authority", "IPv6address", "path"]),
    ([RULES / "rfc5234.abnf"], ["rule", "rulename", "num-val", "repetition"]),
    (
        [RULES / "rfc9110.abnf"],
        ["Accept", "Authorization", "Content-Range", "HTTP-date", "Host", "Vary", "Via", "media-type"],
    ),
    ([RULES / "rfc6455.abnf"], ["Sec-WebSocket-Extensions", "Sec-WebSocket-Accept", "ws-URI"]),
    ([EXAMPLES / "dates.abnf"], ["date-time"]),
    (
        ["--book"],
        ["frame", "frame-head", "close-payload", "host", "rate-offer", "rate-message"]
        + ["sec-websocket-extensions", "sec-websocket-key", "sec-websocket-protocol", "ws-uri"],
    ),
]

# Sentences of each rule.
COUNT = 40


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    wsconform = sys.argv[1]
    with tempfile.TemporaryDirectory() as folder:
        for sources, rules in GRAMMARS:
            compare(wsconform, sources, rules, Path(folder) / "plain.abnf")
    print("abnf", abnf.__version__, "agrees")


def compare(wsconform, sources, rules, plain):
    """Compares the sentences of one grammar."""

    def grammar(verb, *arguments):
        command = [wsconform, "grammar", verb, *map(str, arguments)]
        done = subprocess.run(command, capture_output=True, check=False)
        # 3: there is no such sentence, as `*OCTET` has no near-miss.
        if done.returncode not in (0, 3):
            sys.exit(f"{' '.join(command)}\n{done.stderr.decode()}")
        return done.stdout.decode()

    def made(*arguments):
        lines = grammar("generate", *arguments, "--format", "json").splitlines()
        return [bytes.fromhex(json.loads(line)["octets"]) for line in lines]

    text = grammar("print", *sources, "--pure")
    plain.write_text(text, encoding="ascii", newline="\n")

    class Rules(abnf.Rule):
        """The rules of this grammar alone."""

    Rules.load_grammar(text.replace("\n", "\r\n"))

    told = {"accepted": 0, "refused": 0, "undecided": 0}
    for rule in rules:
        members = made(rule, plain, "--count", COUNT) + made(rule, plain, "--cover")
        # With directives, where no context has to be given.
        members += made(rule, *sources, "--count", COUNT) if sources != ["--book"] else []
        for octets, expected in [(one, True) for one in members] + [
            (one, False) for one in made(rule, plain, "--near-misses")
        ]:
            verdict = matches(Rules(rule), octets)
            told[{True: "accepted", False: "refused", None: "undecided"}[verdict]] += 1
            if verdict not in (expected, None):
                sys.exit(f"{sources[0]}: {rule}: {octets!r}: wsconform {expected}, abnf {verdict}")
    name = Path(sources[0]).name.lstrip("-")
    print(name, *(f"{number} {what}" for what, number in told.items()), sep="  ")
    # A comparison that fell silent is none.
    least = COUNT * len(rules)
    if told["accepted"] < least or told["refused"] < 3 * len(rules):
        sys.exit(f"{name}: too little was compared")


def matches(rule, octets):
    """Whether all of the octets match; None if that cannot be told."""
    try:
        rule.parse_all(octets.decode("latin-1"))
    except abnf.ParseError:
        return False
    except (abnf.GrammarError, RecursionError):
        return None
    return True


if __name__ == "__main__":
    main()
