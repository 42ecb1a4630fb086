//! Endpoints over real sockets, and any endpoint behind a way.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::io::duplex;
use tokio::net::{TcpListener, TcpStream};
use wsconform::target::{BuiltIn, ConnectError, Connected, Target, TargetFuture};
use wsconform_spec::scenario::Role;

use crate::way::Way;

/// A built-in endpoint in this process, over a TCP connection of loopback for each case.
pub(crate) struct OverLoopback {
    name: String,
    role: Role,
    endpoint: BuiltIn,
    opened: AtomicU64,
}

impl OverLoopback {
    pub(crate) fn new(name: &str, role: Role) -> Self {
        let endpoint = BuiltIn::named(name, role).unwrap();
        Self { name: name.to_owned(), role, endpoint, opened: AtomicU64::new(0) }
    }

    async fn open(&self, app: &str) -> std::io::Result<Connected> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let authority = listener.local_addr()?.to_string();
        let (dialled, accepted) =
            tokio::try_join!(TcpStream::connect(listener.local_addr()?), listener.accept())?;
        let accepted = accepted.0;
        dialled.set_nodelay(true)?;
        accepted.set_nodelay(true)?;
        let seed = self.opened.fetch_add(1, Ordering::Relaxed);
        let (endpoint, target) = (self.endpoint.clone(), format!("/{app}"));
        let stream = match self.role {
            Role::Client => {
                let (authority, target) = (authority.clone(), target.clone());
                tokio::spawn(
                    async move { endpoint.connect(dialled, &authority, &target, seed).await },
                );
                accepted
            }
            _ => {
                tokio::spawn(async move { endpoint.serve(accepted, seed).await });
                dialled
            }
        };
        Ok(Connected { stream: Box::new(stream), authority, target, companion: None })
    }
}

impl Target for OverLoopback {
    fn role(&self) -> Role {
        self.role
    }

    fn name(&self) -> String {
        self.name.clone()
    }

    fn connect<'a>(
        &'a self,
        app: &'a str,
        _patience: Duration,
    ) -> TargetFuture<'a, Result<Connected, ConnectError>> {
        Box::pin(async {
            self.open(app).await.map_err(|error| ConnectError::Refused(error.to_string()))
        })
    }
}

/// An endpoint behind a way. What it does may be late, and that is not its doing.
pub(crate) struct Behind {
    pub(crate) way: Way,
    pub(crate) target: Arc<dyn Target>,
    pub(crate) seed: u64,
}

/// Octets that a pipe holds, to the way from the harness.
const PIPE: usize = 64 * 1024;

impl Target for Behind {
    fn role(&self) -> Role {
        self.target.role()
    }

    fn name(&self) -> String {
        self.target.name()
    }

    fn connect<'a>(
        &'a self,
        app: &'a str,
        patience: Duration,
    ) -> TargetFuture<'a, Result<Connected, ConnectError>> {
        Box::pin(async move {
            let connected = self.target.connect(app, patience).await?;
            let (near, far) = duplex(PIPE);
            tokio::spawn(self.way.clone().join(Box::new(far), connected.stream, self.seed));
            Ok(Connected { stream: Box::new(near), ..connected })
        })
    }
}
