//! What the directives of a grammar say that their author can hardly have meant.
//!
//! Numbers are followed as intervals, with the widths of the fields and the conditions of the rules
//! that set them. What that does not decide is passed over: nothing is claimed that is not so.

mod ambiguity;
mod conditions;
mod example;
mod formula;
mod lengths;
mod linear;
mod presence;
mod sizes;
mod solver;
mod strings;
mod values;

pub use ambiguity::{Ambiguities, ambiguities};

use crate::diagnostic::Diagnostic;
use crate::program::Program;
use presence::Presence;
use solver::Solver;
use values::Values;

/// So many states are looked at for all conditions of a program.
const STATE_LIMIT: u32 = 100_000;

/// Everything suspicious in the directives of `program`: first what is about conditions, then what
/// is about octets, each in the order of the rules.
///
/// | level | what |
/// |---|---|
/// | error | a condition that never holds; with the field that is never set, if that is why |
/// | warning | a condition that always holds |
/// | warning | two alternatives whose conditions hold together, with an example |
/// | warning | a context that nothing reads |
/// | error | a size that is never known |
/// | warning | a size that can be negative or beyond 64 bits, with an example |
/// | error | a part that a hook decodes, and that has no size |
/// | error or warning | a rule that is always, or can be, shorter than its bits |
/// | warning | a big-endian integer in more than eight octets |
/// | warning | a key that can be empty, or is never set |
///
/// ```
/// use wsconform_abnf::program::{Options, Program};
/// use wsconform_abnf::{Grammar, Source, analyse};
///
/// let text = "head = OCTET\n  ;@ bits version:4 length:4\n  ;@ where version = 16\n";
/// let grammar = Grammar::read(&Source::new("head.abnf", text)).unwrap();
/// let program = Program::new(&grammar, Options::default()).unwrap();
/// assert_eq!(
///     analyse(&program)[0].to_string(),
///     "head.abnf:3:6: condition that never holds: no values make it hold: `version` is 0 to 15"
/// );
/// ```
pub fn analyse(program: &Program) -> Vec<Diagnostic> {
    let values = Values::new(program);
    let solver = Solver::new(&values, STATE_LIMIT);
    let mut diagnostics = Vec::new();
    if let Some(presence) = Presence::new(program) {
        diagnostics.extend(conditions::check(&solver, &presence));
        diagnostics.extend(sizes::check(&solver, &presence));
    }
    diagnostics.extend(sizes::check_forms(&values));
    diagnostics
}
