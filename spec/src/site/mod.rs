//! The book as a static site: HTML files that need nothing but each other, and work from `file://`.
//!
//! Everything is linked with what it is about: requirements with grammar rules, examples and cases
//! that name them, rules with their definitions and uses. What the rooms above know comes in as
//! [`Evidence`].
//!
//! ```
//! use wsconform_spec::{Book, site};
//!
//! let book = Book::from_texts([("10-one.md", "# One\n\nThe *first* chapter.\n")]).unwrap();
//! let pages = site::pages(&book, &[]).unwrap();
//! assert!(pages.iter().any(|page| page.file == "10-one.html"));
//! ```

mod autobahn;
mod chapter;
mod claims;
mod grammar;
mod highlight;
mod html;
mod links;
mod machine;
mod requirement;
mod rfc6455;
mod tables;
mod write;

use std::fmt;

use minijinja::syntax::SyntaxConfig;
use minijinja::{AutoEscape, Environment, UndefinedBehavior, Value, context};

use crate::book::Book;
use crate::ledger::{Evidence, EvidenceError};
use links::Links;

pub use write::{Outcome, WriteError, write};

/// A file of the site.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// Its name; all files stand in one folder.
    pub file: String,
    /// What it holds.
    pub content: String,
}

/// The files of the site: equal books and equal evidence give equal files.
///
/// # Errors
///
/// [`SiteError::Evidence`] for evidence that fits nothing in the book. [`SiteError::Template`]
/// cannot happen with the templates of this crate, which a test renders.
pub fn pages(book: &Book, evidence: &[Evidence]) -> Result<Vec<Page>, SiteError> {
    let links = Links::new(book, evidence).map_err(SiteError::Evidence)?;
    let templates = Templates::new().map_err(SiteError::Template)?;
    let mut pages = Vec::new();
    for chapter in book.chapters() {
        let body = chapter::body(&links, &templates, chapter)?;
        let file = links::file_of(chapter);
        let content = templates.page(&links, &file, chapter.title(), &body.html, &body.contents)?;
        pages.push(Page { file, content });
    }
    for (file, title, body) in [
        ("index.html", "Contents", tables::contents(&links, &templates)?),
        ("requirements.html", "Requirements", tables::requirements(&links, &templates)?),
        ("grammar.html", "Grammar", grammar::index(&links, &templates)?),
        ("coverage.html", "Coverage", tables::coverage(&links, &templates)?),
        ("rfc6455.html", "RFC 6455", rfc6455::table(&links, &templates)?),
        ("claims.html", "The patent", claims::table(&links, &templates, evidence)?),
        ("autobahn.html", "The Autobahn testsuite", autobahn::table(&links, &templates)?),
    ] {
        let content = templates.page(&links, file, title, &body, &[])?;
        pages.push(Page { file: file.to_owned(), content });
    }
    let style =
        format!("{}\n{}", include_str!("../../site/style.css"), wsconform_abnf::draw::STYLE);
    pages.push(Page { file: "style.css".to_owned(), content: style });
    pages.sort_by(|one, other| one.file.cmp(&other.file));
    Ok(pages)
}

/// Why there is no site.
#[derive(Debug)]
pub enum SiteError {
    /// The evidence does not fit the book.
    Evidence(EvidenceError),
    /// A template cannot be rendered.
    Template(minijinja::Error),
}

impl fmt::Display for SiteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Evidence(error) => error.fmt(f),
            Self::Template(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for SiteError {}

/// The templates, which escape what is put into them.
struct Templates(Environment<'static>);

/// A heading of a page, for its contents.
struct Heading {
    anchor: String,
    text: String,
    level: u8,
}

impl Templates {
    fn new() -> Result<Self, minijinja::Error> {
        let mut environment = Environment::new();
        environment.set_auto_escape_callback(|_| AutoEscape::Html);
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        let syntax = SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build()?;
        environment.set_syntax(syntax);
        for (name, text) in [
            ("page.html", include_str!("../../site/page.html")),
            ("autobahn.html", include_str!("../../site/autobahn.html")),
            ("claims.html", include_str!("../../site/claims.html")),
            ("contents.html", include_str!("../../site/contents.html")),
            ("coverage.html", include_str!("../../site/coverage.html")),
            ("grammar.html", include_str!("../../site/grammar.html")),
            ("requirement.html", include_str!("../../site/requirement.html")),
            ("rfc6455.html", include_str!("../../site/rfc6455.html")),
            ("requirements.html", include_str!("../../site/requirements.html")),
        ] {
            environment.add_template(name, text)?;
        }
        Ok(Self(environment))
    }

    fn render(&self, name: &str, values: Value) -> Result<String, SiteError> {
        let template = self.0.get_template(name).map_err(SiteError::Template)?;
        template.render(values).map_err(SiteError::Template)
    }

    /// A whole page around its body.
    fn page(
        &self,
        links: &Links<'_>,
        file: &str,
        title: &str,
        body: &str,
        headings: &[Heading],
    ) -> Result<String, SiteError> {
        let chapters = links.book.chapters();
        let chapters = chapters.iter().map(|chapter| {
            context! { file => links::file_of(chapter), title => chapter.title() }
        });
        let headings = headings.iter().map(|heading| {
            context! { anchor => &heading.anchor, text => &heading.text, level => heading.level }
        });
        let page = self.render(
            "page.html",
            context! {
                file, title,
                chapters => chapters.collect::<Value>(),
                headings => headings.collect::<Value>(),
                body => Value::from_safe_string(body.to_owned()),
            },
        )?;
        Ok(html::printable(&page))
    }
}
