//! What a server says to a request, and how it writes that.

use crate::application::Application;
use crate::deviations::{Deviations, OpeningDeviations};
use crate::negotiation::Agreement;
use crate::sequences::Sequences;

/// What the server says to a request.
pub(crate) struct Answer {
    pub(crate) status: u16,
    reason: &'static str,
    fields: Vec<(&'static str, String)>,
    /// Whether it may have one: the answer to HEAD has none.
    pub(crate) body: bool,
    /// The connection ends behind it.
    pub(crate) ends: bool,
    /// The offers of extensions broke the grammar, nothing else was wrong.
    pub(crate) about_offers: bool,
    /// The request did not ask for WebSocket.
    pub(crate) ordinary: bool,
    pub(crate) zero_key: bool,
    pub(crate) opens: Option<Box<Opens>>,
}

/// What the connection that an answer opens begins with.
pub(crate) struct Opens {
    pub(crate) agreements: Vec<Agreement>,
    pub(crate) sequences: Sequences,
    pub(crate) application: Application,
}

impl Answer {
    pub(crate) fn new(status: u16, reason: &'static str) -> Answer {
        Answer {
            status,
            reason,
            fields: Vec::new(),
            body: true,
            ends: false,
            about_offers: false,
            ordinary: false,
            zero_key: false,
            opens: None,
        }
    }

    /// The refusal of what the request is to blame for.
    pub(crate) fn bad_request() -> Answer {
        Answer::new(400, "Bad Request")
    }

    /// The refusal of another version than 13.
    pub(crate) fn version(deviations: &Deviations) -> Answer {
        if deviations.lists_no_versions {
            return Answer::bad_request();
        }
        let switches = &deviations.opening;
        let versions: &[&str] = match () {
            () if switches.lists_drafts => &["8, 7"],
            () if switches.lists_versions_in_lines => &["13", "8, 7"],
            () => &["13"],
        };
        let mut refusal = Answer::new(426, "Upgrade Required");
        if !switches.omits_required_upgrade {
            refusal = refusal.with("Upgrade", "websocket").with("Connection", "Upgrade");
        }
        versions.iter().fold(refusal, |refusal, list| refusal.with("Sec-WebSocket-Version", *list))
    }

    /// Another protocol than WebSocket, as the request asks for (RFC 9110, 7.8). No one speaks it here.
    pub(crate) fn switching_to_h2c() -> Answer {
        Answer::new(101, "Switching Protocols")
            .with("Upgrade", "h2c")
            .with("Connection", "Upgrade")
            .and_end()
    }

    pub(crate) fn and_end(mut self) -> Answer {
        self.ends = true;
        self
    }

    pub(crate) fn with(mut self, name: &'static str, value: impl Into<String>) -> Answer {
        self.fields.push((name, value.into()));
        self
    }

    /// The octets of the answer.
    pub(crate) fn text(&self, deviations: &Deviations) -> String {
        let text = match self.status {
            101 => self.switching(deviations),
            _ => self.refusal(deviations),
        };
        if deviations.opening.ends_lines_in_lf { text.replace("\r\n", "\n") } else { text }
    }

    fn switching(&self, deviations: &Deviations) -> String {
        let switches = &deviations.opening;
        let (mut line, mut fields) = (format!("101 {}", self.reason), self.fields.clone());
        if let Some(reason) = switches.reason {
            line = format!("101 {reason}");
        }
        if switches.omits_space_behind_status {
            line = "101".to_owned();
        }
        if self.zero_key && deviations.answers_200_to_zeros {
            line = "200 OK".to_owned();
        }
        if switches.states_length {
            fields.push(("Content-Length", "0".to_owned()));
        }
        let interim = match switches.sends_interim {
            true => "HTTP/1.1 103 Early Hints\r\nLink: </style.css>; rel=preload\r\n\r\n",
            false => "",
        };
        let fields = write_fields(&fields, deviations);
        format!("{interim}HTTP/1.1 {line}\r\n{fields}\r\n")
    }

    fn refusal(&self, deviations: &Deviations) -> String {
        let switches = &deviations.opening;
        let (mut status, mut reason) = (self.status, self.reason);
        let mut fields = self.fields.clone();
        let mut page = "";
        if deviations.refuses_with_500 && !self.about_offers {
            (status, reason) = (500, "Internal Server Error");
        }
        if deviations.refuses_with_page && status != 426 {
            (status, reason) = (403, "Forbidden");
            fields.push(("Content-Type", "text/html".to_owned()));
            page = "<!doctype html><title>Forbidden</title><p>This is no place for you.";
        }
        if let Some(liked) = self.liked(switches) {
            (status, reason) = (liked, "As I Like It");
            let more = match liked {
                302 => vec![("Location", "/welcome")],
                401 => vec![("WWW-Authenticate", "Basic realm=\"here\"")],
                426 if self.status != 426 => {
                    vec![("Upgrade", "websocket"), ("Connection", "Upgrade")]
                }
                _ => Vec::new(),
            };
            fields.extend(more.into_iter().map(|(name, value)| (name, value.to_owned())));
        }
        if self.ends {
            fields.push(("Connection", "close".to_owned()));
        }
        // A client of HTTP/1.0 knows no chunks; its connection ends.
        let mut body = page.to_owned();
        if switches.refuses_in_chunks && !self.ends {
            fields.push(("Transfer-Encoding", "chunked".to_owned()));
            body = "3\r\nNo.\r\n0\r\n\r\n".to_owned();
        } else {
            fields.push(("Content-Length", page.len().to_string()));
        }
        if !self.body {
            body.clear();
        }
        format!("HTTP/1.1 {status} {reason}\r\n{}\r\n{body}", write_fields(&fields, deviations))
    }

    /// The status that this endpoint likes better.
    fn liked(&self, switches: &OpeningDeviations) -> Option<u16> {
        let ordinary = switches.answers_ordinary_with.filter(|_| self.ordinary);
        ordinary.or(switches.refuses_with)
    }
}

/// Writes header fields in the spelling that this endpoint likes.
pub(crate) fn write_fields(fields: &[(&str, String)], deviations: &Deviations) -> String {
    let mut lines: Vec<String> = fields
        .iter()
        .map(|(name, value)| {
            let name =
                if deviations.writes_names_lower { name.to_lowercase() } else { (*name).into() };
            match name.to_lowercase().as_str() {
                "upgrade" | "connection" if deviations.writes_values_upper => {
                    format!("{name}: {}\r\n", value.to_uppercase())
                }
                "connection" if deviations.opening.lists_connection && value == "Upgrade" => {
                    format!("{name}: keep-alive, {value}\r\n")
                }
                _ => format!("{name}: {value}\r\n"),
            }
        })
        .collect();
    if deviations.adds_fields {
        lines.insert(0, "X-Mood:\r\n".to_owned());
        lines.extend(["X-Trace: 1\r\n".to_owned(), "x-trace: 2\r\n".to_owned()]);
    }
    if deviations.writes_names_lower {
        lines.reverse();
    }
    lines.concat()
}
