//! From where on a rate is measured.

/// An EFFECTIVE that was captured.
#[derive(Clone, Debug)]
pub(super) struct Anchor {
    /// The variable that holds its rate.
    pub variable: String,
    /// The connection that it came on.
    pub connection: usize,
    /// Its number among the promises of that connection.
    pub promise: usize,
}
