//! `wsconform certify`: the main job.

use std::fs::File;
use std::io::{self, BufWriter, IsTerminal, Write};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use clap::{ArgGroup, Args, Subcommand};
use tokio::runtime::{Builder, Runtime};
use wsconform_spec::Book;
use wsconform_spec::scenario::Role;

use super::{Stop, book, print};
use crate::engine::{NotAnEndpoint, Observer, Options, Selection, certify, plan};
use crate::report::{
    CaseRecord, EndRecord, Progress, Report, RunRecord, RunVerdict, TextOptions, WriteError,
    Writer, clean, render,
};
use crate::run::PlannedCase;
use crate::target::{
    ClientCommand, GatewayAddress, Target, TargetError, TargetSpecification, embedded,
};

/// Certify an endpoint against the specification.
///
/// Without a target, an embedded reference server is started on a loopback socket and certified.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
#[command(after_help = "\
Examples:
  wsconform certify
  wsconform certify ws://127.0.0.1:9001/
  wsconform certify 'exec:python3 server.py {port}' --report report.jsonl
  wsconform certify ws://127.0.0.1:9001/ --run 'escape.*' --seed 7
  wsconform certify client --exec 'python3 client.py {url}'
  wsconform certify sim:broken/escape-not-sent
  wsconform certify ws://127.0.0.1:9001/ --walk 100

Exit codes: 0 met, 1 not met, 2 wrong usage or bad input, 3 inconclusive.")]
pub(super) struct Certify {
    #[command(subcommand)]
    role: Option<RoleArguments>,
    #[command(flatten)]
    server: ServerArguments,
}

#[derive(Debug, Args)]
struct ServerArguments {
    /// The server: `ws://host:port/path`, `exec:COMMAND {port}` to start one, or `sim:NAME` for a
    /// built-in one in memory and virtual time (`sim:reference`, `sim:simple`, `sim:broken/…`).
    target: Option<String>,
    /// How long a server that a command starts may take until it listens, in s.
    #[arg(long, default_value_t = 10, value_name = "S", value_parser = clap::value_parser!(u64).range(1..=3600))]
    startup: u64,
    #[command(flatten)]
    how: How,
}

#[derive(Debug, Subcommand)]
enum RoleArguments {
    /// Certify a client.
    ///
    /// The client is started for each case with a URL. It connects once, echoes what it receives
    /// until the connection is over, and exits.
    #[command(group(ArgGroup::new("client").required(true).args(["target", "exec"])))]
    Client {
        /// A built-in client in memory and virtual time, such as `sim:reference`.
        target: Option<String>,
        /// The command that starts the client; `{url}` stands for the URL to connect to.
        #[arg(long, value_name = "COMMAND")]
        exec: Option<String>,
        #[command(flatten)]
        how: How,
    },
    /// Certify a gateway between WebSocket and plain TCP.
    Gateway {
        /// Its front: `ws://host:port/path`, or a built-in one such as `sim:simple`.
        target: String,
        /// The address that it connects to, on which the harness listens: `host:port`.
        #[arg(long, value_name = "ADDRESS")]
        back: Option<String>,
        #[command(flatten)]
        how: How,
    },
}

#[derive(Debug, Args)]
struct How {
    /// Run only cases whose id matches; `*` stands for any characters. Can be repeated.
    #[arg(long, value_name = "PATTERN")]
    run: Vec<String>,
    /// Leave out cases whose id matches. Can be repeated.
    #[arg(long, value_name = "PATTERN")]
    skip: Vec<String>,
    /// Skip the cases that the book calls slow, which wait or count data for more than a fifth of a
    /// second. By default all cases run, slow ones beside the others.
    #[arg(long)]
    skip_slow: bool,
    /// Take so many random walks behind the cases: sequences of steps that are drawn, judged by the
    /// model of the book. `--run 'walk/*'` takes walks alone.
    #[arg(long, default_value_t = 0, value_name = "NUMBER", value_parser = clap::value_parser!(u32).range(0..=1_000_000))]
    walk: u32,
    /// List the selected cases instead of running them; with `--verbose`, those that are slow with
    /// the reason.
    #[arg(long)]
    list: bool,
    /// All choices of the harness derive from this number.
    #[arg(long, default_value_t = 0, value_name = "NUMBER")]
    seed: u64,
    /// How long one step of a case may take, in ms.
    #[arg(long, default_value_t = 2000, value_name = "MS", value_parser = clap::value_parser!(u64).range(10..=600_000))]
    timeout: u64,
    /// How many cases run at the same time [default: twice the processors, as far as the target
    /// allows].
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u16).range(1..=256))]
    jobs: Option<u16>,
    /// The longest message that the endpoint takes, in octets: cases with longer ones are skipped.
    /// Without it, that is found out.
    #[arg(long, value_name = "OCTETS")]
    max_message: Option<u64>,
    /// How long the whole run may take, in s.
    #[arg(long, default_value_t = 300, value_name = "S", value_parser = clap::value_parser!(u64).range(1..=86_400))]
    deadline: u64,
    /// Write the report as JSON Lines to this file; `-` for the standard output, in place of the
    /// summary.
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
    /// List every case, and show what went over the wire in those that were not passed.
    #[arg(long, short)]
    verbose: bool,
    /// Take the book from this folder instead of the embedded one.
    #[arg(long, value_name = "DIR")]
    book: Option<PathBuf>,
}

/// What is put under test.
enum Wanted {
    Embedded,
    Server(TargetSpecification),
    Client(TargetSpecification),
    ClientCommand(String),
    Gateway(TargetSpecification),
    GatewayAddress { front: String, back: String },
}

impl Certify {
    pub(super) fn run(self, coloured: bool) -> Result<u8, Stop> {
        let (wanted, how) = self.wanted()?;
        let book = book(how.book.as_deref())?;
        let selection = Selection::new(&how.run, &how.skip).with_walks(how.walk);
        let cases = plan(&book, wanted.role(), &selection);
        if cases.is_empty() {
            return Err(nothing_selected(&book, wanted.role(), &how));
        }
        if how.list {
            let lines: Vec<String> = cases.iter().map(|case| how.listed(case)).collect();
            print(&format!("{}\n", lines.join("\n")));
            return Ok(0);
        }
        let out = how.open_report()?;
        let runtime = wanted.runtime().map_err(Stop::usage)?;
        let done = runtime.block_on(run(&wanted, &how, &book, &cases, out));
        // A name look-up that hangs must not hold up the exit.
        runtime.shutdown_background();
        let (report, stderr) = done?;
        Ok(how.show(&report, &stderr, coloured))
    }

    fn wanted(self) -> Result<(Wanted, How), Stop> {
        let parse = |typed: &str| TargetSpecification::parse(typed).map_err(Stop::usage);
        Ok(match self.role {
            None => match self.server.target {
                None => (Wanted::Embedded, self.server.how),
                Some(typed) => {
                    let startup = Duration::from_secs(self.server.startup);
                    (Wanted::Server(parse(&typed)?.with_startup(startup)), self.server.how)
                }
            },
            Some(RoleArguments::Client { exec: Some(command), how, .. }) => {
                (Wanted::ClientCommand(command), how)
            }
            Some(RoleArguments::Client { target, how, .. }) => {
                (Wanted::Client(parse(&target.unwrap_or_default())?), how)
            }
            Some(RoleArguments::Gateway { target, back: None, how }) => {
                (Wanted::Gateway(parse(&target)?), how)
            }
            Some(RoleArguments::Gateway { target, back: Some(back), how }) => {
                (Wanted::GatewayAddress { front: target, back }, how)
            }
        })
    }
}

impl Wanted {
    fn role(&self) -> Role {
        match self {
            Self::Embedded | Self::Server(_) => Role::Server,
            Self::Client(_) | Self::ClientCommand(_) => Role::Client,
            Self::Gateway(_) | Self::GatewayAddress { .. } => Role::Gateway,
        }
    }

    /// Simulated endpoints run on one thread and in virtual time, all others on real clocks.
    fn runtime(&self) -> io::Result<Runtime> {
        let simulated = match self {
            Self::Server(specification)
            | Self::Client(specification)
            | Self::Gateway(specification) => specification.is_simulated(),
            _ => false,
        };
        match simulated {
            true => Builder::new_current_thread().enable_all().start_paused(true).build(),
            false => Builder::new_multi_thread().enable_all().build(),
        }
    }

    async fn target(&self, seed: u64) -> Result<Arc<dyn Target>, TargetError> {
        Ok(match self {
            Self::Embedded => Arc::new(embedded().await?),
            Self::Server(specification)
            | Self::Client(specification)
            | Self::Gateway(specification) => {
                specification.clone().into_target(self.role(), seed)?
            }
            Self::ClientCommand(command) => Arc::new(ClientCommand::new(command)?),
            Self::GatewayAddress { front, back } => {
                Arc::new(GatewayAddress::bind(front, back).await?)
            }
        })
    }
}

async fn run(
    wanted: &Wanted,
    how: &How,
    book: &Arc<Book>,
    cases: &[PlannedCase],
    out: Box<dyn Write + Send>,
) -> Result<(Report, String), Stop> {
    let target = wanted.target(how.seed).await.map_err(Stop::usage)?;
    let options = Options {
        seed: how.seed,
        timeout: Duration::from_millis(how.timeout),
        jobs: how.jobs.map(usize::from),
        deadline: Duration::from_secs(how.deadline),
        skip_slow: how.skip_slow,
        longest_message: how.max_message,
    };
    let mut recorder = Recorder { out: Some(out), writer: None, progress: None, failed: None };
    let interrupt = interrupted();
    let ended = certify(book, &target, cases, &options, interrupt, &mut recorder).await;
    let stderr = target.stop().await;
    let end = ended
        .map_err(|error| Stop::inconclusive(start_failure(target.as_ref(), &error, &stderr)))?;
    let report = recorder.end(end).map_err(|error| Stop {
        code: 2,
        message: format!("the report cannot be written: {error}"),
    })?;
    Ok((report, stderr))
}

/// Comes to its end when the process is asked to end. What cannot be listened for ends the process
/// by itself.
async fn interrupted() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let kinds = [SignalKind::interrupt(), SignalKind::terminate(), SignalKind::hangup()];
        if let [Ok(mut interrupt), Ok(mut terminate), Ok(mut hangup)] = kinds.map(signal) {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
                _ = hangup.recv() => {}
            }
            return;
        }
    }
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}

fn start_failure(target: &dyn Target, error: &NotAnEndpoint, stderr: &str) -> String {
    let mut what = error.what.lines();
    let first = what.next().unwrap_or_default();
    let mut message = format!("cannot certify {}: {}", clean(&target.name()), clean(first));
    // The last words of a process.
    for line in what {
        message.push_str(&format!("\n    {}", clean(line)));
    }
    if !stderr.trim().is_empty() {
        message.push_str(&format!("\nits standard error ends with:\n{}", indented(stderr)));
    }
    message.push_str(&format!("\nhelp: {}", error.help));
    message
}

fn indented(text: &str) -> String {
    let lines: Vec<String> = text.lines().map(|line| format!("    {}", clean(line))).collect();
    lines.join("\n")
}

fn nothing_selected(book: &Book, role: Role, how: &How) -> Stop {
    let all = plan(book, role, &Selection::default());
    let near = how.run.first().and_then(|pattern| {
        wsconform_abnf::suggest::closest(pattern, all.iter().map(|case| case.id.as_str()))
    });
    let typed = |option: &str, patterns: &[String]| -> String {
        patterns.iter().map(|pattern| format!(" {option} '{}'", clean(pattern))).collect()
    };
    let mut message = format!(
        "none of the {} cases for a {role} is selected by{}{}",
        all.len(),
        typed("--run", &how.run),
        typed("--skip", &how.skip),
    );
    message.push_str(&match near {
        Some(near) => format!("\nhelp: did you mean `{near}`?"),
        None => "\nhelp: `--list` without `--run` lists all cases".to_owned(),
    });
    Stop::usage(message)
}

impl How {
    /// The line of a case in the list of them.
    fn listed(&self, case: &PlannedCase) -> String {
        match &case.scenario.slow {
            Some(reason) if self.verbose => format!("{}  slow: {}", case.id, clean(reason)),
            _ => case.id.clone(),
        }
    }

    fn open_report(&self) -> Result<Box<dyn Write + Send>, Stop> {
        match &self.report {
            None => Ok(Box::new(io::sink())),
            Some(path) if path.as_os_str() == "-" => Ok(Box::new(io::stdout())),
            Some(path) => match File::create(path) {
                Ok(file) => Ok(Box::new(BufWriter::new(file))),
                Err(error) => Err(Stop::usage(format!(
                    "the report {} cannot be written: {error}\nhelp: name a file in a folder that exists and that you may write to",
                    path.display()
                ))),
            },
        }
    }

    fn show(&self, report: &Report, stderr: &str, coloured: bool) -> u8 {
        let verdict = report.end.as_ref().map_or(RunVerdict::Inconclusive, |end| end.verdict);
        if self.report.as_ref().is_none_or(|path| path.as_os_str() != "-") {
            let options = TextOptions { coloured, verbose: self.verbose, ..TextOptions::default() };
            print(&render(report, options));
        }
        // What an endpoint writes about the wrong octets it gets matters to few; its last words do.
        let died = report.cases.iter().flat_map(|case| &case.blame).any(|blame| {
            matches!(blame.requirement.as_str(), "contract.survives" | "contract.connects")
        });
        let telling = died || verdict == RunVerdict::Inconclusive || self.verbose;
        if verdict != RunVerdict::Met && telling && !stderr.trim().is_empty() {
            eprintln!("the standard error of the endpoint ends with:\n{}", indented(stderr));
        }
        match verdict {
            RunVerdict::Met => 0,
            RunVerdict::NotMet => 1,
            RunVerdict::Inconclusive => 3,
        }
    }
}

/// Writes the report and shows progress while the run goes on.
struct Recorder {
    out: Option<Box<dyn Write + Send>>,
    writer: Option<Writer<Box<dyn Write + Send>>>,
    progress: Option<Progress>,
    failed: Option<WriteError>,
}

impl Observer for Recorder {
    fn run(&mut self, run: &RunRecord, cases: &[PlannedCase]) {
        self.progress = Some(Progress::new(cases.len(), io::stderr().is_terminal()));
        let planned = cases.iter().map(|case| case.id.clone()).collect();
        let Some(out) = self.out.take() else { return };
        match Writer::begin(out, run.clone(), planned) {
            Ok(writer) => self.writer = Some(writer),
            Err(error) => self.failed = Some(error),
        }
    }

    fn start(&mut self, id: &str) {
        if let Some(progress) = &mut self.progress {
            progress.start(id);
        }
    }

    fn case(&mut self, index: usize, record: CaseRecord) {
        if let Some(progress) = &mut self.progress {
            progress.case(&record);
        }
        if let Some(writer) = &mut self.writer
            && let Err(error) = writer.case(index, record)
        {
            self.failed.get_or_insert(error);
        }
    }
}

impl Recorder {
    fn end(self, end: EndRecord) -> Result<Report, WriteError> {
        if let Some(progress) = self.progress {
            progress.finish();
        }
        match (self.failed, self.writer) {
            (Some(error), _) => Err(error),
            (None, Some(writer)) => writer.end(end),
            (None, None) => Err(WriteError::from(io::Error::other("the run never began"))),
        }
    }
}
