//! The reference server on a real socket inside this process: what is certified when nothing else
//! is named.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::task::JoinHandle;
use wsconform_reference::net::{Server, ServerConfig};
use wsconform_spec::scenario::Role;

use super::error::TargetError;
use super::tcp::ServerAddress;
use super::{ConnectError, Connected, Target, TargetFuture};

/// Starts the reference server on a free port of 127.0.0.1.
///
/// # Errors
/// When there is no port to listen on.
pub async fn embedded() -> Result<EmbeddedReference, TargetError> {
    match Running::start().await {
        Ok(running) => Ok(EmbeddedReference { running: Mutex::new(running) }),
        Err(error) => Err(TargetError::new(
            "the embedded reference server",
            format!("listening on a free port of 127.0.0.1 failed: {error}"),
            "certify sim:reference, which needs no network",
        )),
    }
}

/// The reference server, listening on 127.0.0.1 in tasks of its own.
#[derive(Debug)]
pub struct EmbeddedReference {
    running: Mutex<Running>,
}

impl EmbeddedReference {
    /// Where it listens; another port after each restart.
    pub fn address(&self) -> SocketAddr {
        self.running.lock().unwrap_or_else(PoisonError::into_inner).address
    }
}

impl Target for EmbeddedReference {
    fn role(&self) -> Role {
        Role::Server
    }

    fn name(&self) -> String {
        format!("the embedded reference server at ws://{}/", self.address())
    }

    fn arguments(&self) -> String {
        String::new()
    }

    fn connect<'a>(
        &'a self,
        app: &'a str,
        patience: Duration,
    ) -> TargetFuture<'a, Result<Connected, ConnectError>> {
        Box::pin(async move { ServerAddress::from(self.address()).open(app, patience).await })
    }

    fn restart(&self) -> TargetFuture<'_, bool> {
        Box::pin(async {
            let Ok(fresh) = Running::start().await else { return false };
            *self.running.lock().unwrap_or_else(PoisonError::into_inner) = fresh;
            true
        })
    }

    fn stop(&self) -> TargetFuture<'_, String> {
        Box::pin(async {
            self.running.lock().unwrap_or_else(PoisonError::into_inner).accepting.abort();
            String::new()
        })
    }
}

/// One server; accepts no more connections once dropped.
#[derive(Debug)]
struct Running {
    address: SocketAddr,
    accepting: JoinHandle<std::io::Result<()>>,
}

impl Running {
    async fn start() -> std::io::Result<Self> {
        let server = Server::bind((Ipv4Addr::LOCALHOST, 0), ServerConfig::default()).await?;
        let address = server.local_addr()?;
        Ok(Self { address, accepting: tokio::spawn(server.run()) })
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATIENCE: Duration = Duration::from_secs(5);

    #[tokio::test]
    async fn listens_until_it_is_stopped() {
        let target = embedded().await.unwrap();
        let name = target.name();
        let connected = target.connect("close", PATIENCE).await.unwrap();
        assert_eq!(name, format!("the embedded reference server at ws://{}/", connected.authority));
        assert_eq!(connected.target, "/close");

        assert!(target.restart().await);
        target.connect("", PATIENCE).await.unwrap();

        target.stop().await;
        let refused = async {
            while target.connect("", PATIENCE).await.is_ok() {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(PATIENCE, refused).await.unwrap();
    }
}
