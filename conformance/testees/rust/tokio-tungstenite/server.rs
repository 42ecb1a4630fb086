//! An echo server on tokio-tungstenite: `tokio-tungstenite-server PORT`. At `/close` it starts the
//! closing handshake.

use std::error::Error;

use futures_util::{SinkExt, StreamExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::accept_hdr_async;
use tokio_tungstenite::tungstenite::handshake::server::{Request, Response};
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let port = std::env::args().nth(1).ok_or("usage: tokio-tungstenite-server PORT")?.parse()?;
    let listener = TcpListener::bind(("127.0.0.1", port)).await?;
    loop {
        let (stream, _) = listener.accept().await?;
        tokio::spawn(async {
            if let Err(error) = serve(stream).await {
                eprintln!("{error}");
            }
        });
    }
}

#[allow(clippy::result_large_err)] // the type is that of the library
async fn serve(stream: TcpStream) -> tokio_tungstenite::tungstenite::Result<()> {
    let mut path = String::new();
    let read_path = |request: &Request, response: Response| {
        path = request.uri().path().to_owned();
        Ok(response)
    };
    let mut connection = accept_hdr_async(stream, read_path).await?;
    if path.ends_with("/close") {
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
