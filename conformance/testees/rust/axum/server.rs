//! An echo server on axum's WebSocket extractor: `axum-server PORT`.

use std::error::Error;

use axum::Router;
use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::routing::any;
use tokio::net::TcpListener;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let port = std::env::args().nth(1).ok_or("usage: axum-server PORT")?.parse()?;
    let listener = TcpListener::bind(("127.0.0.1", port)).await?;
    let upgrade = async |request: WebSocketUpgrade| request.on_upgrade(serve);
    Ok(axum::serve(listener, Router::new().fallback(any(upgrade))).await?)
}

async fn serve(connection: WebSocket) {
    if let Err(error) = echo(connection).await {
        eprintln!("{error}");
    }
}

async fn echo(mut connection: WebSocket) -> Result<(), axum::Error> {
    while let Some(message) = connection.recv().await {
        let message = message?;
        if matches!(message, Message::Text(_) | Message::Binary(_)) {
            connection.send(message).await?;
        }
    }
    Ok(())
}
