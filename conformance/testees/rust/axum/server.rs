//! An echo server on axum's WebSocket extractor: `axum-server PORT`. At `/close` it starts the
//! closing handshake.

use std::error::Error;

use axum::Router;
use axum::extract::ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade, close_code};
use axum::http::Uri;
use axum::routing::any;
use tokio::net::TcpListener;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let port = std::env::args().nth(1).ok_or("usage: axum-server PORT")?.parse()?;
    let listener = TcpListener::bind(("127.0.0.1", port)).await?;
    let upgrade = async |request: WebSocketUpgrade, uri: Uri| {
        request.on_upgrade(async move |connection| {
            if let Err(error) = serve(connection, uri.path()).await {
                eprintln!("{error}");
            }
        })
    };
    Ok(axum::serve(listener, Router::new().fallback(any(upgrade))).await?)
}

async fn serve(mut connection: WebSocket, path: &str) -> Result<(), axum::Error> {
    if path.ends_with("/close") {
        let normal = CloseFrame { code: close_code::NORMAL, reason: "".into() };
        connection.send(Message::Close(Some(normal))).await?;
    }
    while let Some(message) = connection.recv().await {
        let message = message?;
        if matches!(message, Message::Text(_) | Message::Binary(_)) {
            connection.send(message).await?;
        }
    }
    Ok(())
}
