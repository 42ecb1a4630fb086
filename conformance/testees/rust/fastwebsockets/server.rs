//! An echo server on fastwebsockets and hyper: `fastwebsockets-server PORT`. At `/close` it starts
//! the closing handshake.

use std::error::Error;

use fastwebsockets::upgrade::{UpgradeFut, is_upgrade_request, upgrade};
use fastwebsockets::{FragmentCollector, Frame, OpCode, WebSocketError};
use http_body_util::Empty;
use hyper::body::{Bytes, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let port = std::env::args().nth(1).ok_or("usage: fastwebsockets-server PORT")?.parse()?;
    let listener = TcpListener::bind(("127.0.0.1", port)).await?;
    loop {
        let (stream, _) = listener.accept().await?;
        tokio::spawn(async {
            let http = http1::Builder::new()
                .serve_connection(TokioIo::new(stream), service_fn(answer))
                .with_upgrades();
            if let Err(error) = http.await {
                eprintln!("{error:?}");
            }
        });
    }
}

async fn answer(mut request: Request<Incoming>) -> Result<Response<Empty<Bytes>>, WebSocketError> {
    if !is_upgrade_request(&request) {
        let mut response = Response::new(Empty::new());
        *response.status_mut() = StatusCode::UPGRADE_REQUIRED;
        return Ok(response);
    }
    let (response, upgraded) = upgrade(&mut request)?;
    let closes = request.uri().path().ends_with("/close");
    tokio::spawn(async move {
        if let Err(error) = serve(upgraded, closes).await {
            eprintln!("{error}");
        }
    });
    Ok(response)
}

async fn serve(upgraded: UpgradeFut, closes: bool) -> Result<(), WebSocketError> {
    let mut connection = FragmentCollector::new(upgraded.await?);
    if closes {
        connection.write_frame(Frame::close(1000, b"")).await?;
    }
    loop {
        let frame = connection.read_frame().await?;
        match frame.opcode {
            OpCode::Close => return Ok(()),
            OpCode::Text | OpCode::Binary => connection.write_frame(frame).await?,
            _ => {}
        }
    }
}
