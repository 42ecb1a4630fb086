//! An echo client on tokio-websockets: `tokio-websockets-client URL`. At `…/close` it starts the
//! closing handshake.

use std::error::Error;

use futures_util::{SinkExt, StreamExt};
use tokio_websockets::ClientBuilder;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let url = std::env::args().nth(1).ok_or("usage: tokio-websockets-client URL")?;
    let (mut connection, _) = ClientBuilder::new().uri(&url)?.connect().await?;
    if url.ends_with("/close") {
        return Ok(connection.close().await?);
    }
    let mut outcome = Ok(());
    while let Some(message) = connection.next().await {
        match message {
            Ok(message) if message.is_text() || message.is_binary() => {
                connection.send(message).await?
            }
            Ok(_) => {}
            // Read on: the Close that the library has queued leaves before the stream ends.
            Err(error) => outcome = Err(error.into()),
        }
    }
    outcome
}
