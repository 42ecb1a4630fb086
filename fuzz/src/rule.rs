//! The grammar of the book, as the subjects read it: rules in their context, and parts of trees.

use std::sync::LazyLock;

use wsconform_abnf::program::{Given, Options, Program};
use wsconform_abnf::recognise::{Matcher, Node, Tree, Verdict};
use wsconform_spec::Book;

pub(crate) static PROGRAM: LazyLock<Program> = LazyLock::new(|| {
    let book = Book::embedded().expect("the book is sound");
    Program::new(book.grammar(), Options::default()).expect("its grammar is sound")
});

/// A rule of the book, and the context in which it is read.
pub(crate) struct Rule {
    pub(crate) matcher: Matcher<'static>,
    pub(crate) given: Given,
}

impl Rule {
    pub(crate) fn whole(rule: &str, context: &[(&str, &str)]) -> Self {
        let matcher = Matcher::new(&PROGRAM, rule).expect("a rule of the book");
        Self { matcher, given: given(context) }
    }

    pub(crate) fn prefix(rule: &str, context: &[(&str, &str)]) -> Self {
        let matcher = Matcher::prefixes(&PROGRAM, rule).expect("a rule of the book");
        Self { matcher, given: given(context) }
    }

    /// The tree of the whole of `octets`.
    pub(crate) fn read(&self, octets: &[u8]) -> Option<Tree> {
        match self.matcher.recognise(octets, &self.given) {
            Verdict::Match(tree) => Some(tree),
            Verdict::Mismatch(_) | Verdict::Incomplete => None,
            Verdict::Undecided(why) => panic!("undecided: {why}"),
        }
    }

    pub(crate) fn takes(&self, octets: &[u8]) -> bool {
        self.read(octets).is_some()
    }
}

fn given(context: &[(&str, &str)]) -> Given {
    Given::read(&PROGRAM, context.iter().copied()).expect("the context of the book")
}

pub(crate) fn part(tree: &Tree, octets: &[u8], rule: &str) -> Option<Vec<u8>> {
    tree.root().find(&PROGRAM, rule).map(|node| node.octets(octets))
}

pub(crate) fn parts<'t>(tree: &'t Tree, rule: &str) -> impl Iterator<Item = Node<'t>> {
    tree.nodes().filter(move |node| PROGRAM.rule(node.rule()).name.eq_ignore_ascii_case(rule))
}

pub(crate) fn string(octets: Vec<u8>) -> String {
    String::from_utf8(octets).expect("what the grammar takes here is of US-ASCII")
}

/// The extensions in a tree, written plainly.
pub(crate) fn listed(tree: &Tree, octets: &[u8]) -> String {
    let extension = |node: Node<'_>| {
        let mut written = String::new();
        for part in node.children() {
            let text = string(part.octets(octets));
            match PROGRAM.rule(part.rule()).name.as_str() {
                "extension-token" | "agreed-token" => written += &text,
                "extension-parameter" => {
                    let (name, value) = match text.split_once('=') {
                        Some((name, value)) => (name.trim_end(), Some(value.trim_start())),
                        None => (text.as_str(), None),
                    };
                    written += &format!("; {name}");
                    if let Some(value) = value {
                        let plain = value.trim_matches('"').replace('\\', "");
                        written += &format!("={plain}");
                    }
                }
                _ => {}
            }
        }
        written
    };
    let nodes = tree.nodes().filter(|node| {
        matches!(PROGRAM.rule(node.rule()).name.as_str(), "extension" | "agreed-extension")
    });
    nodes.map(extension).collect::<Vec<_>>().join(", ")
}
