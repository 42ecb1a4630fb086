//! An echo server on tokio-websockets: `tokio-websockets-server PORT`. At `/close` it starts the
//! closing handshake.

use std::error::Error;

use futures_util::{SinkExt, StreamExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_websockets::ServerBuilder;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let port = std::env::args().nth(1).ok_or("usage: tokio-websockets-server PORT")?.parse()?;
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

async fn serve(stream: TcpStream) -> Result<(), tokio_websockets::Error> {
    let (request, mut connection) = ServerBuilder::new().accept(stream).await?;
    if request.uri().path().ends_with("/close") {
        return connection.close().await;
    }
    let mut outcome = Ok(());
    while let Some(message) = connection.next().await {
        match message {
            Ok(message) if message.is_text() || message.is_binary() => {
                connection.send(message).await?
            }
            Ok(_) => {}
            // Read on: the Close that the library has queued leaves before the stream ends.
            Err(error) => outcome = Err(error),
        }
    }
    outcome
}
