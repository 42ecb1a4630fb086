//! Which rule, and in which context.

use clap::Args;
use wsconform_abnf::program::{Given, Program};
use wsconform_spec::grammar::{Entry, entry};

use super::super::Stop;
use super::sources::unknown_rule;

#[derive(Debug, Args)]
pub(super) struct Context {
    /// A value of the context that the grammar declares: `--given sender=client`.
    #[arg(long, value_name = "NAME=VALUE", value_parser = pair)]
    given: Vec<(String, String)>,
}

/// A rule with the context in which it is matched.
pub(super) struct Wanted {
    pub(super) rule: String,
    pub(super) given: Given,
    /// The names of the context to which nothing was given.
    pub(super) missing: Vec<String>,
}

impl Context {
    /// The rule called `name`; of the book also the entry called so, which gives what is not given
    /// here.
    pub(super) fn of(&self, program: &Program, name: &str, is_book: bool) -> Result<Wanted, Stop> {
        let entry: Option<&Entry> = is_book.then(|| entry(name)).flatten();
        let rule = entry.map_or(name, |entry| entry.rule);
        if program.entry(rule).is_none() {
            let names = program.rules().map(|(_, rule)| rule.name.as_str());
            return Err(unknown_rule(name, names));
        }
        let defaults = entry.map_or(&[][..], |entry| entry.context).iter().copied();
        let given = self.given.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let pairs: Vec<(&str, &str)> = defaults.chain(given).collect();
        let contexts = program.contexts().iter().map(|context| &context.name);
        let missing =
            contexts.filter(|name| !pairs.iter().any(|(one, _)| one.eq_ignore_ascii_case(name)));
        Ok(Wanted {
            rule: rule.to_owned(),
            missing: missing.cloned().collect(),
            given: Given::read(program, pairs).map_err(Stop::usage)?,
        })
    }
}

fn pair(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) => Ok((name.trim().to_owned(), value.to_owned())),
        None => Err("write NAME=VALUE, such as sender=client".to_owned()),
    }
}
