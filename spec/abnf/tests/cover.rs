//! Every choice that can be made is made.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use wsconform_abnf::cover::{Coverage, Points, members};
use wsconform_abnf::generate::Generator;
use wsconform_abnf::program::{Given, Options, Program};
use wsconform_abnf::recognise::{Detail, Matcher, Verdict};
use wsconform_abnf::{Grammar, Source};

const FRAME: &str = include_str!("grammars/frame.abnf");

fn program(text: &str) -> Program {
    let grammar = Grammar::read(&Source::new("test.abnf", text)).unwrap();
    Program::new(&grammar, Options::default()).unwrap()
}

#[test]
fn frames_cover_all_but_what_the_sender_never_does() {
    let program = program(FRAME);
    let points = Points::new(&program, &[program.rule_id("frame").unwrap()]);
    let mut report = String::new();
    let mut coverage = Coverage::new(&points);
    for sender in ["client", "server"] {
        let given = Given::read(&program, [("sender", sender)]).unwrap();
        let generator = Generator::new(&program, &given);
        let found = members(&generator, "frame", &points, &[]).unwrap();
        let matcher = Matcher::new(&program, "frame").unwrap().detail(Detail::Everything);
        report += &format!("{sender}\n");
        for member in &found.sentences {
            let octets = &member.octets;
            let Verdict::Match(tree) = matcher.recognise(octets, &given) else { panic!() };
            coverage.add(&tree, octets);
            let hex: Vec<_> = octets.iter().take(12).map(|octet| format!("{octet:02X}")).collect();
            report += &format!("  {} ({})\n", hex.join(" "), octets.len());
            for number in &member.takes {
                report += &format!("    {}\n", points.describe(points.get(*number).unwrap()));
            }
        }
        for (number, missed) in &found.missed {
            let point = points.get(*number).unwrap();
            report += &format!("  missed {}: {missed}\n", points.describe(point));
        }
    }
    report += &coverage.table();
    insta::assert_snapshot!(report);
    assert!(coverage.is_complete());
}
