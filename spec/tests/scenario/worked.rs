//! Scenarios that use the whole language, held against the requirements of the book.

use wsconform_spec::Book;
use wsconform_spec::scenario::{
    Action, Argument, Cut, Name, Need, RequirementFacts, RowValue, Value, Verb, cases,
};

use super::read;

const WORKED: &str = include_str!("worked.scenario");

fn book_facts(book: &Book) -> RequirementFacts {
    RequirementFacts::new(book.requirements().iter().map(|(id, requirement)| {
        (id.to_string(), requirement.binds.iter().map(ToString::to_string).collect())
    }))
}

#[test]
fn the_worked_scenarios_are_sound() {
    let book = Book::embedded().unwrap();
    let scenarios = match read(WORKED, &book_facts(&book)) {
        Ok(scenarios) => scenarios,
        Err(problems) => {
            panic!("{}", problems.iter().map(|one| one.render(false)).collect::<String>())
        }
    };
    let ids: Vec<String> = scenarios
        .iter()
        .flat_map(cases)
        .map(|case| format!("{} of a {}", case.id, case.role))
        .collect();
    insta::assert_snapshot!(ids.join("\n"), @r"
    opening.server.required-fields/Host of a server
    opening.server.required-fields/Upgrade of a server
    opening.server.required-fields/Sec-WebSocket-Key of a server
    fragments.ping-between of a server
    fragments.ping-between of a client
    escape.echoed of a server
    escape.echoed of a client
    rate.strict.bound/20000 of a server
    rate.strict.bound/1000000 of a server
    opening.client.accept-checked/empty of a client
    opening.client.accept-checked/accept-of-another-key of a client
    opening.client.accept-checked/upper-case-accept of a client
    gateway.control-ends-here of a gateway
    idle-timeout.data-alone of a server
    suspend.answered/rate-control of a server
    suspend.answered/idle-timeout of a server
    suspend.answered/heartbeat of a server
    suspend.answered/rate-control of a client
    suspend.answered/idle-timeout of a client
    suspend.answered/heartbeat of a client
    rate.strict.pauses of a server
    setup.whole of a server
    setup.whole of a client
    setup.parts of a server
    contract.many/65536 of a server
    contract.many/65537 of a server
    ");
}

/// The scenario of the introduction is sound, and its misspelling is reported as told there.
#[test]
fn the_introduction_is_true() {
    let facts = book_facts(&Book::embedded().unwrap());
    let readme = include_str!("../../README.md");
    let (_, rest) = readme.split_once("```scenario\n").unwrap();
    let (scenario, _) = rest.split_once("```").unwrap();
    assert_eq!(read(scenario, &facts).unwrap()[0].id, "ping.lengths");
    let problems = read(&scenario.replace("answered", "anwsered"), &facts).unwrap_err();
    let rendered = problems[0].render(false);
    for line in rendered.lines().filter(|line| !line.contains("-->")) {
        // The excerpt stands on another line of another file.
        let told = line.trim_start_matches(|c: char| c.is_ascii_digit() || c == ' ');
        let told = told.trim_start_matches("| ").trim();
        assert!(readme.contains(told), "{told}");
    }
}

#[test]
fn a_scenario_means_what_it_says() {
    let text = "scenario a.b\nroles server client\nneeds capability rate-control, case a.c\n\
                tags timed often\nslow \"waits\"\nfor name payload in \"one\" <01>, \"two\" pattern(0x10)\n\
                open with rate-control burst=4096 as $rate\n\
                send frame opcode=text fin=0 $payload & ping in 1, 2\n\
                expect any-order\n  text \"a\" : x.y\n  pong $other\n\
                scenario a.c\nroles client server\nopen\n";
    let facts = super::facts(&[("x.y", &["sender"])]);
    let scenarios = read(text, &facts).unwrap();
    let scenario = &scenarios[0];
    assert_eq!(
        scenario.needs,
        [Need::Capability(Name::Word("rate-control".into())), Need::Case("a.c".into())]
    );
    assert_eq!(scenario.tags, ["timed", "often"]);
    assert_eq!(scenario.slow.as_deref(), Some("waits"));
    let table = scenario.rows.as_ref().unwrap();
    assert_eq!(table.variables, ["name", "payload"]);
    assert_eq!(table.rows[0][1], RowValue::Value(Value::Octets(vec![1])));
    let Action::Open(offers) = &scenario.steps[0].action else { panic!() };
    assert_eq!(offers[0].variable.as_deref(), Some("rate"));
    let Action::Send { items, cut } = &scenario.steps[1].action else { panic!() };
    assert_eq!(*cut, Cut::Sizes(vec![1, 2]));
    assert_eq!(items[0].arguments[2], Argument::Value(Value::Variable("payload".into(), None)));
    assert_eq!(&text[items[0].argument_spans[1].clone()], "fin=0");
    assert_eq!(&text[items[1].span.clone()], "ping");
    let Action::Expect { outcomes, .. } = &scenario.steps[2].action else { panic!() };
    assert_eq!(outcomes[1].item.verb, Verb::Pong);
    assert_eq!(&text[outcomes[0].target_span.clone().unwrap()], "x.y");
}

#[test]
fn line_ends_and_tabs_make_no_difference() {
    let book = Book::embedded().unwrap();
    let facts = book_facts(&book);
    for text in [WORKED.replace('\n', "\r\n"), WORKED.replace(' ', "\t").replace("\t\"", " \"")] {
        let count = |text: &str| read(text, &facts).map(|scenarios| scenarios.len());
        assert_eq!(count(&text).ok(), count(WORKED).ok());
    }
    let dos: Vec<(String, String)> = book
        .chapters()
        .iter()
        .map(|chapter| (chapter.file().to_owned(), chapter.source().text().replace('\n', "\r\n")))
        .collect();
    let dos = Book::from_texts(dos.iter().map(|(file, text)| (file.as_str(), text.as_str())));
    assert_eq!(dos.unwrap().scenarios().len(), book.scenarios().len());
}

/// How it may be spelt does not change what can be read.
#[test]
fn every_spelling_is_read() {
    let text = include_str!("spelling.scenario");
    let source = wsconform_abnf::Source::new("spelling", text);
    let scenarios = wsconform_spec::scenario::parse_block(&source, 0..text.len());
    let scenarios = scenarios.unwrap_or_else(|problems| {
        panic!("{}", problems.iter().map(|one| one.render(false)).collect::<String>())
    });
    assert_eq!(scenarios.len(), 3);
}
