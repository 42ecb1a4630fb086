//! A process that was started to be tested: its output never blocks it, and it never outlives us.

use std::collections::VecDeque;
use std::process::{ExitStatus, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::process::{Child, Command};
use tokio::task::JoinHandle;
use tokio::time::timeout;

use super::ConnectError;

/// How much of each output is kept, in octets.
const TAIL: usize = 16 * 1024;
/// How long a process may take to end when it is asked to.
const GRACE: Duration = Duration::from_secs(1);
/// How long the last words of a process that has ended may be under way.
const LAST_WORDS: Duration = Duration::from_millis(200);

/// A running process, in a process group of its own: what it starts itself is ended with it, and
/// an interrupt at the keyboard reaches it only through us. Killed when dropped.
#[derive(Debug)]
pub(super) struct Process {
    child: Child,
    /// As it was started.
    command: String,
    stdout: Output,
    stderr: Output,
}

impl Process {
    /// Starts `words`, program first, without input.
    pub(super) fn start(words: &[String]) -> Result<Self, ConnectError> {
        let command = words.join(" ");
        let refused = |why: String| ConnectError::Refused(why);
        let (program, arguments) =
            words.split_first().ok_or_else(|| refused("there is no command to start".into()))?;
        let mut builder = Command::new(program);
        builder
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        #[cfg(unix)]
        builder.process_group(0);
        let mut child = builder.spawn().map_err(|error| {
            refused(format!(
                "`{program}` could not be started: {error}; is it installed, and does the path \
                 hold from the current folder?"
            ))
        })?;
        let stdout = Output::drain(child.stdout.take());
        let stderr = Output::drain(child.stderr.take());
        Ok(Self { child, command, stdout, stderr })
    }

    /// Waits until it ends by itself. May be cancelled and called again.
    pub(super) async fn ended(&mut self) -> HowItEnded {
        match self.child.wait().await {
            Ok(status) => HowItEnded(Some(status)),
            Err(_) => HowItEnded(None),
        }
    }

    /// How it ended, if it has.
    pub(super) fn has_ended(&mut self) -> Option<HowItEnded> {
        self.child.try_wait().ok().flatten().map(|status| HowItEnded(Some(status)))
    }

    /// The end of what it wrote to its standard error.
    pub(super) async fn stderr(&mut self) -> String {
        self.settle().await;
        self.stderr.text()
    }

    /// An error message: the command as it was started, what it did, and its last words, from the
    /// standard output where there is nothing on the standard error.
    pub(super) async fn account(&mut self, what: &str) -> String {
        self.settle().await;
        let (stderr, stdout) = (self.stderr.text(), self.stdout.text());
        let last_words = match (stderr.as_str(), stdout.as_str()) {
            ("", "") => "It wrote nothing.".to_owned(),
            ("", said) => format!("Its standard output ends with:\n{said}"),
            (said, _) => format!("Its standard error ends with:\n{said}"),
        };
        format!("`{}` {what}. {last_words}", self.command)
    }

    /// Ends it: asks it to, and kills it if it does not within a second. Returns the end of what
    /// it wrote to its standard error.
    pub(super) async fn stop(mut self) -> String {
        self.signal(Ending::Asked);
        if timeout(GRACE, self.child.wait()).await.is_err() {
            self.signal(Ending::Killed);
            // Even a killed process can hang in the kernel; we do not hang with it.
            let _ = timeout(GRACE, self.child.wait()).await;
        }
        self.stderr().await
    }

    /// Waits for what a process that has ended wrote at last. Bounded, since a process that it
    /// left behind may hold its outputs open.
    async fn settle(&mut self) {
        if self.has_ended().is_some() {
            let _ = timeout(LAST_WORDS, async {
                self.stdout.closed().await;
                self.stderr.closed().await;
            })
            .await;
        }
    }

    /// Signals the whole group. Nothing happens once the process was waited for: its number may
    /// be somebody else's by then.
    #[cfg(unix)]
    fn signal(&mut self, ending: Ending) {
        use rustix::process::{Pid, Signal, kill_process_group};
        let group = self.child.id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw);
        if let Some(group) = group {
            let signal = match ending {
                Ending::Asked => Signal::TERM,
                Ending::Killed => Signal::KILL,
            };
            // It fails only if the whole group has ended.
            let _ = kill_process_group(group, signal);
        }
    }

    #[cfg(not(unix))]
    fn signal(&mut self, _ending: Ending) {
        let _ = self.child.start_kill();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.signal(Ending::Killed);
    }
}

#[derive(Clone, Copy)]
#[cfg_attr(not(unix), allow(dead_code))]
enum Ending {
    Asked,
    Killed,
}

/// How a process ended by itself; `None` if the system would not say.
#[derive(Clone, Copy, Debug)]
pub(super) struct HowItEnded(Option<ExitStatus>);

impl HowItEnded {
    /// The signal that ended it, such as `signal 11`.
    #[cfg(unix)]
    pub(super) fn crash(self) -> Option<String> {
        use std::os::unix::process::ExitStatusExt;
        self.0?.signal().map(|signal| format!("signal {signal}"))
    }

    /// The exception that ended it, which the system reports as a status above 0xC0000000.
    #[cfg(not(unix))]
    pub(super) fn crash(self) -> Option<String> {
        let code = self.0?.code()?.cast_unsigned();
        (code >= 0xC000_0000).then(|| format!("exception {code:#010X}"))
    }

    /// Such as `exit status 1` or `signal 11`.
    pub(super) fn describe(self) -> String {
        match (self.crash(), self.0.and_then(|status| status.code())) {
            (Some(crash), _) => crash,
            (None, Some(code)) => format!("exit status {code}"),
            (None, None) => "an unknown status".to_owned(),
        }
    }
}

/// One output of a process: read as fast as it comes, its end kept.
#[derive(Debug)]
struct Output {
    tail: Arc<Mutex<Tail>>,
    drain: JoinHandle<()>,
}

impl Output {
    fn drain(source: Option<impl AsyncRead + Unpin + Send + 'static>) -> Self {
        let tail = Arc::new(Mutex::new(Tail::default()));
        let kept = Arc::clone(&tail);
        let drain = tokio::spawn(async move {
            let Some(mut source) = source else { return };
            let mut buffer = vec![0; 4096];
            while let Ok(count @ 1..) = source.read(&mut buffer).await {
                let read = buffer.get(..count).unwrap_or_default();
                kept.lock().unwrap_or_else(PoisonError::into_inner).push(read);
            }
        });
        Self { tail, drain }
    }

    async fn closed(&mut self) {
        if !self.drain.is_finished() {
            let _ = (&mut self.drain).await;
        }
    }

    fn text(&self) -> String {
        self.tail.lock().unwrap_or_else(PoisonError::into_inner).text()
    }
}

impl Drop for Output {
    fn drop(&mut self) {
        self.drain.abort();
    }
}

/// The last octets of a stream.
#[derive(Debug, Default)]
struct Tail {
    octets: VecDeque<u8>,
    cut: bool,
}

impl Tail {
    fn push(&mut self, octets: &[u8]) {
        self.octets.extend(octets);
        let excess = self.octets.len().saturating_sub(TAIL);
        self.octets.drain(..excess);
        self.cut |= excess > 0;
    }

    fn text(&self) -> String {
        let octets: Vec<u8> = self.octets.iter().copied().collect();
        let text = String::from_utf8_lossy(&octets);
        let (dots, text) = (if self.cut { "[...] " } else { "" }, text.trim());
        format!("{dots}{text}")
    }
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str) -> Process {
        Process::start(&["sh".into(), "-c".into(), script.into()]).unwrap()
    }

    #[tokio::test]
    async fn keeps_the_end_of_what_was_written() {
        let mut process = shell("yes 0123456789 | head -c 1000000 >&2; echo last >&2");
        assert_eq!(process.ended().await.describe(), "exit status 0");
        let stderr = process.stderr().await;
        assert!(stderr.starts_with("[...] ") && stderr.ends_with("last"), "{stderr}");
        assert!(stderr.len() <= TAIL + 6);
    }

    #[tokio::test]
    async fn tells_a_crash_from_an_exit() {
        assert_eq!(shell("exit 3").ended().await.crash(), None);
        assert_eq!(shell("kill -SEGV $$").ended().await.crash(), Some("signal 11".to_owned()));
    }

    #[tokio::test]
    async fn asks_before_it_kills() {
        let process = shell("trap 'echo asked >&2; exit' TERM; echo; while :; do sleep 0.01; done");
        while process.stdout.tail.lock().unwrap().octets.is_empty() {
            tokio::task::yield_now().await;
        }
        // The shell may report its own child first.
        let stderr = process.stop().await;
        assert!(stderr.ends_with("asked"), "{stderr}");
    }

    #[tokio::test]
    async fn kills_what_does_not_listen_with_all_that_it_started() {
        let process = shell("trap '' TERM; sleep 30 & echo $!; wait; sleep 30");
        while process.stdout.text().is_empty() {
            tokio::task::yield_now().await;
        }
        let grandchild: i32 = process.stdout.text().parse().unwrap();
        process.stop().await;
        let pid = rustix::process::Pid::from_raw(grandchild).unwrap();
        let gone = async {
            // An orphan that was killed is waited for by somebody else, in its own time.
            while rustix::process::test_kill_process(pid).is_ok() && !is_zombie(grandchild) {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        timeout(Duration::from_secs(5), gone).await.unwrap();
    }

    fn is_zombie(pid: i32) -> bool {
        std::fs::read_to_string(format!("/proc/{pid}/stat")).is_ok_and(|stat| stat.contains(") Z"))
    }

    #[tokio::test]
    async fn says_that_a_program_is_missing() {
        let error = Process::start(&["/no/such/program".into()]).unwrap_err();
        assert!(
            error.to_string().starts_with("`/no/such/program` could not be started"),
            "{error}"
        );
    }
}
