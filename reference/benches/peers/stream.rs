//! A stream in memory, for contenders that take octets from nothing else.

use std::io::{self, IoSlice, Read, Write};
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// Brings the same frame again and again, many at once as a busy socket does; discards what is
/// written. Reading copies, as it does from a socket.
pub(crate) struct Stream {
    frames: Vec<u8>,
    at: usize,
}

impl Stream {
    /// A stream that brings this frame.
    pub(crate) fn of(frame: &[u8]) -> Self {
        let count = (256 * 1024_usize).div_ceil(frame.len().max(1));
        Self { frames: frame.repeat(count), at: 0 }
    }

    /// A stream that brings nothing.
    pub(crate) fn silent() -> Self {
        Self { frames: Vec::new(), at: 0 }
    }

    fn next(&mut self, room: usize) -> &[u8] {
        if self.at == self.frames.len() {
            self.at = 0;
        }
        let start = self.at;
        self.at = self.frames.len().min(start + room);
        &self.frames[start..self.at]
    }
}

impl Read for Stream {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let octets = self.next(buffer.len());
        buffer[..octets.len()].copy_from_slice(octets);
        Ok(octets.len())
    }
}

impl Write for Stream {
    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        Ok(std::hint::black_box(octets).len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl AsyncRead for Stream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let room = buffer.remaining();
        buffer.put_slice(self.next(room));
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Stream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        octets: &[u8],
    ) -> Poll<io::Result<usize>> {
        Poll::Ready(self.write(octets))
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Poll::Ready(Ok(slices.iter().map(|octets| std::hint::black_box(octets).len()).sum()))
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

/// What a future gives that never has to wait.
pub(crate) fn at_once<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => unreachable!("a stream in memory is always ready"),
    }
}
