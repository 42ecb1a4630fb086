//! The book: all chapters, read and checked.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::{fmt, fs, io};

use sha2::{Digest, Sha256};
use wsconform_abnf::suggest::closest;
use wsconform_abnf::{Diagnostic, Grammar, GrammarBuilder, Location, Source};

use crate::autobahn::{self, AutobahnMap};
use crate::chapters::CHAPTERS;
use crate::claims::{self, ClaimsMap, Patent};
use crate::example::{self, Example, Mention};
use crate::map;
use crate::markdown::{Block, blocks};
use crate::model::{self, Machine, Model};
use crate::patent::Place;
use crate::requirement::{self, Party, Requirement, RequirementId};
use crate::rfc6455::{self, Passage, Rfc6455Map, Sentences};
use crate::scenario::{self, RequirementFacts, Scenario, VectorRow};

/// The specification, known to be well formed, without duplicates and without dangling names.
#[derive(Clone, Debug)]
pub struct Book {
    chapters: Vec<Chapter>,
    requirements: BTreeMap<RequirementId, Requirement>,
    grammar: Grammar,
    examples: Vec<Example>,
    scenarios: Vec<Scenario>,
    claims: ClaimsMap,
    rfc6455: Rfc6455Map,
    autobahn: AutobahnMap,
    model: Model,
}

impl Book {
    /// The book that is part of this crate. Diagnostics call its chapters `book/NN-topic.md`.
    ///
    /// # Errors
    ///
    /// [`BookError::Diagnostics`], which a test of this crate rules out for a released book.
    pub fn embedded() -> Result<Self, BookError> {
        Self::from_texts(CHAPTERS.iter().copied())
    }

    /// The book that consists of these chapters, file names (`NN-topic.md`) and texts in order.
    /// Diagnostics call them `book/NN-topic.md`.
    ///
    /// # Errors
    ///
    /// [`BookError::Diagnostics`].
    pub fn from_texts<'t>(
        chapters: impl IntoIterator<Item = (&'t str, &'t str)>,
    ) -> Result<Self, BookError> {
        let chapters = chapters
            .into_iter()
            .map(|(file, text)| (file.to_owned(), Source::new(format!("book/{file}"), text)));
        Self::read(chapters)
    }

    /// The book whose chapters are the files `NN-topic.md` of the folder `path`, in the order of
    /// their names. Files that are not Markdown are passed over.
    ///
    /// # Errors
    ///
    /// [`BookError::Io`] when the folder or a file cannot be read as UTF-8 text,
    /// [`BookError::Empty`] when it has no chapters, [`BookError::Diagnostics`] otherwise.
    pub fn from_dir(path: &Path) -> Result<Self, BookError> {
        let failed = |path: &Path| {
            let path = path.to_owned();
            move |error| BookError::Io { path, error }
        };
        let mut paths = Vec::new();
        for entry in fs::read_dir(path).map_err(failed(path))? {
            let path = entry.map_err(failed(path))?.path();
            if path.extension().is_some_and(|extension| extension == "md") {
                paths.push(path);
            }
        }
        paths.sort();
        if paths.is_empty() {
            return Err(BookError::Empty { path: path.to_owned() });
        }
        let mut chapters = Vec::new();
        for path in paths {
            let text = fs::read_to_string(&path).map_err(failed(&path))?;
            let file = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            chapters.push((file, Source::new(path.to_string_lossy(), text)));
        }
        Self::read(chapters)
    }

    /// The book with rows for the scenarios that take them from vectors. Without them these have no
    /// cases: vectors are made from the book, so who has them comes later.
    ///
    /// # Errors
    ///
    /// [`BookError::Diagnostics`] when a pattern matches no vector, or when a vector does not fit the
    /// steps that use it.
    pub fn with_vectors(mut self, vectors: &[VectorRow]) -> Result<Self, BookError> {
        let mut problems = scenario::fill(&mut self.scenarios, vectors);
        problems.append(&mut scenario::check(
            &self.scenarios,
            &facts(&self.requirements, &BTreeSet::new()),
        ));
        if problems.is_empty() { Ok(self) } else { Err(in_order(&self.chapters, problems)) }
    }

    /// The chapters in order.
    pub fn chapters(&self) -> &[Chapter] {
        &self.chapters
    }

    /// All requirements by id.
    pub fn requirements(&self) -> &BTreeMap<RequirementId, Requirement> {
        &self.requirements
    }

    /// The requirement called `id`.
    pub fn requirement(&self, id: &str) -> Option<&Requirement> {
        self.requirements.get(id)
    }

    /// The grammar of all chapters.
    pub fn grammar(&self) -> &Grammar {
        &self.grammar
    }

    /// The examples in the order of the book.
    pub fn examples(&self) -> &[Example] {
        &self.examples
    }

    /// The scenarios in the order of the book.
    pub fn scenarios(&self) -> &[Scenario] {
        &self.scenarios
    }

    /// What makes the claims and figures of the patent precise.
    pub fn claims(&self) -> &ClaimsMap {
        &self.claims
    }

    /// What says in the words of the book what RFC 6455 asks.
    pub fn rfc6455(&self) -> &Rfc6455Map {
        &self.rfc6455
    }

    /// Which of our cases ask the same as each case of the Autobahn testsuite.
    pub fn autobahn(&self) -> &AutobahnMap {
        &self.autobahn
    }

    /// The state machines of an endpoint.
    pub fn model(&self) -> &Model {
        &self.model
    }

    /// `sha256:` and the hash of the chapters' file names and texts, in hexadecimal: equal for equal
    /// books, wherever they were read from.
    pub fn digest(&self) -> String {
        let mut hash = Sha256::new();
        for chapter in &self.chapters {
            for part in [chapter.file.as_str(), chapter.source.text()] {
                hash.update((part.len() as u64).to_be_bytes());
                hash.update(part.as_bytes());
            }
        }
        let octets = hash.finalize();
        let digits: String = octets.iter().map(|octet| format!("{octet:02x}")).collect();
        format!("sha256:{digits}")
    }

    fn read(chapters: impl IntoIterator<Item = (String, Source)>) -> Result<Self, BookError> {
        let mut draft = Draft::default();
        for (file, source) in chapters {
            draft.chapter(file, source);
        }
        draft.finish()
    }
}

/// A chapter of the book.
#[derive(Clone, Debug)]
pub struct Chapter {
    file: String,
    title: String,
    source: Source,
    requirements: Vec<RequirementId>,
}

impl Chapter {
    /// The name of its file, `NN-topic.md`.
    pub fn file(&self) -> &str {
        &self.file
    }

    /// The text of its first heading.
    pub fn title(&self) -> &str {
        &self.title
    }

    /// Its text.
    pub fn source(&self) -> &Source {
        &self.source
    }

    /// The ids of its requirements, in order.
    pub fn requirements(&self) -> &[RequirementId] {
        &self.requirements
    }
}

/// Why there is no book.
#[derive(Debug)]
pub enum BookError {
    /// A file or folder cannot be read.
    Io {
        /// Which.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// The folder holds no chapters.
    Empty {
        /// The folder.
        path: PathBuf,
    },
    /// The chapters can be read, but not as a book: everything that is wrong, in order.
    Diagnostics(Vec<Diagnostic>),
}

impl fmt::Display for BookError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io { path, error } => write!(f, "cannot read {}: {error}", path.display()),
            Self::Empty { path } => write!(
                f,
                "no chapters in {}: a chapter is a file named NN-topic.md, such as 10-contract.md",
                path.display()
            ),
            Self::Diagnostics(diagnostics) => {
                for (index, diagnostic) in diagnostics.iter().enumerate() {
                    let separator = if index == 0 { "" } else { "\n" };
                    write!(f, "{separator}{diagnostic}")?;
                }
                Ok(())
            }
        }
    }
}

impl std::error::Error for BookError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Io { error, .. } => Some(error),
            Self::Empty { .. } | Self::Diagnostics(_) => None,
        }
    }
}

/// A book whose chapters are still being read.
#[derive(Default)]
struct Draft {
    chapters: Vec<Chapter>,
    requirements: BTreeMap<RequirementId, Requirement>,
    labels: BTreeMap<RequirementId, (Source, Range<usize>)>,
    unreadable: BTreeSet<RequirementId>,
    grammar: GrammarBuilder,
    examples: Vec<Example>,
    example_ids: BTreeMap<String, Location>,
    mentions: Vec<Mention>,
    scenarios: Vec<Scenario>,
    claims: Vec<map::Draft<Place>>,
    sentences: Vec<map::Draft<Passage>>,
    autobahn: Vec<autobahn::Draft>,
    machines: Vec<Machine>,
    diagnostics: Vec<Diagnostic>,
}

impl Draft {
    fn chapter(&mut self, file: String, source: Source) {
        if !is_chapter_name(&file) {
            self.diagnostics.push(
                Diagnostic::new(&source, 0..0, "malformed chapter name", format!("this is {file}"))
                    .help("two digits and a topic in lower case, such as `10-contract.md`"),
            );
        }
        let (blocks, mut diagnostics) = blocks(&source);
        self.diagnostics.append(&mut diagnostics);
        let reading = requirement::read(&source, &blocks, &mut self.diagnostics);
        self.unreadable.extend(reading.unreadable);
        let mut ids = Vec::new();
        for (requirement, span) in reading.requirements {
            ids.push(requirement.id.clone());
            self.requirement(&source, requirement, span);
        }
        let mut section = "";
        for block in &blocks {
            let (language, content) = match block {
                Block::Fence { language, content } => (language, content),
                Block::Heading(range) => {
                    section = heading(&source, range);
                    continue;
                }
                Block::Label(_) | Block::Paragraph(_) => continue,
            };
            match &source.text()[language.clone()] {
                "abnf" => self.grammar.add(&source, content.clone()),
                "example" => self.examples(&source, example::read(&source, content.clone())),
                "model" => self.model(model::read(&source, content.clone())),
                "claims" => self.claims(map::read::<Patent>(&source, content.clone(), section)),
                "sentences" => {
                    self.sentences(map::read::<Sentences>(&source, content.clone(), section))
                }
                "autobahn" => self.autobahn(autobahn::read(&source, content.clone(), section)),
                "scenario" => match scenario::parse_block(&source, content.clone()) {
                    Ok(mut scenarios) => self.scenarios.append(&mut scenarios),
                    Err(mut diagnostics) => self.diagnostics.append(&mut diagnostics),
                },
                _ => {}
            }
        }
        let title = blocks.iter().find_map(|block| match block {
            Block::Heading(range) => Some(heading(&source, range).to_owned()),
            _ => None,
        });
        let title = title.unwrap_or_default();
        self.chapters.push(Chapter { file, title, source, requirements: ids });
    }

    fn requirement(&mut self, source: &Source, requirement: Requirement, span: Range<usize>) {
        if let Some(first) = self.requirements.get(&requirement.id) {
            let label = format!("`{}` exists already", requirement.id);
            self.diagnostics.push(
                Diagnostic::new(source, span, "requirement id used twice", label)
                    .help(format!("the first is at {}; ids are never reused", first.at)),
            );
            return;
        }
        self.labels.insert(requirement.id.clone(), (source.clone(), span));
        self.requirements.insert(requirement.id.clone(), requirement);
    }

    fn claims(&mut self, mut block: map::Block<Place>) {
        self.diagnostics.append(&mut block.diagnostics);
        self.mentions.append(&mut block.mentions);
        self.claims.append(&mut block.entries);
    }

    fn sentences(&mut self, mut block: map::Block<Passage>) {
        self.diagnostics.append(&mut block.diagnostics);
        self.mentions.append(&mut block.mentions);
        self.sentences.append(&mut block.entries);
    }

    fn autobahn(&mut self, mut block: autobahn::Block) {
        self.diagnostics.append(&mut block.diagnostics);
        self.autobahn.append(&mut block.drafts);
    }

    fn model(&mut self, mut block: model::Block) {
        self.diagnostics.append(&mut block.diagnostics);
        self.mentions.append(&mut block.mentions);
        self.machines.append(&mut block.machines);
    }

    fn examples(&mut self, source: &Source, mut block: example::Block) {
        self.diagnostics.append(&mut block.diagnostics);
        self.mentions.append(&mut block.mentions);
        for (example, span) in block.examples {
            match self.example_ids.get(&example.id) {
                Some(first) => self.diagnostics.push(
                    Diagnostic::new(
                        source,
                        span,
                        "example id used twice",
                        format!("`{}` exists already", example.id),
                    )
                    .help(format!("the first is at {first}")),
                ),
                None => {
                    self.example_ids.insert(example.id.clone(), example.at.clone());
                    self.examples.push(example);
                }
            }
        }
    }

    fn finish(mut self) -> Result<Book, BookError> {
        self.check_mentions();
        self.check_scenarios();
        let drafts = std::mem::take(&mut self.claims);
        let (claims, mut problems) = claims::check(drafts, &self.requirements, &self.labels);
        self.diagnostics.append(&mut problems);
        let drafts = std::mem::take(&mut self.sentences);
        let (rfc6455, mut problems) = rfc6455::check(drafts, &self.requirements);
        self.diagnostics.append(&mut problems);
        let drafts = std::mem::take(&mut self.autobahn);
        let (autobahn, mut problems) = autobahn::check(drafts, &self.scenarios);
        self.diagnostics.append(&mut problems);
        self.diagnostics.append(&mut model::check(&self.machines));
        let grammar = match self.grammar.finish() {
            Ok(grammar) if self.diagnostics.is_empty() => grammar,
            Ok(_) => return Err(in_order(&self.chapters, self.diagnostics)),
            Err(mut diagnostics) => {
                self.diagnostics.append(&mut diagnostics);
                return Err(in_order(&self.chapters, self.diagnostics));
            }
        };
        Ok(Book {
            chapters: self.chapters,
            requirements: self.requirements,
            grammar,
            examples: self.examples,
            scenarios: self.scenarios,
            claims,
            rfc6455,
            autobahn,
            model: Model::new(self.machines),
        })
    }

    fn check_mentions(&mut self) {
        for mention in &self.mentions {
            let id = &mention.requirement;
            if !self.requirements.contains_key(id) && !self.unreadable.contains(id) {
                self.diagnostics.push(unknown_requirement(mention, &self.requirements));
            }
        }
    }

    fn check_scenarios(&mut self) {
        let facts = facts(&self.requirements, &self.unreadable);
        self.diagnostics.append(&mut scenario::check(&self.scenarios, &facts));
    }
}

/// The text of a heading.
fn heading<'s>(source: &'s Source, range: &Range<usize>) -> &'s str {
    source.text()[range.clone()].trim_matches(['#', ' '])
}

/// What scenarios need to know; a requirement that could not be read binds everybody, so that it is
/// reported once.
fn facts(
    requirements: &BTreeMap<RequirementId, Requirement>,
    unreadable: &BTreeSet<RequirementId>,
) -> RequirementFacts {
    let names = |parties: &[Party]| parties.iter().map(ToString::to_string).collect::<Vec<_>>();
    let unreadable = unreadable.iter().map(|id| (id.to_string(), names(&Party::ALL)));
    let readable = requirements.iter().map(|(id, one)| (id.to_string(), names(&one.binds)));
    RequirementFacts::new(unreadable.chain(readable))
}

fn unknown_requirement(
    mention: &Mention,
    requirements: &BTreeMap<RequirementId, Requirement>,
) -> Diagnostic {
    let diagnostic = Diagnostic::new(
        &mention.source,
        mention.span.clone(),
        "unknown requirement",
        format!("no requirement is called `{}`", mention.requirement),
    );
    match closest(mention.requirement.as_str(), requirements.keys().map(RequirementId::as_str)) {
        Some(near) => diagnostic.help(format!("did you mean `{near}`?")),
        None => diagnostic,
    }
}

fn in_order(chapters: &[Chapter], mut diagnostics: Vec<Diagnostic>) -> BookError {
    let chapter = |diagnostic: &Diagnostic| {
        chapters.iter().position(|chapter| chapter.source.name() == diagnostic.source().name())
    };
    diagnostics.sort_by_key(|diagnostic| (chapter(diagnostic), diagnostic.span().start));
    BookError::Diagnostics(diagnostics)
}

fn is_chapter_name(file: &str) -> bool {
    let Some(stem) = file.strip_suffix(".md") else { return false };
    let Some((number, topic)) = stem.split_once('-') else { return false };
    number.len() == 2
        && number.bytes().all(|byte| byte.is_ascii_digit())
        && requirement::is_hyphenated_word(topic)
}
