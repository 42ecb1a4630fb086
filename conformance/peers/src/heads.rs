//! Reading heads without I/O: what the plain endpoint makes of a request or an answer.

use crate::client;
use crate::deviations::Deviations;
use crate::http::{Request, Response, head_length};
use crate::random::Random;
use crate::server;

/// The status of the plain server's answer to a request; nothing if its head has not come whole.
///
/// ```
/// use wsconform_peers::status_of;
///
/// assert_eq!(status_of(b"GET / HTTP/1.1\r\n"), None);
/// assert_eq!(status_of(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"), Some(400));
/// ```
pub fn status_of(request: &[u8]) -> Option<u16> {
    let head = request.get(..head_length(request)?)?;
    Some(match Request::parse(head) {
        Ok(request) => server::judge(request, &Deviations::default(), &mut Random::new(0)).status,
        Err(_) => 400,
    })
}

/// Whether the plain client takes an answer to a request with this key that offered `rate-control`;
/// nothing if its head has not come whole. What the parameters of extensions mean is not judged.
///
/// ```
/// use wsconform_peers::takes_answer;
///
/// let key = "dGhlIHNhbXBsZSBub25jZQ==";
/// assert_eq!(takes_answer(b"HTTP/1.1 200 OK\r\n\r\n", key), Some(false));
/// ```
pub fn takes_answer(answer: &[u8], key: &str) -> Option<bool> {
    let head = answer.get(..head_length(answer)?)?;
    Some(
        Response::parse(head)
            .is_ok_and(|answer| client::takes(answer, key, &Deviations::default())),
    )
}
