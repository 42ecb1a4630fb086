//! What a run found, as data: one JSON object a line, from which all views are made.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The version of the format; a reader skips what it does not know of the same version.
pub const SCHEMA: u32 = 1;

/// A line of a report: first `run`, then a `case` for each case in the order of the book, last
/// `end`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "type", rename_all = "kebab-case")]
pub enum Record {
    /// What was run against whom.
    Run(RunRecord),
    /// One case.
    Case(Box<CaseRecord>),
    /// How it ended.
    End(EndRecord),
}

/// The first line: what was run against whom.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RunRecord {
    /// The version of this format.
    pub schema: u32,
    /// The version of the suite.
    pub suite: String,
    /// `sha256:…` over the chapters of the book.
    pub book: String,
    /// The endpoint, as the user named it.
    pub target: String,
    /// `server`, `client` or `gateway`.
    pub role: String,
    /// The seed that all choices of the harness derive from.
    pub seed: u64,
    /// What the endpoint was found to be.
    pub found: Found,
}

/// What an endpoint was found to be before the first case.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Found {
    /// The applications that answered: `echo`, `close`.
    pub applications: Vec<String>,
    /// The capabilities that it negotiates.
    pub capabilities: Vec<String>,
}

impl Found {
    /// Whether it runs the application.
    pub fn runs(&self, application: &str) -> bool {
        self.applications.iter().any(|found| found == application)
    }

    /// Whether it negotiates the capability.
    pub fn negotiates(&self, capability: &str) -> bool {
        self.capabilities.iter().any(|found| found == capability)
    }
}

/// The verdict on a case.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// All as required.
    Pass,
    /// Something recommended is missing.
    Warn,
    /// Something required is missing.
    Fail,
    /// Not run, or not to the end, for a reason that is no fault.
    Skip,
    /// Nothing can be said.
    Inconclusive,
}

impl Verdict {
    /// All of them, in the order in which they are listed.
    pub const ALL: [Verdict; 5] =
        [Verdict::Pass, Verdict::Warn, Verdict::Fail, Verdict::Skip, Verdict::Inconclusive];

    /// Its name, as in a report.
    pub fn name(self) -> &'static str {
        match self {
            Verdict::Pass => "pass",
            Verdict::Warn => "warn",
            Verdict::Fail => "fail",
            Verdict::Skip => "skip",
            Verdict::Inconclusive => "inconclusive",
        }
    }
}

/// A case and what came of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CaseRecord {
    /// The id of the case, `ping.answered/empty`.
    pub id: String,
    /// The role of the endpoint under test.
    pub role: String,
    /// Why it takes its time, where it does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub slow: Option<String>,
    /// The verdict.
    pub verdict: Verdict,
    /// Why, for `skip` and `inconclusive`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// What was violated.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub blame: Vec<Blame>,
    /// Which of several permitted things the endpoint did, by observation.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub observations: BTreeMap<String, String>,
    /// The steps of a random walk that was not passed, those left out without which it would be.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub steps: Vec<String>,
    /// How long it took, in ms; in simulated runs, of virtual time.
    pub ms: u64,
    /// What went over the wire, for verdicts other than `pass` and `skip`: the connection, ms since
    /// the case began, the direction as the harness sees it, octets.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub transcript: Vec<TranscriptEntry>,
    /// The transcript of the first attempt, where a missed deadline made a second one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub first_transcript: Vec<TranscriptEntry>,
    /// The command that runs this case alone, for verdicts other than `pass` and `skip`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reproduce: Option<String>,
}

impl CaseRecord {
    /// A case with its verdict and nothing else.
    pub fn new(id: impl Into<String>, role: impl Into<String>, verdict: Verdict) -> Self {
        CaseRecord {
            id: id.into(),
            role: role.into(),
            slow: None,
            verdict,
            reason: None,
            blame: Vec::new(),
            observations: BTreeMap::new(),
            steps: Vec::new(),
            ms: 0,
            transcript: Vec::new(),
            first_transcript: Vec::new(),
            reproduce: None,
        }
    }
}

/// A requirement that was violated, by whom, and how that was seen.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Blame {
    /// The id of the requirement.
    pub requirement: String,
    /// `MUST` or `SHOULD`, with `NOT` where it says so.
    pub level: String,
    /// The requirement itself.
    pub text: String,
    /// Its sources.
    pub source: String,
    /// Who violated it: the role of the endpoint under test.
    pub party: String,
    /// The step of the scenario, `book/40-control.md:212`.
    pub at: String,
    /// What would have been right.
    pub expected: String,
    /// What came.
    pub observed: String,
    /// The octets that came, annotated; empty where nothing came.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub octets: Vec<OctetsRecord>,
}

/// Octets and their meaning.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct OctetsRecord {
    /// The offset of the first of them in the stream.
    pub start: u64,
    /// The offset behind the last of them.
    pub end: u64,
    /// The octets in hexadecimal; long ones shortened.
    pub octets: String,
    /// What they mean.
    pub meaning: String,
}

/// One write or read: `["front", 3, ">", "82 84 …"]` without the first where there is just one
/// connection.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TranscriptEntry {
    /// The connection, where the scenario names several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub connection: Option<String>,
    /// ms since the case began.
    pub ms: u64,
    /// `>` from the harness, `<` from the endpoint.
    pub direction: Direction,
    /// How many octets.
    pub length: u64,
    /// The octets in hexadecimal; of many, head and tail. `end` for the end of the stream.
    pub octets: String,
}

/// The direction of octets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum Direction {
    /// From the harness to the endpoint.
    #[serde(rename = ">")]
    Sent,
    /// From the endpoint to the harness.
    #[serde(rename = "<")]
    Received,
}

/// The last line: how it ended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct EndRecord {
    /// Whether all selected cases were run.
    pub complete: bool,
    /// Why not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The verdict on the endpoint.
    pub verdict: RunVerdict,
    /// How many cases had which verdict.
    pub counts: Counts,
    /// How long the run took, in ms; in simulated runs, of virtual time.
    pub ms: u64,
    /// How long the cases took that are not slow, where slow ones ran beside them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quick_ms: Option<u64>,
}

/// The verdict on an endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum RunVerdict {
    /// No case failed, and each could be judged.
    Met,
    /// At least one case failed.
    NotMet,
    /// No case failed, but not each could be judged.
    Inconclusive,
}

impl RunVerdict {
    /// The verdict that follows from those on the cases. A run that ended early, or in which all
    /// cases were skipped, shows no fault but proves nothing: inconclusive.
    pub fn of(counts: &Counts, complete: bool) -> Self {
        if counts.fail > 0 {
            RunVerdict::NotMet
        } else if !complete || counts.inconclusive > 0 || counts.pass + counts.warn == 0 {
            RunVerdict::Inconclusive
        } else {
            RunVerdict::Met
        }
    }
}

/// Cases by verdict.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Counts {
    /// `pass`
    pub pass: usize,
    /// `warn`
    pub warn: usize,
    /// `fail`
    pub fail: usize,
    /// `skip`
    pub skip: usize,
    /// `inconclusive`
    pub inconclusive: usize,
}

impl Counts {
    /// Counts one more.
    pub fn add(&mut self, verdict: Verdict) {
        *match verdict {
            Verdict::Pass => &mut self.pass,
            Verdict::Warn => &mut self.warn,
            Verdict::Fail => &mut self.fail,
            Verdict::Skip => &mut self.skip,
            Verdict::Inconclusive => &mut self.inconclusive,
        } += 1;
    }

    /// The cases of a verdict.
    pub fn of(&self, verdict: Verdict) -> usize {
        match verdict {
            Verdict::Pass => self.pass,
            Verdict::Warn => self.warn,
            Verdict::Fail => self.fail,
            Verdict::Skip => self.skip,
            Verdict::Inconclusive => self.inconclusive,
        }
    }

    /// All cases.
    pub fn total(&self) -> usize {
        self.pass + self.warn + self.fail + self.skip + self.inconclusive
    }
}

impl FromIterator<Verdict> for Counts {
    fn from_iter<I: IntoIterator<Item = Verdict>>(verdicts: I) -> Self {
        let mut counts = Counts::default();
        verdicts.into_iter().for_each(|verdict| counts.add(verdict));
        counts
    }
}
