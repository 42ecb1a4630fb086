//! Targets as users type them.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use wsconform_spec::scenario::Role;

use super::built_in::{is_simulated_name, known_name};
use super::client::URL;
use super::command::CommandLine;
use super::error::TargetError;
use super::exec::{PORT, STARTUP, ServerCommand};
use super::sim::Simulated;
use super::tcp::ServerAddress;
use super::url::WebSocketUrl;
use super::{Target, url};

/// What is to be certified, as a user types it: `ws://127.0.0.1:9001/`,
/// `exec:python3 server.py {port}` or `sim:reference`.
///
/// ```
/// use wsconform::target::TargetSpecification;
///
/// let target: TargetSpecification = "ws://127.0.0.1:9001".parse()?;
/// assert_eq!(target.to_string(), "ws://127.0.0.1:9001/");
/// assert!("http://127.0.0.1:9001/".parse::<TargetSpecification>().is_err());
/// # Ok::<(), wsconform::target::TargetError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TargetSpecification(Kind);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Kind {
    Address(WebSocketUrl),
    Command { command: CommandLine, startup: Duration },
    Simulated(String),
}

impl TargetSpecification {
    /// Reads what a user typed. Nothing is started or connected to.
    ///
    /// # Errors
    /// When it is no target; says what to type instead.
    pub fn parse(typed: &str) -> Result<Self, TargetError> {
        if let Some(command) = typed.strip_prefix("exec:") {
            if command.contains(URL.text) && !command.contains(PORT.text) {
                return Err(client_command(typed, command));
            }
            let command = CommandLine::parse("exec:", command, PORT)?;
            return Ok(Self(Kind::Command { command, startup: STARTUP }));
        }
        if let Some(name) = typed.strip_prefix("sim:") {
            return known_name(name).map(|()| Self(Kind::Simulated(name.to_owned())));
        }
        match typed.split_once("://") {
            Some((scheme, rest)) if !scheme.contains(char::is_whitespace) => {
                with_scheme(typed, scheme, rest)
            }
            _ => Err(without_scheme(typed)),
        }
    }

    /// Gives a server that a command starts so long until it listens, in place of 10 s.
    #[must_use]
    pub fn with_startup(mut self, longest: Duration) -> Self {
        if let Kind::Command { startup, .. } = &mut self.0 {
            *startup = longest;
        }
        self
    }

    /// Whether it names an endpoint in this process, in virtual time.
    pub fn is_simulated(&self) -> bool {
        matches!(self.0, Kind::Simulated(_))
    }

    /// The endpoint, in a role. Simulated endpoints draw their randomness from `seed`.
    ///
    /// # Errors
    /// When what was typed cannot play the role.
    pub fn into_target(self, role: Role, seed: u64) -> Result<Arc<dyn Target>, TargetError> {
        let typed = self.to_string();
        match (self.0, role) {
            (Kind::Simulated(name), role) => Ok(Arc::new(Simulated::new(&name, role, seed)?)),
            (Kind::Address(url), Role::Server) => Ok(Arc::new(ServerAddress::from(url))),
            (Kind::Command { command, startup }, Role::Server) => {
                Ok(Arc::new(ServerCommand::from(command).with_startup(startup)))
            }
            (Kind::Address(_), Role::Client) => Err(TargetError::new(
                typed,
                "a client has no address: it is started and connects to the harness",
                "type the command that starts it, such as `certify client --exec 'python3 \
                 client.py {url}'`",
            )),
            (Kind::Command { command, .. }, Role::Client) => {
                Err(client_command(&typed, command.text()))
            }
            (Kind::Address(_), Role::Gateway) => Err(TargetError::new(
                typed,
                "a gateway has a back end too, whose part the harness plays",
                "name the address that the gateway connects to as well, such as `--back 127.0.0.1:9100`",
            )),
            (Kind::Command { .. }, Role::Gateway) => Err(TargetError::new(
                typed,
                "gateways are not started by the harness",
                "start it, then name its ws:// address and the address that it connects to",
            )),
        }
    }
}

impl FromStr for TargetSpecification {
    type Err = TargetError;

    fn from_str(typed: &str) -> Result<Self, TargetError> {
        Self::parse(typed)
    }
}

impl fmt::Display for TargetSpecification {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Kind::Address(url) => write!(f, "{url}"),
            Kind::Command { command, .. } => write!(f, "exec:{}", command.text()),
            Kind::Simulated(name) => write!(f, "sim:{name}"),
        }
    }
}

fn with_scheme(typed: &str, scheme: &str, rest: &str) -> Result<TargetSpecification, TargetError> {
    match scheme.to_ascii_lowercase().as_str() {
        "ws" => WebSocketUrl::parse(typed).map(|url| TargetSpecification(Kind::Address(url))),
        "wss" => Err(TargetError::new(
            typed,
            "TLS is not supported yet",
            "end TLS in front of the server, and type the ws:// address behind it",
        )),
        "http" => Err(TargetError::new(
            typed,
            "this is the address of a web page; that of a WebSocket server begins with ws://",
            format!("type `ws://{rest}`"),
        )),
        "https" => Err(TargetError::new(
            typed,
            "this is the address of a web page, and TLS is not supported yet",
            "end TLS in front of the server, and type the ws:// address behind it",
        )),
        _ => Err(TargetError::new(
            typed,
            format!("`{scheme}` is no kind of target"),
            format!("type `ws://{rest}`"),
        )),
    }
}

fn without_scheme(typed: &str) -> TargetError {
    let wrong = "what kind of target this is has to be said";
    let suggest = |instead: String| TargetError::new(typed, wrong, format!("type `{instead}`"));
    if typed.contains(PORT.text) {
        return suggest(format!("exec:{typed}"));
    }
    if typed.contains(URL.text) {
        return client_command(typed, typed);
    }
    if is_simulated_name(typed) {
        return suggest(format!("sim:{typed}"));
    }
    if let Some(port) = url::read_port(typed.trim_start_matches(':')) {
        return suggest(format!("ws://127.0.0.1:{port}/"));
    }
    let rest = typed.strip_prefix("ws:").unwrap_or(typed).trim_start_matches('/');
    match WebSocketUrl::parse(&format!("ws://{rest}")) {
        // A word alone could be anything.
        Ok(url) if typed.contains([':', '.', '/']) || typed == "localhost" => {
            suggest(url.to_string())
        }
        _ => TargetError::new(
            typed,
            "this is no target",
            "type the address of a server, `ws://127.0.0.1:9001/`; a command that starts one, \
             `exec:python3 server.py {port}`; or an endpoint in memory, `sim:reference`",
        ),
    }
}

fn client_command(typed: &str, command: &str) -> TargetError {
    let command = command.trim().replace(PORT.text, URL.text);
    let quoted = shlex::try_quote(&command).unwrap_or_default();
    TargetError::new(
        typed,
        "a client is certified by another command, which starts it for each connection",
        format!("type `certify client --exec {quoted}`"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wrong(typed: &str) -> String {
        match TargetSpecification::parse(typed) {
            Ok(target) => panic!("{typed} is taken for {target}"),
            Err(error) => error.to_string(),
        }
    }

    fn unfit(typed: &str, role: Role) -> String {
        match TargetSpecification::parse(typed).unwrap().into_target(role, 0) {
            Ok(target) => panic!("{typed} is taken for {}", target.name()),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn shows_itself_as_it_can_be_read_again() {
        for (typed, shown) in [
            ("ws://127.0.0.1:9001", "ws://127.0.0.1:9001/"),
            ("WS://example.org:80/chat?a=b", "ws://example.org/chat?a=b"),
            ("ws://[::1]:9001/", "ws://[::1]:9001/"),
            ("exec: python3 server.py '{port}'", "exec:python3 server.py '{port}'"),
            ("sim:reference", "sim:reference"),
            ("sim:hostile/silent", "sim:hostile/silent"),
        ] {
            let target = TargetSpecification::parse(typed).unwrap();
            assert_eq!(target.to_string(), shown);
            assert_eq!(shown.parse(), Ok(target));
        }
    }

    #[test]
    fn the_target_has_the_name_that_was_typed() {
        for typed in ["ws://127.0.0.1:9001/", "exec:python3 server.py {port}", "sim:simple"] {
            let specification = TargetSpecification::parse(typed).unwrap();
            let target = specification.into_target(Role::Server, 0).unwrap();
            assert_eq!((target.name().as_str(), target.role()), (typed, Role::Server));
        }
    }

    #[test]
    fn other_schemes() {
        insta::assert_snapshot!(wrong("wss://example.org/"), @"
        `wss://example.org/`: TLS is not supported yet
        help: end TLS in front of the server, and type the ws:// address behind it
        ");
        insta::assert_snapshot!(wrong("http://localhost:9001/chat"), @"
        `http://localhost:9001/chat`: this is the address of a web page; that of a WebSocket server begins with ws://
        help: type `ws://localhost:9001/chat`
        ");
        insta::assert_snapshot!(wrong("https://example.org/"), @"
        `https://example.org/`: this is the address of a web page, and TLS is not supported yet
        help: end TLS in front of the server, and type the ws:// address behind it
        ");
        insta::assert_snapshot!(wrong("tcp://localhost:9001"), @"
        `tcp://localhost:9001`: `tcp` is no kind of target
        help: type `ws://localhost:9001`
        ");
    }

    #[test]
    fn no_scheme() {
        insta::assert_snapshot!(wrong("localhost:9001"), @"
        `localhost:9001`: what kind of target this is has to be said
        help: type `ws://localhost:9001/`
        ");
        insta::assert_snapshot!(wrong("example.org/chat"), @"
        `example.org/chat`: what kind of target this is has to be said
        help: type `ws://example.org/chat`
        ");
        insta::assert_snapshot!(wrong("ws:localhost:9001"), @"
        `ws:localhost:9001`: what kind of target this is has to be said
        help: type `ws://localhost:9001/`
        ");
        insta::assert_snapshot!(wrong("9001"), @"
        `9001`: what kind of target this is has to be said
        help: type `ws://127.0.0.1:9001/`
        ");
        insta::assert_snapshot!(wrong("reference"), @"
        `reference`: what kind of target this is has to be said
        help: type `sim:reference`
        ");
        insta::assert_snapshot!(wrong("python3 server.py {port}"), @"
        `python3 server.py {port}`: what kind of target this is has to be said
        help: type `exec:python3 server.py {port}`
        ");
        insta::assert_snapshot!(wrong("python3 client.py {url}"), @"
        `python3 client.py {url}`: a client is certified by another command, which starts it for each connection
        help: type `certify client --exec 'python3 client.py {url}'`
        ");
        insta::assert_snapshot!(wrong("server"), @"
        `server`: this is no target
        help: type the address of a server, `ws://127.0.0.1:9001/`; a command that starts one, `exec:python3 server.py {port}`; or an endpoint in memory, `sim:reference`
        ");
        insta::assert_snapshot!(wrong(""), @"
        ``: this is no target
        help: type the address of a server, `ws://127.0.0.1:9001/`; a command that starts one, `exec:python3 server.py {port}`; or an endpoint in memory, `sim:reference`
        ");
    }

    #[test]
    fn addresses() {
        insta::assert_snapshot!(wrong("ws://localhost:90010/"), @"
        `ws://localhost:90010/`: `90010` is no port: ports are numbers from 1 to 65535
        help: type `ws://localhost:9001/`
        ");
        insta::assert_snapshot!(wrong("ws://localhost:0/"), @"
        `ws://localhost:0/`: `0` is no port: ports are numbers from 1 to 65535
        help: type `ws://localhost:9001/`
        ");
        insta::assert_snapshot!(wrong("ws://localhost:{port}/"), @"
        `ws://localhost:{port}/`: `{port}` is no port: ports are numbers from 1 to 65535
        help: type `ws://localhost:9001/`
        ");
        insta::assert_snapshot!(wrong("ws://:9001/chat"), @"
        `ws://:9001/chat`: the host is missing
        help: type `ws://127.0.0.1:9001/chat`
        ");
        insta::assert_snapshot!(wrong("ws://"), @"
        `ws://`: the host is missing
        help: type `ws://127.0.0.1/`
        ");
        insta::assert_snapshot!(wrong("ws://localhost:9001/#top"), @"
        `ws://localhost:9001/#top`: a WebSocket address has no fragment (RFC 6455, 3)
        help: type `ws://localhost:9001/`, or %23 for a # that belongs to the path
        ");
        insta::assert_snapshot!(wrong("ws://me:secret@localhost:9001/"), @"
        `ws://me:secret@localhost:9001/`: a WebSocket address names no user (RFC 6455, 3)
        help: type `ws://localhost:9001/`
        ");
        insta::assert_snapshot!(wrong("ws://::1:9001/"), @"
        `ws://::1:9001/`: `::1:9001` is not of the form host:port
        help: an IPv6 address stands in brackets, such as `ws://[::1]:9001/`
        ");
        insta::assert_snapshot!(wrong("ws://[::g]:9001/"), @"
        `ws://[::g]:9001/`: `::g` is no IPv6 address
        help: type the host's name in ASCII, or its address
        ");
        insta::assert_snapshot!(wrong("ws://bücher.example/"), @"
        `ws://bücher.example/`: `ü` cannot stand in a host name
        help: type the host's name in ASCII, or its address
        ");
        insta::assert_snapshot!(wrong("ws://localhost/a b"), @"
        `ws://localhost/a b`: ` ` cannot stand in an address as it is
        help: write it as %20
        ");
        insta::assert_snapshot!(wrong("ws://localhost/\u{1b}[2J"), @r#"
        `ws://localhost/\u{1b}[2J`: `\u{1b}` cannot stand in an address as it is
        help: write it as %1B
        "#);
    }

    #[test]
    fn commands() {
        insta::assert_snapshot!(wrong("exec:python3 server.py"), @"
        `exec:python3 server.py`: the command has no {port}, so nobody tells it where to listen
        help: put {port} where it expects that, such as `exec:python3 server.py {port}`
        ");
        insta::assert_snapshot!(wrong("exec:python3 client.py {url}"), @"
        `exec:python3 client.py {url}`: a client is certified by another command, which starts it for each connection
        help: type `certify client --exec 'python3 client.py {url}'`
        ");
    }

    #[test]
    fn simulations() {
        insta::assert_snapshot!(wrong("sim:referense"), @"
        `sim:referense`: there is no simulated endpoint of this name
        help: did you mean `sim:reference`?
        ");
        insta::assert_snapshot!(wrong("sim:silence"), @"
        `sim:silence`: there is no simulated endpoint of this name
        help: did you mean `sim:hostile/silent`?
        ");
        insta::assert_snapshot!(wrong("sim:"), @"
        `sim:`: there is no simulated endpoint of this name
        help: type `sim:reference`, `sim:simple`, or a peer behind `sim:broken/`, `sim:eccentric/` or `sim:hostile/`
        ");
    }

    #[test]
    fn roles() {
        insta::assert_snapshot!(unfit("ws://localhost:9001/", Role::Client), @"
        `ws://localhost:9001/`: a client has no address: it is started and connects to the harness
        help: type the command that starts it, such as `certify client --exec 'python3 client.py {url}'`
        ");
        insta::assert_snapshot!(unfit("ws://localhost:9001/", Role::Gateway), @"
        `ws://localhost:9001/`: a gateway has a back end too, whose part the harness plays
        help: name the address that the gateway connects to as well, such as `--back 127.0.0.1:9100`
        ");
        insta::assert_snapshot!(unfit("exec:python3 x.py {port}", Role::Client), @"
        `exec:python3 x.py {port}`: a client is certified by another command, which starts it for each connection
        help: type `certify client --exec 'python3 x.py {url}'`
        ");
        insta::assert_snapshot!(unfit("exec:python3 x.py {port}", Role::Gateway), @"
        `exec:python3 x.py {port}`: gateways are not started by the harness
        help: start it, then name its ws:// address and the address that it connects to
        ");
        insta::assert_snapshot!(unfit("sim:reference", Role::Gateway), @"
        `sim:reference`: there is no reference gateway
        help: type `sim:simple`, a plain relay
        ");
        insta::assert_snapshot!(unfit("sim:hostile/silent", Role::Gateway), @"
        `sim:hostile/silent`: there is no hostile gateway
        help: type `sim:simple`, or certify `sim:hostile/silent` as a server or a client
        ");
    }
}
