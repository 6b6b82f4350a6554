//! Connections: accepted up to a bound, dropped when they are slow, ended when the server drains.

use std::io::{Error, ErrorKind};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;
use tokio::time::{Sleep, sleep, timeout};

use crate::server::Shared;

/// What a connection is told that is one too many.
const FULL: &[u8] = b"HTTP/1.1 503 Service Unavailable\r\nretry-after: 1\r\nconnection: close\r\n\
    content-type: application/json\r\ncontent-length: 83\r\n\r\n\
    {\"error\": {\"kind\": \"busy\", \"message\": \"too many connections; connect again later\"}}";
/// How long to wait where the system has no descriptors left.
const PAUSE: Duration = Duration::from_millis(50);

/// How long requests have to end that were told to.
const END: Duration = Duration::from_millis(500);

/// Accepts connections until `stop` says so; then lets those with open requests end, and tells what is left after a
/// while to end. Returns whether nothing was left.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    shared: Shared,
    stop: watch::Receiver<bool>,
) -> bool {
    let room = Arc::new(Semaphore::new(shared.options.connections));
    let mut open = JoinSet::new();
    let mut stopping = stop.clone();
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            Some(_) = open.join_next(), if !open.is_empty() => continue,
            _ = stopping.wait_for(|stop| *stop) => break,
        };
        let Ok((stream, _)) = accepted else {
            sleep(PAUSE).await;
            continue;
        };
        let Ok(place) = room.clone().try_acquire_owned() else {
            shared.counters.refused_connection();
            // To a client that does not read, nothing is owed.
            let _ = stream.try_write(FULL);
            continue;
        };
        let (router, patience, stop) = (router.clone(), shared.options.patience, stop.clone());
        open.spawn(async move {
            converse(stream, router, patience, stop).await;
            drop(place);
        });
    }
    drop(listener);
    let ended = timeout(shared.options.drain, all(&mut open)).await.is_ok();
    if !ended {
        shared.lanes.close();
        // Who does not take the answer now is dropped with the set.
        let _ = timeout(END, all(&mut open)).await;
    }
    ended
}

async fn all(open: &mut JoinSet<()>) {
    while open.join_next().await.is_some() {}
}

async fn converse(stream: TcpStream, router: Router, patience: Duration, mut stop: watch::Receiver<bool>) {
    // Small answers go out at once. A socket that refuses this is slower and works.
    let _ = stream.set_nodelay(true);
    let io = TokioIo::new(Patient { inner: stream, patience, waits: None });
    let mut builder = http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(patience);
    let mut connection = pin!(builder.serve_connection(io, TowerToHyperService::new(router)));
    // An error is a client that went away, was slow or spoke no HTTP: it was told so where it could be.
    tokio::select! {
        _ = connection.as_mut() => return,
        _ = stop.wait_for(|stop| *stop) => connection.as_mut().graceful_shutdown(),
    }
    let _ = connection.await;
}

/// A stream that gives up on a peer which does not take what is written.
struct Patient {
    inner: TcpStream,
    patience: Duration,
    /// Runs while nothing can be written.
    waits: Option<Pin<Box<Sleep>>>,
}

impl AsyncRead for Patient {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.inner).poll_read(cx, buffer)
    }
}

impl Patient {
    /// The result of a write, or of having waited too long for one.
    fn waited<T>(
        &mut self,
        cx: &mut Context<'_>,
        written: Poll<std::io::Result<T>>,
    ) -> Poll<std::io::Result<T>> {
        if written.is_ready() {
            self.waits = None;
            return written;
        }
        let patience = self.patience;
        let waits = self.waits.get_or_insert_with(|| Box::pin(sleep(patience)));
        ready!(waits.as_mut().poll(cx));
        Poll::Ready(Err(Error::new(ErrorKind::TimedOut, "the client does not read")))
    }
}

impl AsyncWrite for Patient {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &[u8],
    ) -> Poll<std::io::Result<usize>> {
        let written = Pin::new(&mut self.inner).poll_write(cx, buffer);
        self.waited(cx, written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffers: &[std::io::IoSlice<'_>],
    ) -> Poll<std::io::Result<usize>> {
        let written = Pin::new(&mut self.inner).poll_write_vectored(cx, buffers);
        self.waited(cx, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_refusal_says_its_own_length() {
        let text = std::str::from_utf8(super::FULL).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        assert!(head.ends_with(&format!("content-length: {}", body.len())), "{}", body.len());
    }
}
