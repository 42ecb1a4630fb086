//! A chapter: its Markdown as HTML, with what is executable in it drawn and linked.

use std::collections::BTreeSet;
use std::ops::Range;

use pulldown_cmark::{CodeBlockKind, CowStr, Event, Options, Parser, Tag, TagEnd, html};
use wsconform_abnf::{GrammarRule, Source};

use super::highlight::{Kind, abnf, lines};
use super::html::{counted, escaped, link};
use super::links::Links;
use super::{Heading, SiteError, Templates, grammar, requirement};
use crate::book::Chapter;
use crate::scenario::cases;

/// What a page of a chapter holds.
pub(super) struct Body {
    pub(super) html: String,
    pub(super) contents: Vec<Heading>,
}

/// The text of a chapter.
pub(super) fn body(
    links: &Links<'_>,
    templates: &Templates,
    chapter: &Chapter,
) -> Result<Body, SiteError> {
    let text = chapter.source().text();
    let mut writer = Writer {
        links,
        source: chapter.source(),
        events: Vec::new(),
        contents: Vec::new(),
        anchors: BTreeSet::new(),
    };
    let mut parser = Parser::new_ext(text, Options::ENABLE_TABLES).into_offset_iter();
    while let Some((event, range)) = parser.next() {
        match event {
            Event::Start(Tag::CodeBlock(kind)) => {
                let mut code = String::new();
                for (inner, _) in parser.by_ref() {
                    match inner {
                        Event::Text(text) => code.push_str(&text),
                        Event::End(TagEnd::CodeBlock) => break,
                        _ => {}
                    }
                }
                let language = match &kind {
                    CodeBlockKind::Fenced(info) => info.split_whitespace().next().unwrap_or(""),
                    CodeBlockKind::Indented => "",
                };
                writer.code(language, &code, &range);
            }
            Event::Start(Tag::Heading { level, .. }) => {
                let inner: Vec<_> = parser
                    .by_ref()
                    .map(|(event, _)| event)
                    .take_while(|event| !matches!(event, Event::End(TagEnd::Heading(_))))
                    .collect();
                writer.heading(level as u8, inner);
            }
            Event::Start(Tag::Paragraph) => match label(&text[range.clone()]) {
                Some(id) if links.book.requirement(id).is_some() => {
                    let within = parser.by_ref().map(|(event, _)| event);
                    within
                        .take_while(|event| *event != Event::End(TagEnd::Paragraph))
                        .for_each(drop);
                    let card = requirement::card(links, templates, id)?;
                    writer.html(card);
                }
                _ => writer.events.push(Event::Start(Tag::Paragraph)),
            },
            event => writer.event(event),
        }
    }
    let mut html = String::new();
    html::push_html(&mut html, writer.events.into_iter());
    Ok(Body { html, contents: writer.contents })
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

/// The id of a paragraph that is a requirement.
fn label(paragraph: &str) -> Option<&str> {
    paragraph.trim_start().strip_prefix("r[")?.split_once(']').map(|(id, _)| id)
}

struct Writer<'w, 'b, 't> {
    links: &'w Links<'b>,
    source: &'w Source,
    events: Vec<Event<'t>>,
    contents: Vec<Heading>,
    anchors: BTreeSet<String>,
}

impl<'b, 't> Writer<'_, 'b, 't> {
    fn html(&mut self, html: String) {
        self.events.push(Event::Html(CowStr::from(html)));
    }

    fn event(&mut self, event: Event<'t>) {
        match event {
            Event::Start(Tag::Table(alignment)) => {
                self.html("<div class=\"table\">".to_owned());
                self.events.push(Event::Start(Tag::Table(alignment)));
            }
            Event::End(TagEnd::Table) => {
                self.events.push(Event::End(TagEnd::Table));
                self.html("</div>\n".to_owned());
            }
            event => self.events.extend(tamed(self.links, event)),
        }
    }

    fn heading(&mut self, level: u8, inner: Vec<Event<'t>>) {
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
        self.html(format!(
            "<h{level} id=\"{target}\">{html}<a class=\"here\" href=\"#{target}\" \
             aria-label=\"Link to this section\">#</a></h{level}>\n"
        ));
        if level > 1 {
            self.contents.push(Heading { anchor, text, level });
        }
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

    fn code(&mut self, language: &str, code: &str, range: &Range<usize>) {
        let highlighted = match language {
            "abnf" => abnf(self.links, code),
            "scenario" => lines(self.links, Kind::Scenario, code),
            "example" => lines(self.links, Kind::Example, code),
            _ => escaped(code),
        };
        let language = escaped(language);
        self.html(format!(
            "<div class=\"block {language}\"><pre><code>{highlighted}</code></pre>\n"
        ));
        match &*language {
            "abnf" => {
                let rules = self.rules_in(range);
                self.html(grammar::figures(self.links, &rules));
            }
            "scenario" => self.cases_of(range),
            _ => {}
        }
        self.html("</div>\n".to_owned());
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

    /// How many cases the scenarios of a block make.
    fn cases_of(&mut self, range: &Range<usize>) {
        let scenarios = self.links.book.scenarios().iter();
        let here = scenarios.filter(|scenario| {
            scenario.source.name() == self.source.name() && range.contains(&scenario.span.start)
        });
        let texts: Vec<_> = here
            .map(|scenario| {
                let roles: Vec<_> = scenario.roles.iter().map(|role| role.name()).collect();
                let needs = scenario.needs.iter().filter_map(|need| match need {
                    crate::scenario::Need::Case(id) => Some(id),
                    crate::scenario::Need::Capability(_) => None,
                });
                let needs: Vec<_> = needs
                    .filter_map(|id| Some(link(&self.links.case(id)?, "", id)))
                    .map(|link| format!(", after {link}"))
                    .collect();
                let count = counted(cases(scenario).len(), "case");
                format!("{count}: {}{}", roles.join(", "), needs.concat())
            })
            .collect();
        if !texts.is_empty() {
            self.html(format!("<p class=\"cases\">{}</p>\n", texts.join("; ")));
        }
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
