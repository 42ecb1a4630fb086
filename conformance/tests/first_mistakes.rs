//! What a new user does wrong first ends at once, with a message that says what to do instead.

// Commands run with `sh`, and what the system says is part of the messages.
#![cfg(unix)]
#![allow(clippy::unwrap_used)]

mod support;

use std::fs;
use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::thread;

use support::{Folder, Outcome, filtered, wsconform};

/// The arguments that have a case selected and little patience.
const QUICK: [&str; 4] = ["--run", "contract.echo-text/Hello", "--timeout", "200"];

/// What it complains about with this exit code and nothing on the standard output.
fn mistake(code: i32, arguments: &[&str]) -> String {
    let Outcome { code: found, stdout, stderr, .. } = wsconform(arguments);
    let what = arguments.join(" ");
    assert_eq!((found, stdout.as_str()), (Some(code), ""), "wsconform {what}\n{stderr}");
    filtered(&stderr, &[])
}

/// What it complains about when the server does this with each connection.
fn server_that(play: fn(&mut TcpStream) -> std::io::Result<()>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("ws://{}/", listener.local_addr().unwrap());
    thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            thread::spawn(move || {
                // An error means that the harness has left.
                let _ = play(&mut stream).and_then(|()| stream.read_to_end(&mut Vec::new()));
            });
        }
    });
    mistake(3, &[&["certify", &url], &QUICK[..]].concat())
}

fn read_request(stream: &mut TcpStream) -> std::io::Result<()> {
    let mut request = Vec::new();
    let mut octet = [0];
    while !request.ends_with(b"\r\n\r\n") {
        stream.read_exact(&mut octet)?;
        request.push(octet[0]);
    }
    Ok(())
}

#[test]
fn a_target_of_the_wrong_kind() {
    let targets = [
        "http://127.0.0.1:9001/",
        "https://127.0.0.1:9001/",
        "wss://127.0.0.1:9001/",
        "127.0.0.1:9001",
        "9001",
        "ws://127.0.0.1:90010/",
        "ws://127.0.0.1:port/",
        "ws:///chat",
        "ws://127.0.0.1:9001/#top",
        "ws://me:secret@127.0.0.1:9001/",
        "server",
        "broken/escape-not-sent",
        "sim:refrence",
        "exec:python3 server.py",
        "python3 server.py {port}",
        "python3 client.py {url}",
        "exec:sh -c 'server {port}",
    ];
    let messages = targets.map(|target| mistake(2, &["certify", target]));
    insta::assert_snapshot!(messages.concat(), @"
    error: `http://127.0.0.1:9001/`: this is the address of a web page; that of a WebSocket server begins with ws://
    help: type `ws://127.0.0.1:9001/`
    error: `https://127.0.0.1:9001/`: this is the address of a web page, and TLS is not supported yet
    help: end TLS in front of the server, and type the ws:// address behind it
    error: `wss://127.0.0.1:9001/`: TLS is not supported yet
    help: end TLS in front of the server, and type the ws:// address behind it
    error: `127.0.0.1:9001`: what kind of target this is has to be said
    help: type `ws://127.0.0.1:9001/`
    error: `9001`: what kind of target this is has to be said
    help: type `ws://127.0.0.1:9001/`
    error: `ws://127.0.0.1:90010/`: `90010` is no port: ports are numbers from 1 to 65535
    help: type `ws://127.0.0.1:9001/`
    error: `ws://127.0.0.1:port/`: `port` is no port: ports are numbers from 1 to 65535
    help: type `ws://127.0.0.1:9001/`
    error: `ws:///chat`: the host is missing
    help: type `ws://127.0.0.1/chat`
    error: `ws://127.0.0.1:9001/#top`: a WebSocket address has no fragment (RFC 6455, 3)
    help: type `ws://127.0.0.1:9001/`, or %23 for a # that belongs to the path
    error: `ws://me:secret@127.0.0.1:9001/`: a WebSocket address names no user (RFC 6455, 3)
    help: type `ws://127.0.0.1:9001/`
    error: `server`: this is no target
    help: type the address of a server, `ws://127.0.0.1:9001/`; a command that starts one, `exec:python3 server.py {port}`; or an endpoint in memory, `sim:reference`
    error: `broken/escape-not-sent`: what kind of target this is has to be said
    help: type `sim:broken/escape-not-sent`
    error: `sim:refrence`: there is no simulated endpoint of this name
    help: did you mean `sim:reference`?
    error: `exec:python3 server.py`: the command has no {port}, so nobody tells it where to listen
    help: put {port} where it expects that, such as `exec:python3 server.py {port}`
    error: `python3 server.py {port}`: what kind of target this is has to be said
    help: type `exec:python3 server.py {port}`
    error: `python3 client.py {url}`: a client is certified by another command, which starts it for each connection
    help: type `certify client --exec 'python3 client.py {url}'`
    error: `exec:sh -c 'server {port}`: a quote is not closed, or nothing follows the last backslash
    help: close it; quotes and backslashes mean what they mean to a POSIX shell
    ");
}

#[test]
fn a_role_without_what_it_needs() {
    insta::assert_snapshot!(mistake(2, &["certify", "client", "ws://127.0.0.1:9001/"]), @"
    error: `ws://127.0.0.1:9001/`: a client has no address: it is started and connects to the harness
    help: type the command that starts it, such as `certify client --exec 'python3 client.py {url}'`
    ");
    insta::assert_snapshot!(mistake(2, &["certify", "client", "--exec", "python3 client.py"]), @"
    error: `python3 client.py`: the command has no {url}, so nobody tells it where to connect
    help: put {url} where it expects that, such as `python3 client.py {url}`
    ");
    insta::assert_snapshot!(mistake(2, &["certify", "gateway", "ws://127.0.0.1:9001/"]), @"
    error: `ws://127.0.0.1:9001/`: a gateway has a back end too, whose part the harness plays
    help: name the address that the gateway connects to as well, such as `--back 127.0.0.1:9100`
    ");
    let gateway = ["certify", "gateway", "ws://127.0.0.1:9001/", "--back", "nowhere"];
    insta::assert_snapshot!(mistake(2, &gateway), @"
    error: `nowhere`: this is no address to listen at as the gateway's back end
    help: type an IP address and a port, such as `127.0.0.1:9100`
    ");
}

#[test]
fn nobody_listens() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("ws://{}/", listener.local_addr().unwrap());
    drop(listener);
    insta::assert_snapshot!(mistake(3, &["certify", &url]), @"
    error: cannot certify ws://127.0.0.1:PORT/: connecting to 127.0.0.1 port PORT failed: Connection refused; is the server running there?
    help: start the server first, and give the URL that it listens at
    ");
    insta::assert_snapshot!(mistake(3, &["connect", "simple", &url]), @"
    error: cannot connect to ws://127.0.0.1:PORT/: Connection refused
    help: start the server first, and give the URL that it listens at
    ");
}

#[test]
fn a_host_that_does_not_exist() {
    // How the system puts it, and how long it looks, depends on the machine.
    let message = mistake(3, &["certify", "ws://no-such-host.invalid/", "--timeout", "2000"]);
    assert!(message.contains("no-such-host.invalid") && message.contains("help: "), "{message}");
}

#[test]
fn a_web_server() {
    let message = server_that(|stream| {
        read_request(stream)?;
        stream.write_all(b"HTTP/1.1 404 Not Found\r\nContent-Length: 9\r\n\r\nnot found")
    });
    insta::assert_snapshot!(message, @"
    error: cannot certify ws://127.0.0.1:PORT/: it answers an opening handshake with HTTP status 404
    help: is this the URL of its WebSocket endpoint?
    ");
}

#[test]
fn a_server_that_says_nothing() {
    insta::assert_snapshot!(server_that(|_| Ok(())), @"
    error: cannot certify ws://127.0.0.1:PORT/: it takes the connection but says nothing
    help: is this a WebSocket endpoint?
    ");
}

#[test]
fn a_server_that_never_finishes_its_answer() {
    let message = server_that(|stream| stream.write_all(b"HTTP/1.1 101 Switching Protocols\r\n"));
    insta::assert_snapshot!(message, @r#"
    error: cannot certify ws://127.0.0.1:PORT/: its answer to an opening handshake begins "HTTP/1.1 101 Switching Protocols\r\n" and does not end in time
    help: is this a WebSocket endpoint?
    "#);
}

#[test]
fn a_server_of_another_protocol() {
    let message = server_that(|stream| stream.write_all(b"SSH-2.0-OpenSSH_9.6\r\n"));
    insta::assert_snapshot!(message, @r#"
    error: cannot certify ws://127.0.0.1:PORT/: its answer to an opening handshake begins "SSH-2.0-OpenSSH_9.6\r\n" and does not end in time
    help: is this a WebSocket endpoint?
    "#);
}

#[test]
fn a_server_that_sends_garbage() {
    let message = server_that(|stream| {
        let garbage: Vec<u8> = (0..4096_u32).map(|n| (n * 151 % 256) as u8 | 0x80).collect();
        stream.write_all(&garbage)
    });
    insta::assert_snapshot!(message, @"
    error: cannot certify ws://127.0.0.1:PORT/: its answer to an opening handshake begins 80 97 AE C5 DC F3 8A A1 B8 CF E6 FD .. (4096 octets) and does not end in time
    help: is this a WebSocket endpoint?
    ");
}

#[test]
fn a_server_that_closes_at_once() {
    insta::assert_snapshot!(server_that(|stream| stream.shutdown(Shutdown::Write)), @"
    error: cannot certify ws://127.0.0.1:PORT/: it does not open a WebSocket connection: the end of the stream
    help: is this a WebSocket endpoint?
    ");
}

#[test]
fn a_server_that_resets() {
    // Whether the reset comes before or behind the end of the stream is the system's choice.
    let message = server_that(|stream| stream.shutdown(Shutdown::Both));
    assert!(message.contains("it does not open a WebSocket connection"), "{message}");
}

#[test]
fn a_report_that_cannot_be_written() {
    let folder = Folder::new("unwritable-report");
    let complaint = |path: &str| {
        let message = mistake(2, &["certify", "sim:reference", "--report", path]);
        filtered(&message, &[(folder.path(), "FOLDER")])
    };
    insta::assert_snapshot!(complaint(&folder.file("missing/report.jsonl")), @"
    error: the report FOLDER/missing/report.jsonl cannot be written: No such file or directory
    help: name a file in a folder that exists and that you may write to
    ");
    insta::assert_snapshot!(complaint(folder.path()), @"
    error: the report FOLDER cannot be written: Is a directory
    help: name a file in a folder that exists and that you may write to
    ");
}

#[test]
fn a_book_that_is_none() {
    let folder = Folder::new("no-book");
    let complaint = |path: &str| {
        let message = mistake(2, &["certify", "sim:reference", "--book", path]);
        filtered(&message, &[(folder.path(), "FOLDER")])
    };
    insta::assert_snapshot!(complaint(&folder.file("missing")), @"error: cannot read FOLDER/missing: No such file or directory");
    insta::assert_snapshot!(complaint(folder.path()), @"error: no chapters in FOLDER: a chapter is a file named NN-topic.md, such as 10-contract.md");
}

#[test]
fn a_book_with_a_malformed_scenario() {
    const CHAPTER: &str = "\
# Mine

r[mine.echo]
A server MUST echo.
*Binds:* server. *Source:* RFC 6455, 5.6.

```scenario
scenario mine.echo
roles    server
open
send     txt \"Hello\"
expect   text \"Hello\" : mine.ecko
```
";
    let folder = Folder::new("malformed-book");
    fs::write(folder.file("10-mine.md"), CHAPTER).unwrap();
    let complaint =
        |arguments: &[&str]| filtered(&mistake(2, arguments), &[(folder.path(), "FOLDER")]);
    let message = complaint(&["certify", "sim:reference", "--book", folder.path()]);
    insta::assert_snapshot!(message, @r#"
    error: the book has 1 mistake(s)

    error: unknown item `txt`
      --> FOLDER/10-mine.md:11:10
       |
    11 | send     txt "Hello"
       |          ^^^ expected one of `request` `response` `frame` `text` `binary` `message` `ping` `pong` `close` `escape` `control` `raw` `fail` `end` `nothing` `silence`
       |
       = help: did you mean `text`?
    "#);
    assert_eq!(complaint(&["spec", "check", "--book", folder.path()]), message);
}

#[test]
fn a_pattern_that_selects_nothing() {
    let all = wsconform(&["certify", "--list"]).stdout.lines().count();
    let complaint = |option: &str, pattern: &str| {
        let message = mistake(2, &["certify", "sim:reference", option, pattern]);
        message.replace(&format!("of the {all} cases"), "of the N cases")
    };
    insta::assert_snapshot!(complaint("--run", "escpe.echoed"), @"
    error: none of the N cases for a server is selected by --run 'escpe.echoed'
    help: did you mean `escape.echoed`?
    ");
    insta::assert_snapshot!(complaint("--run", "nothing*"), @"
    error: none of the N cases for a server is selected by --run 'nothing*'
    help: `--list` without `--run` lists all cases
    ");
    insta::assert_snapshot!(complaint("--skip", "*"), @"
    error: none of the N cases for a server is selected by --skip '*'
    help: `--list` without `--run` lists all cases
    ");
}

#[test]
fn a_client_command_that_cannot_be_started() {
    let missing = ["certify", "client", "--exec", "/nonexistent/client {url}"];
    insta::assert_snapshot!(mistake(3, &missing), @"
    error: cannot certify /nonexistent/client {url}: `/nonexistent/client` could not be started: No such file or directory; is it installed, and does the path hold from the current folder?
    help: the command has to open a WebSocket connection to the URL that replaces {url}
    ");
}

#[test]
fn a_client_command_that_never_connects() {
    let command = "sh -c 'echo thinking >&2; exec sleep 600' {url}";
    let client = ["certify", "client", "--exec", command, "--timeout", "200"];
    insta::assert_snapshot!(mistake(3, &client), @"
    error: cannot certify sh -c 'echo thinking >&2; exec sleep 600' {url}: `sh -c echo thinking >&2; exec sleep 600 ws://127.0.0.1:PORT/` was given ws://127.0.0.1:PORT/ and did not connect within 5000 ms. Its standard error ends with:
        thinking
    help: the command has to open a WebSocket connection to the URL that replaces {url}
    ");
}

#[test]
fn a_client_command_that_ends_at_once() {
    let command = "sh -c 'echo client.py: no module named websockets >&2; exit 1' {url}";
    insta::assert_snapshot!(mistake(3, &["certify", "client", "--exec", command]), @"
    error: cannot certify sh -c 'echo client.py: no module named websockets >&2; exit 1' {url}: `sh -c echo client.py: no module named websockets >&2; exit 1 ws://127.0.0.1:PORT/` ended with exit status 1 before it connected. Its standard error ends with:
        client.py: no module named websockets
    help: the command has to open a WebSocket connection to the URL that replaces {url}
    ");
    let silent = ["certify", "client", "--exec", "true {url}"];
    insta::assert_snapshot!(mistake(3, &silent), @"
    error: cannot certify true {url}: `true ws://127.0.0.1:PORT/` ended with exit status 0 before it connected. It wrote nothing.
    help: the command has to open a WebSocket connection to the URL that replaces {url}
    ");
}

#[test]
fn a_server_command_that_cannot_be_started() {
    let missing = ["certify", "exec:/nonexistent/server {port}"];
    insta::assert_snapshot!(mistake(3, &missing), @"
    error: cannot certify exec:/nonexistent/server {port}: `/nonexistent/server` could not be started: No such file or directory; is it installed, and does the path hold from the current folder?
    help: the command has to start a WebSocket server at the port that replaces {port}
    ");
}

#[test]
fn a_server_command_that_ends_at_once() {
    let failing = "exec:sh -c 'echo server.py: no module named websockets >&2; exit 1' port {port}";
    insta::assert_snapshot!(mistake(3, &["certify", failing]), @"
    error: cannot certify exec:sh -c 'echo server.py: no module named websockets >&2; exit 1' port {port}: `sh -c echo server.py: no module named websockets >&2; exit 1 port PORT` ended with exit status 1 before it listened on PORT. Its standard error ends with:
        server.py: no module named websockets
    help: the command has to start a WebSocket server at the port that replaces {port}
    ");
}

#[test]
fn a_server_command_that_never_listens() {
    let sleeping = "exec:sh -c 'echo thinking >&2; exec sleep 600' port {port}";
    insta::assert_snapshot!(mistake(3, &["certify", sleeping, "--startup", "1"]), @"
    error: cannot certify exec:sh -c 'echo thinking >&2; exec sleep 600' port {port}: `sh -c echo thinking >&2; exec sleep 600 port PORT` did not listen on port PORT of this machine in 1000 ms. Its standard error ends with:
        thinking
    help: the command has to start a WebSocket server at the port that replaces {port}
    ");
}

#[test]
fn an_endpoint_to_serve_that_does_not_exist() {
    insta::assert_snapshot!(mistake(2, &["serve", "referense"]), @"
    error: `sim:referense`: there is no simulated endpoint of this name
    help: did you mean `sim:reference`?
    ");
    insta::assert_snapshot!(mistake(2, &["connect", "eccentric/room-for-24", "ws://127.0.0.1:1/"]), @"
    error: `sim:eccentric/room-for-24`: as a client this peer is no different from `sim:simple`
    help: type `sim:simple`, or certify `sim:eccentric/room-for-24` as a server
    ");
    insta::assert_snapshot!(mistake(2, &["connect", "simple", "http://127.0.0.1:1/"]), @"
    error: `http://127.0.0.1:1/`: a WebSocket address begins with ws://
    help: type it as `ws://host:port/`
    ");
}

#[test]
fn a_port_that_is_taken() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = listener.local_addr().unwrap().to_string();
    insta::assert_snapshot!(mistake(2, &["serve", "--listen", &taken]), @"
    error: cannot listen on 127.0.0.1:PORT: Address already in use
    help: name another address with --listen
    ");
}
