//! An echo client on tokio-tungstenite: `tokio-tungstenite-client URL`.

use std::error::Error;

use futures_util::{SinkExt, StreamExt};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let url = std::env::args().nth(1).ok_or("usage: tokio-tungstenite-client URL")?;
    let (mut connection, _) = tokio_tungstenite::connect_async(url).await?;
    while let Some(message) = connection.next().await {
        let message = message?;
        if message.is_text() || message.is_binary() {
            connection.send(message).await?;
        }
    }
    Ok(())
}
