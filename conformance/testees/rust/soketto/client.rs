//! An echo client on soketto: `soketto-client URL`. At `…/close` it starts the closing handshake.

use futures_util::io::{BufReader, BufWriter};
use soketto::handshake::{Client, ServerResponse};
use soketto::{BoxedError, Data, connection};
use tokio::net::TcpStream;
use tokio_util::compat::TokioAsyncReadCompatExt;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), BoxedError> {
    let url = std::env::args().nth(1).ok_or("usage: soketto-client URL")?;
    let url = url.strip_prefix("ws://").ok_or("not a ws URL")?;
    let (host, resource) = url.split_at(url.find('/').unwrap_or(url.len()));
    let stream = TcpStream::connect(host).await?;
    let stream = BufReader::new(BufWriter::new(stream.compat()));
    let mut client = Client::new(stream, host, if resource.is_empty() { "/" } else { resource });
    let ServerResponse::Accepted { .. } = client.handshake().await? else {
        return Err("the server refused".into());
    };
    let (mut sender, mut receiver) = client.into_builder().finish();
    if resource.ends_with("/close") {
        sender.close().await?;
    }
    let mut message = Vec::new();
    loop {
        message.clear();
        match receiver.receive_data(&mut message).await {
            Ok(Data::Text(_)) => sender.send_text(std::str::from_utf8(&message)?).await?,
            Ok(Data::Binary(_)) => sender.send_binary(&message).await?,
            Err(connection::Error::Closed) => return Ok(()),
            Err(error) => return Err(error.into()),
        }
        sender.flush().await?;
    }
}
