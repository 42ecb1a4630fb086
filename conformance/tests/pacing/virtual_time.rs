//! In virtual time, over pipes in memory: nothing is late but by the way's doing.

use std::sync::Arc;

use wsconform::report::Verdict;
use wsconform::run::Random;
use wsconform::target::{Simulated, Target};
use wsconform_spec::scenario::Role;

use crate::endpoints::Behind;
use crate::judge::{BOUND, BROKEN, Judged, STRICT, judge_all, measured};
use crate::way::Way;

/// How many ways are tried.
const SEEDS: u64 = 120;

/// The cases; at the highest rate there is nothing to see that a lower one does not show, only more
/// to count.
const CASES: [&str; 1] = ["rate.strict.*"];

/// Octets that a way holds.
const HOLDS: usize = 256 * 1024;

/// A way that hides nothing.
fn short() -> Way {
    Way { delay: 0..=5, bunch: 0, stall: 0, between: 1, holds: HOLDS }
}

/// Runs all cases against the endpoint over this way.
fn over(way: &Way, seed: u64, name: &str, role: Role) -> Vec<Judged> {
    let target: Arc<dyn Target> = Arc::new(Behind {
        way: way.clone(),
        target: Arc::new(Simulated::new(name, role, seed).unwrap()),
        seed,
    });
    let runs = measured(role, &CASES).into_iter().map(|case| (case, Arc::clone(&target), seed));
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .start_paused(true)
        .build()
        .unwrap();
    runtime.block_on(judge_all(runs))
}

/// How often each verdict came.
fn count(judged: &[Judged], verdict: Verdict) -> usize {
    judged.iter().filter(|one| one.outcome.verdict == verdict).count()
}

#[test]
fn whoever_keeps_the_promise_is_never_blamed_whatever_the_way_does() {
    let mut all = Vec::new();
    for seed in 0..SEEDS {
        let way = Way::drawn(&mut Random::of_case(seed, "way"), HOLDS);
        let (name, role) = STRICT[seed as usize % STRICT.len()];
        for judged in over(&way, seed, name, role) {
            assert_eq!(judged.besides(&[]), None, "seed {seed}: {way:?}");
            all.push(judged);
        }
    }
    let (passed, inconclusive) = (count(&all, Verdict::Pass), count(&all, Verdict::Inconclusive));
    assert_eq!(passed + inconclusive, all.len());
    // A judge that never decides would be no proof.
    assert!(passed > all.len() / 2, "{passed} of {}", all.len());
}

#[test]
fn over_a_short_way_everything_is_decided() {
    let way = short();
    for (name, role) in STRICT {
        for judged in over(&way, 0, name, role) {
            assert_eq!(judged.outcome.verdict, Verdict::Pass, "{judged:?}");
        }
    }
}

#[test]
fn whoever_breaks_it_is_blamed_for_that_and_for_nothing_else() {
    let way = short();
    for name in BROKEN {
        for role in [Role::Server, Role::Client] {
            let judged = over(&way, 0, name, role);
            assert!(judged.iter().any(|one| one.blamed().contains(BOUND)), "{name} as {role}");
            let wrong = judged.iter().find_map(|one| one.besides(&[BOUND]));
            assert_eq!(wrong, None);
        }
    }
}

/// A long way may hide what they do, and is no reason to blame them for something else.
#[test]
fn whoever_breaks_it_is_blamed_for_nothing_else_whatever_the_way_does() {
    let mut blamed = [0; BROKEN.len()];
    for seed in 0..SEEDS / 2 {
        let way = Way::drawn(&mut Random::of_case(seed, "way of a broken peer"), HOLDS);
        let number = seed as usize % BROKEN.len();
        let role = [Role::Server, Role::Client][seed as usize / BROKEN.len() % 2];
        for judged in over(&way, seed, BROKEN[number], role) {
            assert_eq!(judged.besides(&[BOUND]), None, "seed {seed}: {way:?}");
            blamed[number] += judged.blamed().len();
        }
    }
    assert!(blamed.iter().all(|times| *times > 0), "{blamed:?}");
}
