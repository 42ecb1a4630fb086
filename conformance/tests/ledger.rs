//! The ledger of the book is the committed one, and no requirement is without proof by accident.

#![allow(clippy::unwrap_used, clippy::expect_used)] // a test may panic

use std::path::Path;

use wsconform::evidence::evidence;
use wsconform_spec::ledger;

#[test]
fn the_ledger_is_up_to_date() {
    let book = wsconform::book::embedded().unwrap();
    let rendered = ledger::render(&book, &evidence(&book)).unwrap();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../spec/ledger.txt");
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(&path, &rendered).unwrap();
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        committed == rendered,
        "spec/ledger.txt is out of date; `BLESS=1 cargo test -p wsconform` rewrites it, then look at the difference"
    );
}

#[test]
fn every_requirement_is_claimed_or_says_why_not() {
    let book = wsconform::book::embedded().unwrap();
    let gaps = ledger::gaps(&book, &evidence(&book)).unwrap();
    let ids: Vec<&str> = gaps.iter().map(|requirement| requirement.id.as_str()).collect();
    assert!(ids.is_empty(), "neither claimed, nor planned, nor untestable: {ids:?}");
}
