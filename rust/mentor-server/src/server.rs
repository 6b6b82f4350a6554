//! A server's life: it starts, drains and stops.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::runtime::{Builder, Runtime};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::connection;
use crate::counters::Counters;
use crate::guard::Guard;
use crate::lanes::Lanes;
use crate::options::{Options, StartError};
use crate::reader::Reader;
use crate::routes;
use crate::toolsets::ToolSets;

/// What all requests share.
pub type Shared = Arc<App>;

pub struct App {
    pub options: Options,
    pub address: SocketAddr,
    pub guard: Guard,
    pub lanes: Lanes,
    pub reader: Arc<Reader>,
    pub toolsets: ToolSets,
    pub counters: Counters,
    pub draining: AtomicBool,
}

/// Threads that wait for jobs: one for every turn that a lane hands over, and for reading and scoring.
const BLOCKING: usize = 512;
/// What ends within a tick of the sandbox's clock once it is told to.
const END: Duration = Duration::from_millis(500);

/// A running server. Dropping it stops it without draining.
pub struct Server {
    shared: Shared,
    stop: watch::Sender<bool>,
    running: Mutex<Option<(Runtime, JoinHandle<bool>)>>,
}

impl Server {
    /// Makes the sandboxes, listens and serves, on threads of its own.
    pub fn start(options: Options) -> Result<Self, StartError> {
        options.check()?;
        let bind = |source| StartError::Bind { address: options.address, source };
        let listener = std::net::TcpListener::bind(options.address).map_err(bind)?;
        listener.set_nonblocking(true).map_err(bind)?;
        let address = listener.local_addr().map_err(bind)?;
        let shared = Arc::new(App {
            address,
            guard: Guard::new(options.token.as_deref()),
            lanes: Lanes::new(&options)?,
            reader: Arc::new(Reader::new(&options)),
            toolsets: ToolSets::default(),
            counters: Counters::default(),
            draining: AtomicBool::new(false),
            options,
        });
        let mut builder = Builder::new_multi_thread();
        builder.thread_name("mentor-http").max_blocking_threads(BLOCKING).enable_all();
        let runtime = builder.build().map_err(StartError::Threads)?;
        let listener = {
            let _entered = runtime.enter();
            tokio::net::TcpListener::from_std(listener)
                .map_err(|source| StartError::Bind { address, source })?
        };
        let (stop, stopping) = watch::channel(false);
        let router = routes::router(&shared);
        let serving = runtime.spawn(connection::serve(listener, router, shared.clone(), stopping));
        Ok(Self { shared, stop, running: Mutex::new(Some((runtime, serving))) })
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.shared.address
    }

    /// Takes no new requests, lets those under way end within the drain time, then refuses the rest. Returns whether
    /// there was no rest. Later calls do nothing.
    pub fn drain(&self) -> bool {
        let running = self.running.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some((runtime, serving)) = running else { return true };
        self.shared.draining.store(true, Ordering::Relaxed);
        self.stop.send_replace(true);
        let ended = runtime.block_on(serving).unwrap_or(false);
        runtime.shutdown_timeout(END);
        ended
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some((runtime, serving)) = self.running.lock().unwrap_or_else(PoisonError::into_inner).take() {
            serving.abort();
            runtime.shutdown_timeout(END);
        }
    }
}
