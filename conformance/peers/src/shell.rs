//! The thin async shell: moves octets between a stream and a [`Core`], and ends both.
//!
//! Reading and writing go on at the same time, with bounded buffers, so that no peer can block the
//! endpoint by not reading what it is sent. All waiting has a limit on tokio's clock.

use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, ReadBuf};
use tokio::task::yield_now;
use tokio::time::{Instant, sleep, timeout, timeout_at};

use crate::Ending;
use crate::application::Application;
use crate::core::{Core, State};
use crate::deviations::Deviations;
use crate::http::{self, HEAD_LIMIT};
use crate::role::Role;

/// Octets that one read takes at most.
pub(crate) const READ_AT_ONCE: usize = 16 * 1024;

/// Reading stops as long as so many octets wait to be written.
pub(crate) const OUTPUT_LIMIT: usize = 256 * 1024;

/// Octets that are written one by one at most, where an endpoint likes to.
const LONGEST_IN_OCTETS: usize = 5000;

/// How long a handshake may take.
pub(crate) const OPENING_LIMIT: Duration = Duration::from_secs(60);

/// How long the end of a connection may take.
const ENDING_LIMIT: Duration = Duration::from_secs(10);

/// Octets that are read and thrown away at the end of a connection.
const DRAIN_LIMIT: usize = 16 * 1024 * 1024;

/// A read and a write, of which at least one got somewhere.
pub(crate) struct Progress {
    /// Octets that were read; 0 at the end of the stream.
    pub(crate) read: Option<io::Result<usize>>,
    /// Octets that were written.
    pub(crate) written: Option<io::Result<usize>>,
}

/// Tries to read into `input` (unless it is empty) and to write `output` (unless it is empty).
pub(crate) fn poll_exchange<S>(
    stream: &mut S,
    input: &mut [u8],
    output: &[u8],
    context: &mut Context<'_>,
) -> Option<Progress>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let mut progress = Progress { read: None, written: None };
    if !input.is_empty() {
        let mut buffer = ReadBuf::new(input);
        if let Poll::Ready(result) = Pin::new(&mut *stream).poll_read(context, &mut buffer) {
            progress.read = Some(result.map(|()| buffer.filled().len()));
        }
    }
    if !output.is_empty()
        && let Poll::Ready(result) = Pin::new(stream).poll_write(context, output)
    {
        progress.written = Some(result);
    }
    (progress.read.is_some() || progress.written.is_some()).then_some(progress)
}

/// Waits until a read or a write got somewhere.
pub(crate) async fn exchange<S>(stream: &mut S, input: &mut [u8], output: &[u8]) -> Progress
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    poll_fn(|context| match poll_exchange(stream, input, output, context) {
        Some(progress) => Poll::Ready(progress),
        None => Poll::Pending,
    })
    .await
}

/// The time since a connection was opened.
pub(crate) struct Clock {
    opened: Instant,
}

impl Clock {
    pub(crate) fn start() -> Clock {
        Clock { opened: Instant::now() }
    }

    /// Tells a connection what time it is.
    pub(crate) fn tick(&self, core: &mut Core) {
        core.tick(self.opened.elapsed());
    }

    /// When the connection has to be told again, if nothing comes before.
    pub(crate) fn deadline(&self, core: &Core) -> Option<Instant> {
        self.opened.checked_add(core.deadline()?)
    }
}

/// Waits for something, or until the deadline has passed.
pub(crate) async fn until<T>(
    deadline: Option<Instant>,
    wanted: impl Future<Output = T>,
) -> Option<T> {
    match deadline {
        Some(deadline) => timeout_at(deadline, wanted).await.ok(),
        None => Some(wanted.await),
    }
}

/// What came instead of a message head.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NoHead {
    /// The stream ended, or nothing came for too long.
    Gone,
    /// More octets than a head may have.
    TooLong,
    /// More pieces than this endpoint likes.
    InPieces,
}

/// Reads up to the end of a message head; what came behind it stays in `input`.
pub(crate) async fn read_head<S>(
    stream: &mut S,
    input: &mut Vec<u8>,
    deviations: &Deviations,
) -> Result<Vec<u8>, NoHead>
where
    S: AsyncRead + Unpin,
{
    let mut chunk = [0; 2048];
    let mut pieces = 0;
    loop {
        if let Some(length) = http::head_length(input) {
            return Ok(input.drain(..length).collect());
        }
        if input.len() > HEAD_LIMIT {
            return Err(NoHead::TooLong);
        }
        match timeout(OPENING_LIMIT, stream.read(&mut chunk)).await {
            Ok(Ok(count)) if count > 0 => {
                input.extend_from_slice(chunk.get(..count).unwrap_or_default());
                if deviations.wants_request_in_one_piece && http::head_length(input).is_none() {
                    return Ok(std::mem::take(input));
                }
                pieces += 1;
                if deviations.opening.limits_pieces && pieces > 50 {
                    return Err(NoHead::InPieces);
                }
            }
            _ => return Err(NoHead::Gone),
        }
    }
}

/// Writes all of it, in the pieces that this endpoint likes.
pub(crate) async fn write_all<S>(
    stream: &mut S,
    octets: &[u8],
    deviations: &Deviations,
) -> io::Result<()>
where
    S: AsyncWrite + Unpin,
{
    if deviations.writes_octets {
        for octet in octets {
            stream.write_all(std::slice::from_ref(octet)).await?;
            stream.flush().await?;
            yield_now().await; // so that a reader in the same thread gets each one by itself
        }
    } else {
        stream.write_all(octets).await?;
    }
    stream.flush().await
}

/// Runs an open connection to its end. `early` is what came behind the handshake already.
pub(crate) async fn converse<S>(
    stream: &mut S,
    core: &mut Core,
    application: Application,
    deviations: &Deviations,
    early: &[u8],
) -> Ending
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let clock = Clock::start();
    let mut chunk = vec![0; READ_AT_ONCE];
    application.start(core, deviations);
    receive(core, application, deviations, early);
    loop {
        clock.tick(core);
        application.go_on(core, deviations);
        if !core.is_live() {
            break;
        }
        let deadline = clock.deadline(core);
        let reads_on = deviations.load.never_stops_reading || deviations.load.forgets_when_behind;
        let most = if reads_on || core.output().len() < OUTPUT_LIMIT { READ_AT_ONCE } else { 0 };
        let progress = {
            let input = chunk.get_mut(..most).unwrap_or_default();
            let exchange = exchange(stream, input, next_piece(core.output(), deviations));
            until(deadline, exchange).await
        };
        let Some(progress) = progress else { continue };
        match progress.written {
            Some(Ok(count)) => drop(core.output().drain(..count)),
            Some(Err(_)) => return Ending::Ended,
            None => {}
        }
        if deviations.writes_octets {
            yield_now().await;
        }
        match progress.read {
            Some(Ok(0)) | Some(Err(_)) => {
                if deviations.load.dies_of_lost_connections && core.is_in_message() {
                    return Ending::Died;
                }
                break;
            }
            Some(Ok(count)) => {
                clock.tick(core);
                receive(core, application, deviations, chunk.get(..count).unwrap_or_default());
            }
            None => {}
        }
    }
    if core.state() == State::Died {
        return Ending::Died;
    }
    if core.is_dying() {
        // Its last words go out; then it is gone as a whole, this connection and all others at once.
        let written = async {
            stream.write_all(core.output()).await?;
            stream.flush().await
        };
        let _ = timeout(ENDING_LIMIT, written).await;
        return Ending::Died;
    }
    finish(stream, core, deviations).await;
    Ending::Ended
}

fn receive(core: &mut Core, application: Application, deviations: &Deviations, octets: &[u8]) {
    core.push(octets);
    let mut taken = 0;
    while let Some(event) = core.next() {
        application.react(&event, core, deviations);
        taken += 1;
        if deviations.load.takes_few_of_a_read && taken == 64 {
            core.forget_input();
        }
    }
}

fn next_piece<'a>(output: &'a [u8], deviations: &Deviations) -> &'a [u8] {
    if !deviations.writes_octets {
        return output;
    }
    // Of what is long, the end tells enough.
    let long = output.len().saturating_sub(LONGEST_IN_OCTETS);
    output.get(..long.max(1)).unwrap_or_default()
}

/// Writes what is left and ends TCP: a server first, a client when the server has done so, and
/// whoever failed the connection at once (RFC 6455, 7.1.1 and 7.1.7).
pub(crate) async fn finish<S>(stream: &mut S, core: &mut Core, deviations: &Deviations)
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let mut drain = Drain { budget: DRAIN_LIMIT, chunk: vec![0; READ_AT_ONCE], ended: false };
    let writing = drain.while_writing(stream, core, deviations);
    if timeout(ENDING_LIMIT, writing).await.is_err() {
        return;
    }
    let failed = matches!(core.state(), State::Failed(_) | State::Dropped);
    // Whose program dies ends this connection with all others, not ahead of them.
    if deviations.framing.drops_tcp || core.is_dying() {
        return;
    }
    if deviations.stays_after_failing && failed || core.stays() {
        // Longer than anybody waits for the end, be it the end of a half or of the whole.
        let _ = timeout(Duration::from_secs(3600), drain.discard_rest(stream)).await;
        if core.role() == Role::Client {
            sleep(Duration::from_secs(60)).await;
        }
        return;
    }
    let waits = core.state() == State::Closed && !deviations.framing.ends_tcp_first;
    if core.role() == Role::Client && waits {
        let _ = timeout(ENDING_LIMIT, drain.discard_rest(stream)).await;
    }
    if stream.shutdown().await.is_ok() {
        // Octets that are unread when a socket is closed would become a reset, and that could
        // destroy the Close frame on its way.
        let _ = timeout(ENDING_LIMIT, drain.discard_rest(stream)).await;
    }
}

/// Ends this half of the stream and discards what is still under way, so that the last octets
/// written are not lost to a reset.
pub(crate) async fn hang_up<S>(stream: &mut S)
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let mut drain = Drain { budget: DRAIN_LIMIT, chunk: vec![0; READ_AT_ONCE], ended: false };
    if stream.shutdown().await.is_ok() {
        let _ = timeout(ENDING_LIMIT, drain.discard_rest(stream)).await;
    }
}

/// Reads and throws away, within bounds.
struct Drain {
    budget: usize,
    chunk: Vec<u8>,
    ended: bool,
}

impl Drain {
    /// Writes the rest of the output and discards what comes meanwhile.
    async fn while_writing<S>(&mut self, stream: &mut S, core: &mut Core, deviations: &Deviations)
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        while !core.output().is_empty() {
            let input = if self.is_over() { &mut [] } else { self.chunk.as_mut_slice() };
            let progress = exchange(stream, input, next_piece(core.output(), deviations)).await;
            self.account(progress.read);
            match progress.written {
                Some(Ok(count)) if count > 0 => drop(core.output().drain(..count)),
                Some(_) => return,
                None => {}
            }
        }
        let _ = stream.flush().await;
    }

    /// Discards up to the end of the stream.
    async fn discard_rest<S>(&mut self, stream: &mut S)
    where
        S: AsyncRead + Unpin,
    {
        while !self.is_over() {
            let read = stream.read(&mut self.chunk).await;
            self.account(Some(read));
        }
    }

    fn is_over(&self) -> bool {
        self.ended || self.budget == 0
    }

    fn account(&mut self, read: Option<io::Result<usize>>) {
        match read {
            Some(Ok(count)) if count > 0 => self.budget = self.budget.saturating_sub(count),
            Some(_) => self.ended = true,
            None => {}
        }
    }
}
