//! An echo server on tokio-tungstenite: `tokio-tungstenite-server PORT`.

use std::error::Error;

use futures_util::{SinkExt, StreamExt};
use tokio::net::{TcpListener, TcpStream};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let port = std::env::args().nth(1).ok_or("usage: tokio-tungstenite-server PORT")?.parse()?;
    let listener = TcpListener::bind(("127.0.0.1", port)).await?;
    loop {
        let (stream, _) = listener.accept().await?;
        tokio::spawn(async {
            if let Err(error) = echo(stream).await {
                eprintln!("{error}");
            }
        });
    }
}

async fn echo(stream: TcpStream) -> tokio_tungstenite::tungstenite::Result<()> {
    let mut connection = tokio_tungstenite::accept_async(stream).await?;
    while let Some(message) = connection.next().await {
        let message = message?;
        if message.is_text() || message.is_binary() {
            connection.send(message).await?;
        }
    }
    Ok(())
}
