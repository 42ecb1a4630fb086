//! What a writer of scenarios is told about a mistake. The snapshot is the list to read.

use std::fmt::Write;

use super::{facts, read};

/// Where a text stands that is short for a whole scenario.
enum Place {
    /// A header line.
    Header,
    /// A step behind `open with rate-control as $rate`.
    Step,
    /// Steps behind nothing.
    Bare,
    /// A scenario, or more, as it stands.
    Whole,
}
use Place::{Bare, Header, Step, Whole};

const MISTAKES: &[(Place, &str)] = &[
    // Words.
    (Whole, "scenaro it.works\nroles server\nopen"),
    (Whole, "scenario works\nroles server\nopen"),
    (Whole, "scenario It.Works\nroles server\nopen"),
    (Whole, "scenario it.works extra\nroles server\nopen"),
    (Whole, "roles server\nopen\nexpect text \"x\""),
    (Whole, "scenario it.works\nopen"),
    (Whole, "scenario it.works\nroles server"),
    (Whole, "scenario it.works\nroles server\nopen\nscenario it.works\nroles server\nopen"),
    (Step, "sned text \"Hello\""),
    (Step, "text \"Hello\""),
    (Step, "roles client"),
    (Step, "send txet \"Hello\""),
    (Step, "expect any-order\n  pong \"p\"\n  texd \"Hello\""),
    (Step, "expect any-order\n  pong \"p\"\nsend text \"Hello\""),
    (Step, "expect text \"x\" or end"),
    (Step, "expect text \"x\" : contract.echo or end"),
    (Step, "or end"),
    (Step, "send text hello"),
    (Step, "open rate-control"),
    (Step, "accept udp"),
    // Lexis.
    (Step, "send text \"Hello"),
    (Step, "send text \"a\\qb\""),
    (Step, "send text <8G>"),
    (Step, "send text <820>"),
    (Step, "send text <82 04"),
    (Step, "send text \"a\"\"b\""),
    (Step, "send text {x}"),
    (Step, "send text $"),
    (Step, "send\ttext\t<8G>\r"),
    (Step, "send frame payload-length=18446744073709551616"),
    (Step, "send text \"a\rb\""),
    (Step, "measure data for 2min\n  at-most 5 : rate.bound"),
    (Step, "expect close 1002..1000"),
    (Step, "expect text pattern(5 : contract.echo"),
    (
        Step,
        "send text first(1, first(1, first(1, first(1, first(1, first(1, first(1, first(1, first(1, \"x\")))))))))",
    ),
    // Header lines.
    (Header, "roles server servant"),
    (Header, "roles server server"),
    (Header, "app ecko"),
    (Header, "tags"),
    (Header, "slow"),
    (Header, "slow waits"),
    (Header, "slow \"\""),
    (Header, "slow \"waits\" 2s"),
    (Header, "needs rate-control"),
    (Header, "needs capability rate-contol"),
    (Header, "needs case it.wroks"),
    (Header, "needs case it.works"),
    (Header, "needs capability rate-control capability rate-control"),
    (Header, "needs limit 1MiB"),
    (Header, "needs limit $length"),
    (Header, "connections many"),
    (Header, "connections 1"),
    (Bare, "connections 2\nfirst: open"),
    (Header, "connections 2\nfor connection in \"a\"\nopen\nsend text $connection"),
    (
        Whole,
        "scenario one.a\nroles server\nneeds case two.b\nopen\nscenario two.b\nroles server\nneeds case one.a\nopen",
    ),
    (Header, "for payload in\n  \"a\",\n  \"b\",\nopen\nsend text $payload"),
    (Header, "for name payload in \"a\" \"b\", \"c\""),
    (Header, "for payload in\n  \"a\"  ; no comma\n  \"b\"\nopen\nsend text $payload"),
    (Header, "for payload in hello\nopen"),
    (Header, "for a in \"x\"\nfor b in \"y\"\nopen"),
    (Header, "for $payload in \"x\""),
    (Header, "for a.b in \"x\""),
    (Header, "for payload rule in \"a\" contract.echo\nopen\nsend text $payload"),
    (Header, "for payload in \"a\", \"a\"\nopen\nsend text $payload"),
    (Header, "for a a in \"a\" \"b\"\nopen\nsend text $a"),
    (Header, "for a b in $b $a\nopen\nsend text $a $b"),
    (Header, "for rule in contract.echo, \"contract.echo\"\nopen\nexpect text \"a\" : $rule"),
    (Header, "for payload in contract.echo\nopen\nsend text $payload"),
    (Header, "for v in vectors"),
    (Header, "for v in vectors \"near-miss\""),
    (Header, "for v in vectors near-miss/* near-miss/frame/*"),
    (Header, "for v in vectors near-miss/Frame"),
    (Header, "for v w in vectors near-miss/*"),
    (Header, "for v in vectors near-miss/*\nopen\nsend raw $v"),
    (Header, "for v in vectors near-miss/*\nopen\nsend raw $v.inptu"),
    (Header, "for v in vectors near-miss/*\nopen\nexpect end : $v.rule"),
    (Header, "for v in vectors near-miss/*\nopen\nlet $v = \"x\""),
    (Header, "for v in vectors near-miss/*\nopen"),
    // Connections.
    (Bare, "expect text \"x\" : contract.echo"),
    (Bare, "open\nopen"),
    (Bare, "first: open\nsecond: open\nsend text \"x\""),
    (Bare, "first: open\nopen"),
    (Bare, "open\nfirst: send text \"x\""),
    (Bare, "open\nback: accept tcp"),
    (
        Whole,
        "scenario it.works\nroles gateway\nfront: open\nfront: send text \"x\"\nback: expect raw \"x\"\n",
    ),
    (
        Whole,
        "scenario it.works\nroles gateway\nfront: open\nback: accept tcp\nback: send text \"x\"\n",
    ),
    (Bare, "open\nsend request"),
    (Bare, "connect\nexpect request"),
    (Step, "first: check equal(\"a\", \"a\") : contract.echo"),
    // Requirements.
    (Step, "expect text \"x\" : contract.ecko"),
    (Step, "expect text \"x\" : Contract.Echo"),
    (Step, "expect text \"x\" : opening.client.key"),
    (Step, "expect text \"x\" : $rule"),
    (Step, "expect text \"x\" :"),
    (Step, "check equal(\"a\", \"b\")"),
    // Items and their arguments.
    (Step, "send text \"a\" for i in 1..2"),
    (Step, "send text \"a\" for $i of 1..2"),
    (Step, "send text \"a\" for $i in 2..1"),
    (Step, "send text \"a\" for $i in 1..20000"),
    (Step, "send binary pattern($i) for $i in 1..2\nsend binary pattern($i)"),
    (Step, "send text \"a\" in pieces 7"),
    (Step, "send text \"a\" in pieces of 0"),
    (Step, "send text \"a\" fragments=0"),
    (Step, "send frame opcod=text"),
    (Step, "send frame opcode=txt"),
    (Step, "send frame opcode=16"),
    (Step, "send frame fin=2"),
    (Step, "send frame fin=0 fin=1"),
    (Step, "send frame masking-key=<01 02>"),
    (Step, "send frame length-bits=8"),
    (Step, "send frame \"a\" payload=\"b\""),
    (Step, "send frame without Host"),
    (Step, "send text mask=0 \"x\""),
    (Step, "send text 5"),
    (Step, "expect text 1..5"),
    (Step, "send ping \"x\" & fail 1002"),
    (Step, "send close 70000"),
    (Step, "send close \"bye\""),
    (Step, "send close 1000|1001"),
    (Step, "send close 1000 \"bye\" \"now\""),
    (Step, "expect fail 1002 1003"),
    (Step, "expect message type=ping"),
    (Step, "send text \"x\" in bits"),
    (Step, "send text \"x\" in 1, 0"),
    (Bare, "connect\nsend request host=\"x\""),
    (Bare, "connect\nsend request without method"),
    (Bare, "connect\nsend request style=loud"),
    (Bare, "connect\nexpect response 1000"),
    (Bare, "connect\nexpect response 101 reason+=\"x\""),
    (Header, "for bit in \"rsv1\", \"rsv4\"\nopen\nsend frame $bit=1 & frame $bit=1"),
    (Header, "for opcode in 3, 16\nopen\nsend frame opcode=$opcode"),
    (Header, "for cut in \"octets\", \"bits\"\nopen\nsend text \"x\" in $cut"),
    // What may come.
    (Step, "expect nothing\n  or text \"x\""),
    (Step, "expect text \"x\"\n  or nothing"),
    (Step, "expect text \"x\"\n  or fail 1002"),
    (Step, "expect any-order\n  text \"x\"\n  silence"),
    (Step, "expect text \"x\"\n  or close 1000 : contract.echo\n  or close 1000"),
    (Step, "expect raw \"x\" : contract.echo"),
    (
        Whole,
        "scenario it.works\nroles gateway\nfront: open\nback: accept tcp\nback: expect raw \"x\"\n  or raw \"y\"\n  or end",
    ),
    (Step, "observe reaction\n  when nothing is \"nothing\""),
    (Step, "observe reaction\n  when end is \"ends\"\n  when end is \"stops\""),
    (Step, "observe reaction"),
    (Step, "observe reaction\n  when end is dropped"),
    (Step, "observe it\n  when end is \"a\"\nobserve it\n  when end is \"a\""),
    // Variables.
    (Step, "send text $payload"),
    (Step, "send text $payload\nlet $payload = \"x\""),
    (Step, "expect pong $one\n  or text $two\nsend text $two"),
    (Step, "expect text $x\nlet $x = \"y\""),
    (Step, "let $x = upper-caes(\"a\")"),
    (Step, "let $x = pattern(1, 2)"),
    (Step, "let $x = pattern(\"a\")"),
    (Step, "let $x = 0.5"),
    (Step, "let x = 1"),
    (Step, "check differ(\"a\") : contract.echo"),
    (Step, "check narrower(\"a\", \"b\") : contract.echo"),
    // Capabilities.
    (Bare, "open with rate-control as $rate"),
    (Bare, "open\nsend escape $rate"),
    (Bare, "open\nsend binary $rate \"AB\""),
    (Step, "let $rate = \"x\""),
    (Bare, "send escape $rate\nopen with rate-control as $rate"),
    (Bare, "open with rate-contol"),
    (Header, "needs capability rate-control\nopen with rate-control brust=5"),
    (Step, "send escape \"F080\""),
    (Step, "send control $rate RAET 5"),
    (Step, "send control $rate RATE 5 6"),
    (Step, "send control $rate RATE \"fast\""),
    (Step, "send control $rate FULL <00>"),
    (Step, "send control $rate RATE $unset"),
    (Step, "let $b = $rate.brust"),
    (Step, "let $b = \"x\"\nlet $c = $b.burst"),
    (Step, "measure data for 2s\n  at-most $e * $t : contract.echo"),
    (Step, "measure data for 2s"),
    (
        Step,
        "expect control $rate ACK $e\nmeasure data since $e for 2s\n  at-most $e : contract.echo",
    ),
    (Step, "measure data since 5 for 2s\n  at-most 5 : contract.echo"),
    // Several capabilities.
    (Bare, "open with rate-control with"),
    (Bare, "open as $rate"),
    (Header, "needs capability rate-control\nopen with rate-control with rate-control ack=0"),
    (Header, "needs capability heartbeat\nopen with heartbeat burst=5"),
    (Header, "needs capability heartbeat\nopen with heartbeat by=subprotocol"),
    (Header, "needs capability control-setup\nopen with control-setup by=hand"),
    (Header, "needs capability heartbeat\nopen with heartbeat as $beat\nsend control $beat RATE 5"),
    (
        Header,
        "needs capability heartbeat\nopen with heartbeat as $beat\nexpect control $beat ECHO $a $b",
    ),
    (Header, "needs capability $x\nopen"),
    (Header, "needs capability $x\nfor x in \"heartbeet\"\nopen with $x"),
    (Header, "for x in \"heartbeat\"\nopen with $x"),
    (
        Header,
        "needs capability $x\nfor x in \"heartbeat\", \"rate-control\"\nopen with $x as $it\nsend control $it BEAT",
    ),
    (
        Header,
        "needs capability $x\nfor x in \"heartbeat\", \"rate-control\"\nopen with $x as $it\nlet $y = $it.burst",
    ),
    (Step, "setup $rate with rate-control as $again"),
    (Step, "setup $setup with rate-control as $again"),
    (Step, "setup $rate"),
    (Step, "setup with rate-control"),
    (Step, "agree"),
    (Step, "agree with rate-control burst=5"),
    (Bare, "agree with rate-control"),
    (
        Header,
        "needs capability control-setup\nopen with control-setup as $setup\nsetup $setup with control-setup sequence=\"ABCD\"",
    ),
    // Time.
    (Step, "wait"),
    (Step, "wait 5"),
    (Bare, "wait 5s"),
    (Step, "expect text \"x\" : contract.echo within 5s"),
    (Step, "expect text \"x\" within 5"),
    (Step, "expect text \"x\"\n  or text \"y\" within 5s"),
    (Step, "expect silence within 5s"),
    (Step, "send text \"x\" within 5s"),
    (Step, "let $t = now"),
    (Step, "let $t = since(\"x\")"),
    (Step, "let $t = now() + 5"),
    (Step, "check at-most(1-2, 3) : contract.echo"),
    (Step, "check at-most(1 + \"x\", 3) : contract.echo"),
    (Step, "check equal(1 + 2 3, 3) : contract.echo"),
    (Step, "send text first(1 + 1, \"x\" + 2)"),
];

#[test]
fn mistakes_are_explained() {
    let facts = facts(&[
        ("contract.echo", &["server", "client"]),
        ("escape.sender.before-data", &["sender"]),
        ("opening.client.key", &["client"]),
        ("gateway.data-forwarded", &["gateway"]),
    ]);
    let mut report = String::new();
    for (place, text) in MISTAKES {
        let block = match place {
            Whole => format!("{text}\n"),
            Bare => format!("scenario it.works\nroles server\n{text}\n"),
            Step => format!(
                "scenario it.works\nroles server\nneeds capability rate-control\n\
                 open with rate-control as $rate\n{text}\n"
            ),
            Header if text.starts_with("roles") => format!("scenario it.works\n{text}\nopen\n"),
            Header if text.contains("\nopen") => {
                format!("scenario it.works\nroles server\n{text}\n")
            }
            Header => format!("scenario it.works\nroles server\n{text}\nopen\n"),
        };
        let problems = match read(&block, &facts) {
            Ok(_) => panic!("no mistake in:\n{block}"),
            Err(problems) => problems,
        };
        let _ =
            writeln!(report, "──── {}\n", text.trim_end().replace('\n', " ⏎ ").replace('\r', "␍"));
        for problem in problems {
            let _ = writeln!(report, "{}\n", problem.render(false));
        }
    }
    insta::assert_snapshot!(report);
}

/// A mistake does not hide those behind it, and is not reported again for the lines that it spoils.
#[test]
fn all_mistakes_are_reported_once() {
    let text = "scenario one.a\nroles server\nfor field rule in \"a\" contract.echo,\n    \"b\",\n    \
                \"c\" contract.echo\nopen\nsend texd \"x\"\nexpect text \"x\" contract.echo\n  or end\n\
                send text \"y\nopen tpc\n\nscenario two\nroles server\nopen\nexpct end\n";
    let problems = read(text, &facts(&[("contract.echo", &["server"])])).unwrap_err();
    let problems: Vec<String> = problems.iter().map(ToString::to_string).collect();
    insta::assert_snapshot!(problems.join("\n"), @r#"
    block:4:5: row of the wrong length: expected 2 value(s), one for each of: field, rule; found 1
    block:7:6: unknown item `texd`: expected one of `request` `response` `frame` `text` `binary` `message` `ping` `pong` `close` `escape` `control` `raw` `fail` `end` `nothing` `silence`
    block:8:17: `contract.echo` is not a value: expected "text", <octets>, a number, $variable or call()
    block:10:11: text without end: expected a closing `"` on the same line
    block:11:6: unexpected `tpc`: expected `with` or the end of the line
    block:13:10: not the path of a scenario: expected lower-case words joined by dots, such as `escape.echoed`
    block:16:1: unknown step `expct`: expected a step: `open` `connect` `accept` `setup` `agree` `send` `expect` `observe` `measure` `hold` `wait` `let` `check`
    "#);
}
