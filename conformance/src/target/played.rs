//! Processes for the tests of this module: the test program itself, started again with a part to
//! play, so that the tests need nothing that the build did not bring.

#![allow(clippy::unwrap_used)] // a test may panic

use std::io::Read;
use std::net::{TcpListener, TcpStream};

/// The part, and what it is told: port and host, or URL and what to do then.
const PART: &str = "WSCONFORM_PLAYS";
const FIRST: &str = "WSCONFORM_FIRST";
const SECOND: &str = "WSCONFORM_SECOND";

/// The command that plays `part`; `first` may hold a placeholder.
pub(super) fn command(part: &str, first: &str, second: &str) -> String {
    let program = std::env::current_exe().unwrap();
    let program = shlex::try_quote(program.to_str().unwrap()).unwrap().into_owned();
    format!(
        "env {PART}={part} {FIRST}={first} {SECOND}={second} {program} --exact \
         target::played::plays_a_part --nocapture"
    )
}

/// As a test of its own it has nothing to do.
#[test]
fn plays_a_part() {
    let told = |name| std::env::var(name).unwrap_or_default();
    match told(PART).as_str() {
        "listener" => listen(&told(FIRST), &told(SECOND)),
        "client" => connect(&told(FIRST), &told(SECOND)),
        _ => {}
    }
}

/// Accepts connections and holds them until one of them brings an `x`, which ends the program.
fn listen(port: &str, host: &str) {
    let listener = TcpListener::bind((host, port.parse::<u16>().unwrap())).unwrap();
    eprintln!("listening");
    for stream in listener.incoming() {
        let mut stream = stream.unwrap();
        std::thread::spawn(move || {
            let mut octet = [0];
            if stream.read(&mut octet).is_ok_and(|count| count == 1) && octet == *b"x" {
                eprintln!("asked to end");
                std::process::exit(1);
            }
        });
    }
}

/// Connects, and then does as it is told.
fn connect(url: &str, then: &str) {
    let rest = url.strip_prefix("ws://").unwrap();
    let mut stream = TcpStream::connect(rest.split('/').next().unwrap()).unwrap();
    match then {
        "waits-for-the-end" => drop(stream.read(&mut [0])),
        "stays" => loop {
            std::thread::park();
        },
        "crashes" => {
            eprintln!("about to crash");
            std::process::abort();
        }
        _ => {}
    }
}
