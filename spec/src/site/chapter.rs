//! A chapter: its Markdown as HTML, with what is executable in it drawn and linked.

use std::collections::BTreeSet;
use std::ops::Range;

use pulldown_cmark::{CowStr, Event, Options, Parser, Tag, TagEnd, html};
use wsconform_abnf::{GrammarRule, Source};

use super::highlight::{Kind, abnf, lines};
use super::html::{counted, escaped, link};
use super::links::Links;
use super::{Heading, SiteError, Templates, grammar, machine, requirement};
use crate::book::Chapter;
use crate::markdown::{Block, blocks};
use crate::scenario::{Need, Scenario, cases};

/// What a page of a chapter holds.
pub(super) struct Body {
    pub(super) html: String,
    pub(super) contents: Vec<Heading>,
}

/// The text of a chapter. Requirements and fences are found as the book finds them, so that
/// everything in it has its place; what is between them is Markdown.
pub(super) fn body(
    links: &Links<'_>,
    templates: &Templates,
    chapter: &Chapter,
) -> Result<Body, SiteError> {
    let source = chapter.source();
    let text = source.text();
    let mut writer = Writer::new(links, source);
    let mut done = 0;
    let (blocks, _) = blocks(source);
    let mut blocks = blocks.into_iter().peekable();
    while let Some(block) = blocks.next() {
        match block {
            Block::Label(id) => {
                writer.prose(done..start_of_line(text, id.start));
                writer.html.push_str(&requirement::card(links, templates, &text[id.clone()])?);
                let paragraph = blocks.next_if(|next| matches!(next, Block::Paragraph(_)));
                done = match paragraph {
                    Some(Block::Paragraph(range)) => range.end,
                    _ => end_of_line(text, id.end),
                };
            }
            Block::Fence { language, content } => {
                writer.prose(done..start_of_line(text, language.start));
                writer.code(&text[language], &content);
                done = end_of_line(text, content.end);
            }
            Block::Heading(_) | Block::Paragraph(_) => {}
        }
    }
    writer.prose(done..text.len());
    Ok(Body { html: writer.html, contents: writer.contents })
}

/// Markdown in one line, without a paragraph around it.
pub(super) fn inline(links: &Links<'_>, text: &str) -> String {
    let events = Parser::new_ext(text, Options::empty()).filter_map(|event| match event {
        Event::Start(Tag::Paragraph) | Event::End(TagEnd::Paragraph) => None,
        event => tamed(links, event),
    });
    let mut html = String::new();
    html::push_html(&mut html, events);
    html
}

fn start_of_line(text: &str, at: usize) -> usize {
    text[..at].rfind('\n').map_or(0, |newline| newline + 1)
}

fn end_of_line(text: &str, at: usize) -> usize {
    text[at..].find('\n').map_or(text.len(), |newline| at + newline)
}

struct Writer<'w, 'b> {
    links: &'w Links<'b>,
    source: &'w Source,
    html: String,
    contents: Vec<Heading>,
    anchors: BTreeSet<String>,
}

impl<'w, 'b> Writer<'w, 'b> {
    fn new(links: &'w Links<'b>, source: &'w Source) -> Self {
        let anchors = BTreeSet::new();
        Self { links, source, html: String::new(), contents: Vec::new(), anchors }
    }

    /// Markdown.
    fn prose(&mut self, range: Range<usize>) {
        let text = &self.source.text()[range];
        let mut events = Vec::new();
        let mut parser = Parser::new_ext(text, Options::ENABLE_TABLES);
        while let Some(event) = parser.next() {
            match event {
                Event::Start(Tag::Heading { level, .. }) => {
                    let inner = parser.by_ref();
                    let is_inner =
                        |event: &Event<'_>| !matches!(event, Event::End(TagEnd::Heading(_)));
                    let inner: Vec<_> = inner.take_while(is_inner).collect();
                    events.push(Event::Html(self.heading(level as u8, inner).into()));
                }
                Event::Start(Tag::Table(alignment)) => {
                    events.push(Event::Html("<div class=\"table\">".into()));
                    events.push(Event::Start(Tag::Table(alignment)));
                }
                Event::End(TagEnd::Table) => {
                    events.push(Event::End(TagEnd::Table));
                    events.push(Event::Html("</div>\n".into()));
                }
                event => events.extend(tamed(self.links, event)),
            }
        }
        html::push_html(&mut self.html, events.into_iter());
    }

    fn heading(&mut self, level: u8, inner: Vec<Event<'_>>) -> String {
        let text: String = inner
            .iter()
            .filter_map(|event| match event {
                Event::Text(text) | Event::Code(text) => Some(&**text),
                _ => None,
            })
            .collect();
        let anchor = self.anchor(&text);
        let mut html = String::new();
        html::push_html(&mut html, inner.into_iter().filter_map(|one| tamed(self.links, one)));
        let target = escaped(&anchor);
        if level > 1 {
            self.contents.push(Heading { anchor, text, level });
        }
        format!(
            "<h{level} id=\"{target}\">{html}<a class=\"here\" href=\"#{target}\" \
             aria-label=\"Link to this section\">#</a></h{level}>\n"
        )
    }

    /// An anchor that no other heading has.
    fn anchor(&mut self, text: &str) -> String {
        let mut slug = String::from("section:");
        for one in text.chars().flat_map(char::to_lowercase) {
            if one.is_alphanumeric() {
                slug.push(one);
            } else if !slug.ends_with(['-', ':']) {
                slug.push('-');
            }
        }
        let slug = slug.trim_end_matches('-').to_owned();
        let numbered = (2..).map(|number| format!("{slug}-{number}"));
        let mut candidates = std::iter::once(slug.clone()).chain(numbered);
        let anchor = candidates.find(|one| !self.anchors.contains(one)).unwrap_or(slug);
        self.anchors.insert(anchor.clone());
        anchor
    }

    /// What stands in a fence.
    fn code(&mut self, language: &str, content: &Range<usize>) {
        let code = &self.source.text()[content.clone()];
        let (highlighted, below) = match language {
            "abnf" => {
                (abnf(self.links, code), grammar::figures(self.links, &self.rules_in(content)))
            }
            "scenario" => (lines(self.links, Kind::Scenario, code), self.cases_in(content)),
            "example" => (lines(self.links, Kind::Example, code), String::new()),
            "model" => (lines(self.links, Kind::Model, code), self.machines_in(content)),
            _ => (escaped(code), String::new()),
        };
        let language = escaped(language);
        self.html.push_str(&format!(
            "<div class=\"block {language}\"><pre><code>{highlighted}</code></pre>\n{below}</div>\n"
        ));
    }

    /// The rules that are defined in a part of the chapter.
    fn rules_in(&self, range: &Range<usize>) -> Vec<&'b GrammarRule> {
        let rules = self.links.book.grammar().rules();
        let is_here = |rule: &&GrammarRule| {
            let definition = rule.definition();
            definition.source.name() == self.source.name() && range.contains(&definition.span.start)
        };
        rules.filter(is_here).collect()
    }

    /// The machines that stand in a part of the chapter, drawn.
    fn machines_in(&self, range: &Range<usize>) -> String {
        let machines = self.links.book.model().machines().iter();
        let here = machines.filter(|machine| {
            machine.source.name() == self.source.name() && range.contains(&machine.span.start)
        });
        here.map(machine::drawing).collect()
    }

    /// How many cases the scenarios in a part of the chapter make.
    fn cases_in(&self, range: &Range<usize>) -> String {
        let scenarios = self.links.book.scenarios().iter();
        let here = scenarios.filter(|scenario| {
            scenario.source.name() == self.source.name() && range.contains(&scenario.span.start)
        });
        let texts: Vec<_> = here.map(|scenario| self.cases_of(scenario)).collect();
        match texts.is_empty() {
            true => String::new(),
            false => format!("<p class=\"cases\">{}</p>\n", texts.join("; ")),
        }
    }

    fn cases_of(&self, scenario: &Scenario) -> String {
        let roles: Vec<_> = scenario.roles.iter().map(|role| role.name()).collect();
        let mut text = format!("{}: {}", counted(cases(scenario).len(), "case"), roles.join(", "));
        if let Some(vectors) = scenario.rows.as_ref().and_then(|rows| rows.vectors.as_ref()) {
            text.push_str(&format!(", a row for each vector {}", escaped(&vectors.pattern)));
        }
        for need in &scenario.needs {
            if let Need::Case(id) = need
                && let Some(target) = self.links.case(id)
            {
                text.push_str(&format!(", after {}", link(&target, "", id)));
            }
        }
        text
    }
}

/// What may stand in a page: HTML of the chapter is shown, not used; links lead into the book or to
/// the web; names are links to what they name.
fn tamed<'t>(links: &Links<'_>, event: Event<'t>) -> Option<Event<'t>> {
    Some(match event {
        Event::Html(text) | Event::InlineHtml(text) => Event::Text(text),
        Event::Start(Tag::HtmlBlock) | Event::End(TagEnd::HtmlBlock) => return None,
        Event::Start(Tag::Image { .. }) | Event::End(TagEnd::Image) => return None,
        Event::Start(Tag::Link { link_type, dest_url, title, id }) => {
            let dest_url = CowStr::from(target(&dest_url));
            Event::Start(Tag::Link { link_type, dest_url, title, id })
        }
        Event::Code(text) => match named(links, &text) {
            Some(target) => Event::InlineHtml(CowStr::from(format!(
                "<a href=\"{}\"><code>{}</code></a>",
                escaped(&target),
                escaped(&text)
            ))),
            None => Event::Code(text),
        },
        Event::Text(text) => Event::InlineHtml(CowStr::from(escaped(&text))),
        event => event,
    })
}

/// Chapters link to each other as Markdown files.
fn target(url: &str) -> String {
    let (path, anchor) = url.split_once('#').map_or((url, None), |(path, at)| (path, Some(at)));
    let anchor = anchor.map_or(String::new(), |anchor| format!("#{anchor}"));
    match path.strip_suffix(".md") {
        Some(chapter) if !path.contains(['/', ':']) => format!("{chapter}.html{anchor}"),
        _ if url.starts_with("https://") || url.starts_with("http://") => url.to_owned(),
        _ if path.is_empty() => anchor,
        _ => "#".to_owned(),
    }
}

/// What a piece of code in a sentence names. Rules of a single word may as well be something else.
fn named(links: &Links<'_>, name: &str) -> Option<String> {
    let rule = || links.book.grammar().rule(name).filter(|_| name.contains('-'));
    links
        .requirement(name)
        .or_else(|| links.case(name).filter(|_| links.scenario(name).is_some()))
        .or_else(|| links.example(name))
        .or_else(|| rule().map(|rule| links.rule(rule)))
}
