//! Machines of the model: what is wrong with one is reported at its place, and the book's are whole.

#![allow(clippy::unwrap_used, clippy::expect_used)] // a test may panic

use wsconform_spec::model::{Body, Outcome};
use wsconform_spec::{Book, BookError};

fn chapter(model: &str) -> String {
    format!(
        "# T\n\nr[a.b]\nIt MUST be.\n*Binds:* server. *Source:* RFC 6455, 1.\n\n```model\n{model}```\n"
    )
}

fn mistakes(model: &str) -> String {
    match Book::from_texts([("10-a.md", &*chapter(model))]) {
        Err(BookError::Diagnostics(all)) => {
            all.iter().map(|one| one.render(false)).collect::<Vec<_>>().join("\n\n")
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn mistakes_are_told_with_their_place() {
    let models = [
        "state open\n",
        "push -> open nothing : a.b\n",
        "machine\n",
        "machine door\n",
        "machine door\npush -> open nothing : a.b\n",
        "machine door\nstate open\npush open nothing : a.b\n",
        "machine door\nstate open\npush pull -> open nothing : a.b\n",
        "machine door\nstate open\npush -> open noise : a.b\n",
        "machine door\nstate open\npush -> open nothing\n",
        "machine door\nstate open\npush -> open nothing : a.c\n",
        "machine door\nstate open\npush -> opne nothing : a.b\n",
        "machine door\nstate open\npush, pull, push -> open nothing : a.b\n",
        "machine door\nstate open\npush -> open nothing : a.b\nstate shut\npush -> open nothing : a.b\n",
        "machine door\nstate open\npush -> open nothing : a.b\nstate open\n",
        "machine door\nstate open\npush -> shut nothing : a.b\npull -> open nothing : a.b\nstate shut\npush -> shut nothing : a.b\n",
        "machine door\nstate open\nor -> open data\npush -> open nothing : a.b\n",
        "machine door\nstate open\npush -> open nothing : a.b\nor -> open data : a.b\n",
        "machine door\nstate open\npush -> open data : a.b\nmachine door\nstate open\npush -> open data : a.b\n",
    ];
    let told: Vec<String> =
        models.iter().map(|model| format!("{model}\n{}", mistakes(model))).collect();
    insta::assert_snapshot!(told.join("\n\n────\n"));
}

#[test]
fn a_machine_is_read_as_it_is_written() {
    let text = "machine   door                    ; of a house\n\nstate     open\n\
                push, slam -> shut  fail 1002 : a.b\nring -> open reply EFFECTIVE above 0 : a.b\n\
                or -> shut data\n\nstate     shut\npush, slam -> shut message\nring -> open message : a.b\n";
    let book = Book::from_texts([("10-a.md", &*chapter(text))]).unwrap();
    let door = book.model().machine("door").unwrap();
    assert_eq!(door.inputs(), ["push", "slam", "ring"]);
    let slam = door.row(0, "slam").unwrap();
    assert_eq!((slam.way.next.as_str(), &slam.way.outcome), ("shut", &Outcome::Fail(1002)));
    assert_eq!(slam.at.to_string(), "book/10-a.md:11:7");
    let ring = door.row(0, "ring").unwrap();
    let effective = Outcome::Reply { message: "EFFECTIVE".into(), body: Body::AboveZero };
    assert_eq!(ring.way.outcome, effective);
    assert_eq!(ring.or[0].outcome, Outcome::Data);
    assert_eq!(door.row(1, "push").unwrap().requirement, None);
    assert_eq!(door.to_string(), text.trim_end());
}
