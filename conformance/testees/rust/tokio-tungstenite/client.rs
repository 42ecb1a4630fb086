//! An echo client on tokio-tungstenite: `tokio-tungstenite-client URL`. At `…/close` it starts the
//! closing handshake.

use std::error::Error;

use futures_util::{SinkExt, StreamExt};
use tokio_tungstenite::connect_async;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let url = std::env::args().nth(1).ok_or("usage: tokio-tungstenite-client URL")?;
    let (mut connection, _) = connect_async(&url).await?;
    if url.ends_with("/close") {
        let normal = CloseFrame { code: CloseCode::Normal, reason: "".into() };
        connection.close(Some(normal)).await?;
    }
    while let Some(message) = connection.next().await {
        let message = message?;
        if message.is_text() || message.is_binary() {
            connection.send(message).await?;
        }
    }
    Ok(())
}
