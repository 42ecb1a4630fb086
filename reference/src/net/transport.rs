//! A transport that is read and written at the same time.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadBuf};
use tokio::time::timeout;

/// Octets that are read at once.
const PIECE: usize = 16 * 1024;

/// Octets that are read and discarded at the end of a stream.
const LARGEST_REST: usize = 1024 * 1024;

/// What a stream did.
#[derive(Debug, Default)]
pub(super) struct Moved {
    /// How many octets were written.
    pub(super) written: usize,
    /// How many octets were read; 0 is the end of the stream.
    pub(super) read: Option<usize>,
}

/// A stream with a buffer to read into.
pub(super) struct Transport<S> {
    stream: S,
    input: Box<[u8]>,
    flushed: bool,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Transport<S> {
    pub(super) fn new(stream: S) -> Self {
        Self { stream, input: vec![0; PIECE].into_boxed_slice(), flushed: true }
    }

    /// Writes of `output` what the stream takes and, if asked to, reads what it has, whichever
    /// comes first or both. Both directions get their turn each time, so neither starves.
    pub(super) async fn exchange(&mut self, output: &[u8], read: bool) -> io::Result<Moved> {
        std::future::poll_fn(|context| self.poll_exchange(context, output, read)).await
    }

    fn poll_exchange(
        &mut self,
        context: &mut Context<'_>,
        output: &[u8],
        read: bool,
    ) -> Poll<io::Result<Moved>> {
        let mut moved = Moved::default();
        if !output.is_empty()
            && let Poll::Ready(written) = Pin::new(&mut self.stream).poll_write(context, output)?
        {
            if written == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            self.flushed = false;
            moved.written = written;
        }
        if moved.written == output.len() && !self.flushed {
            self.flushed = Pin::new(&mut self.stream).poll_flush(context)?.is_ready();
        }
        if read {
            let mut input = ReadBuf::new(&mut self.input);
            if Pin::new(&mut self.stream).poll_read(context, &mut input)?.is_ready() {
                moved.read = Some(input.filled().len());
            }
        }
        let idle = moved.written == 0 && moved.read.is_none();
        if idle { Poll::Pending } else { Poll::Ready(Ok(moved)) }
    }

    /// Reads what the stream has; 0 is its end.
    pub(super) async fn read(&mut self) -> io::Result<usize> {
        self.stream.read(&mut self.input).await
    }

    /// The first `count` octets of what was read last.
    pub(super) fn input(&self, count: usize) -> &[u8] {
        self.input.get(..count).unwrap_or_default()
    }

    /// Writes all of it.
    pub(super) async fn write_all(&mut self, octets: &[u8]) -> io::Result<()> {
        self.stream.write_all(octets).await?;
        self.stream.flush().await
    }

    /// Ends our half, then reads and discards the rest of the peer's, for a bounded amount and
    /// time: octets that nobody has read would turn our last ones into a reset (RFC 6455, 7.1.1).
    pub(super) async fn end(mut self, limit: Duration) {
        let drain = async {
            if self.stream.shutdown().await.is_err() {
                return;
            }
            let mut rest = LARGEST_REST;
            while let Ok(count @ 1..) = self.stream.read(&mut self.input).await {
                let Some(left) = rest.checked_sub(count) else { return };
                rest = left;
            }
        };
        // The stream ends as it is dropped, drained or not.
        let _ = timeout(limit, drain).await;
    }
}
