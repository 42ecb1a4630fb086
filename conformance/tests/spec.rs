//! What the command line says of the specification: search, grammar, site.
#![allow(clippy::unwrap_used)] // a test may panic

mod support;

use std::path::PathBuf;
use std::{env, fs, process};

use support::{Outcome, wsconform};
use wsconform_spec::Place;

/// What it prints with exit code 0 and nothing on the standard error.
fn printed(arguments: &[&str]) -> String {
    let Outcome { code, stdout, stderr, .. } = wsconform(arguments);
    assert_eq!((code, stderr.as_str()), (Some(0), ""), "wsconform {}", arguments.join(" "));
    stdout
}

/// What it complains about with exit code 2 and nothing on the standard output.
fn refused(arguments: &[&str]) -> String {
    let Outcome { code, stdout, stderr, .. } = wsconform(arguments);
    assert_eq!((code, stdout.as_str()), (Some(2), ""), "wsconform {}", arguments.join(" "));
    stderr
}

/// A small book in a folder of its own.
struct Shelf(PathBuf);

impl Shelf {
    fn new(name: &str) -> Self {
        let folder = env::temp_dir().join(format!("wsconform-spec-{}-{name}", process::id()));
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(folder.join("book")).unwrap();
        fs::write(folder.join("book/10-one.md"), CHAPTER).unwrap();
        Self(folder)
    }

    fn path(&self, name: &str) -> String {
        self.0.join(name).to_string_lossy().into_owned()
    }

    /// A text with the folder's name left out.
    fn shortened(&self, text: &str) -> String {
        text.replace(&*self.0.to_string_lossy(), "SHELF")
    }
}

impl Drop for Shelf {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

const CHAPTER: &str = "\
# One

The frame of it.

```abnf
frame   = head *OCTET
        ;@ size head : 2 ; fail 1002 one.frame
head    = flags 2OCTET
flags   = OCTET ;@ bits last:1 kind:7
flags  =/ %x00
other   = \"A\" frame
```

r[one.frame]
A frame MUST have a head.
*Binds:* client. *Source:* RFC 6455, 5.2.

```example
example  frames/one
reads    client
covers   one.frame
octets   81 00
means    text \"\"
```

```example
example  frames/two
reads    client
covers   one.frame
octets   82 01 41
means    binary 41
```

```scenario
scenario one.sent
roles    client
open
expect   text \"frame\" : one.frame
```
";

#[test]
fn every_verb_explains_itself() {
    for name in ["grep", "claims", "rfc", "abnf", "render"] {
        insta::assert_snapshot!(format!("help-{name}"), printed(&["spec", name, "--help"]));
    }
}

#[test]
fn a_requirement_a_rule_an_example_and_a_scenario_are_shown() {
    let shelf = Shelf::new("show");
    let book = shelf.path("book");
    let shown = |id: &str| shelf.shortened(&printed(&["spec", "show", id, "--book", &book]));
    insta::assert_snapshot!(shown("one.frame"));
    insta::assert_snapshot!(shown("FLAGS"));
    insta::assert_snapshot!(shown("frames/one"));
    insta::assert_snapshot!(shown("one.sent"));
    insta::assert_snapshot!(refused(&["spec", "show", "flag", "--book", &book]));
}

/// A chapter about the patent: two claims with what makes them precise, all else as the first.
fn claims_chapter() -> String {
    let mut chapter = "# The patent\n\n\
        r[two.judged]\nA server MUST judge.\n\
        *Binds:* server. *Source:* US 9,331,890, claims 1 and 2.\n\
        *Untestable:* internal, vectors show it.\n\n\
        r[two.later]\nA server MAY wait.\n\
        *Binds:* server. *Source:* US 9,331,890, claim 1.\n\
        *Planned:* it comes later.\n\n"
        .to_owned();
    let mut claims = String::new();
    let mut figures = String::new();
    for place in Place::all() {
        let lines = match place {
            Place::Claim(1) => "by       one.frame two.judged\nby       two.later".to_owned(),
            Place::Claim(2) => {
                "by       two.judged\nvectors  frames/* nothing/*\ntest     src/a.rs holds"
                    .to_owned()
            }
            Place::Claim(3) => "by       one.frame".to_owned(),
            _ => "as       claim 2".to_owned(),
        };
        let group = if matches!(place, Place::Claim(_)) { &mut claims } else { &mut figures };
        group.push_str(&format!("place    {place}\nsays     It is {place}.\n{lines}\n\n"));
    }
    chapter.push_str(&format!("## Claims\n\n```claims\n{claims}```\n\n"));
    chapter.push_str(&format!("## Figures\n\n```claims\n{figures}```\n"));
    chapter
}

#[test]
fn the_claims_map_is_printed_with_what_proves_it() {
    let shelf = Shelf::new("claims");
    fs::write(shelf.0.join("book/20-two.md"), claims_chapter()).unwrap();
    let book = shelf.path("book");
    let run = |verb: &[&str]| wsconform(&[&["spec", "--book", book.as_str()], verb].concat());
    let map = run(&["claims", "claim*"]).stdout;
    let head = map.split("claim 4").next().unwrap();
    let totals = map.rsplit("\n\n").next().unwrap();
    insta::assert_snapshot!(format!("{head}...\n\n{totals}"));
    let step = run(&["claims", "404"]).stdout;
    assert_eq!(step.lines().next(), Some("FIG. 4, 404  It is FIG. 4, 404."));
    let gone = run(&["claims", "claim 26"]);
    assert_eq!(gone.code, Some(2));
    insta::assert_snapshot!(gone.stderr);
    insta::assert_snapshot!(run(&["list"]).stdout);
    insta::assert_snapshot!(shelf.shortened(&run(&["show", "one.frame"]).stdout));
    let ledger = run(&["ledger"]).stdout;
    assert!(ledger.contains("planned: it comes later"), "{ledger}");
}

#[test]
fn a_book_without_the_patent_says_so() {
    let shelf = Shelf::new("no-claims");
    let refusal = refused(&["spec", "claims", "--book", &shelf.path("book")]);
    assert_eq!(refusal, "error: this book maps nothing of the patent\n");
}

#[test]
fn rfc_6455_is_printed_with_what_proves_it() {
    insta::assert_snapshot!(printed(&["spec", "rfc", "7.2.3"]));
    let proven = printed(&["spec", "rfc", "5.8"]);
    let rsv = proven.lines().find(|line| line.trim_start().starts_with("frame.rsv.sent ")).unwrap();
    assert!(
        rsv.contains(" MUST ") && rsv.contains("proven by ") && rsv.contains("scenario"),
        "{rsv}"
    );
    let same = printed(&["spec", "rfc", "10.3"]);
    assert!(same.contains("\n  as 5.3, 1805 MUST\n"), "{same}");
    insta::assert_snapshot!(refused(&["spec", "rfc", "5.9"]));
    let all = printed(&["spec", "rfc"]);
    let total = all.lines().find(|line| line.starts_with("all ")).unwrap();
    assert_eq!(total.split_whitespace().nth(1), Some("194"), "{total}");
    let shelf = Shelf::new("no-rfc");
    let refusal = refused(&["spec", "rfc", "--book", &shelf.path("book")]);
    assert_eq!(refusal, "error: this book maps nothing of RFC 6455\n");
}

#[test]
fn text_is_found_in_every_part_of_the_book() {
    let shelf = Shelf::new("grep");
    let book = shelf.path("book");
    let found = |more: &[&str]| {
        let all = [&["spec", "grep", "--book", &book], more].concat();
        shelf.shortened(&printed(&all))
    };
    insta::assert_snapshot!(found(&["frame"]));
    insta::assert_snapshot!(found(&["A Frame".to_lowercase().as_str(), "--only", "requirements"]));
    insta::assert_snapshot!(found(&["frame", "--only", "grammar", "-C", "1"]));
    insta::assert_snapshot!(found(&["frame", "--only", "scenarios", "--color", "always"]));
}

#[test]
fn what_is_not_found_is_told_by_the_exit_code() {
    let Outcome { code, stdout, stderr, .. } = wsconform(&["spec", "grep", "no such words"]);
    assert_eq!((code, stdout.as_str(), stderr.as_str()), (Some(1), "", ""));
    let refusal = refused(&["spec", "grep", ""]);
    assert!(refusal.starts_with("error: the text to look for is empty"), "{refusal}");
}

#[test]
fn the_grammar_is_printed_whole_in_part_or_pure() {
    let shelf = Shelf::new("abnf");
    let book = shelf.path("book");
    let grammar = |more: &[&str]| printed(&[&["spec", "abnf", "--book", &book], more].concat());
    insta::assert_snapshot!(grammar(&[]));
    insta::assert_snapshot!(grammar(&["Head"]));
    insta::assert_snapshot!(grammar(&["--pure", "flags"]));
    insta::assert_snapshot!(refused(&["spec", "abnf", "heat", "--book", &book]));
    insta::assert_snapshot!(refused(&["spec", "abnf", "OCTET"]));
}

/// Imported rules are printed under the names that they have in the book.
#[test]
fn imported_rules_are_part_of_the_grammar() {
    let shelf = Shelf::new("import");
    let chapter = "# One\n\n```abnf\n;@ import rfc3986 as uri\nplace = uri-path-absolute\n```\n";
    fs::write(shelf.0.join("book/10-one.md"), chapter).unwrap();
    let text = printed(&["spec", "abnf", "place", "--book", &shelf.path("book")]);
    insta::assert_snapshot!(text);
    let source = wsconform_abnf::Source::new("printed.abnf", text.as_str());
    assert!(wsconform_abnf::Grammar::read(&source).is_ok());
}

/// What is printed is a grammar of its own: any rule with what it needs.
#[test]
fn what_is_printed_reads_back() {
    for arguments in [&["frame"][..], &["--pure"], &[]] {
        let text = printed(&[&["spec", "abnf"], arguments].concat());
        let source = wsconform_abnf::Source::new("printed.abnf", text.as_str());
        let grammar = wsconform_abnf::Grammar::read(&source);
        assert!(grammar.is_ok_and(|grammar| grammar.rule("frame").is_some()), "{text}");
    }
}

#[test]
fn the_site_is_written_into_its_folder() {
    let shelf = Shelf::new("render");
    let (book, site) = (shelf.path("book"), shelf.path("site"));
    let wrote = printed(&["spec", "render", &site, "--book", &book]);
    assert_eq!(
        shelf.shortened(&wrote),
        "wrote 8 pages to SHELF/site; open SHELF/site/index.html\n"
    );
    let first = fs::read_to_string(shelf.path("site/10-one.html")).unwrap();
    assert_eq!(printed(&["spec", "render", &site, "--book", &book]), wrote);
    assert_eq!(fs::read_to_string(shelf.path("site/10-one.html")).unwrap(), first);
    let refusal = shelf.shortened(&refused(&["spec", "render", &book]));
    insta::assert_snapshot!(refusal, @r"
    error: SHELF/book is not empty, and holds no site of wsconform: nothing was written
    help: name a folder that is new or empty; one that was rendered before is updated
    ");
}

/// What the harness knows of a requirement stands in the site.
#[test]
fn the_embedded_book_is_rendered_with_what_proves_it() {
    let shelf = Shelf::new("embedded");
    let site = shelf.path("site");
    assert!(printed(&["spec", "render", &site]).starts_with("wrote "));
    let control = fs::read_to_string(shelf.path("site/40-control.html")).unwrap();
    let card = control.split_once("id=\"escape.sender.before-data\"").unwrap().1;
    let card = card.split_once("</article>").unwrap().0;
    assert!(card.contains("escape-not-sent") && card.contains("#case:escape.echoed"), "{card}");
}
