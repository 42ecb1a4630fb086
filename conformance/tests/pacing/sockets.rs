//! Over real sockets of loopback. What nobody may do is judged on any machine, what has to be
//! reached on an idle one only.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use wsconform::report::Verdict;
use wsconform::run::Random;
use wsconform::target::Target;
use wsconform_spec::scenario::Role;

use crate::endpoints::{Behind, OverLoopback};
use crate::judge::{BOUND, BROKEN, Judged, STRICT, judge, judge_all, measured};
use crate::way::Way;

/// What a sender owes may be late on a machine that is busy.
const OWED: [&str; 2] = ["rate.strict.delivers", "rate.pause.lifted"];

/// Octets that a way holds: as many as the buffers of a connection, so that these are soon empty.
const HOLDS: usize = 8 << 20;

/// How long a broken peer may go undetected, in ms.
const PATIENCE: u64 = 3000;

fn over_loopback(name: &str, role: Role) -> Arc<dyn Target> {
    Arc::new(OverLoopback::new(name, role))
}

/// Takes all time of all processors until dropped.
struct Busy(Arc<AtomicBool>);

impl Busy {
    fn start() -> Self {
        let over = Arc::new(AtomicBool::new(false));
        for _ in 0..thread::available_parallelism().map_or(1, usize::from) {
            let over = Arc::clone(&over);
            thread::spawn(move || {
                while !over.load(Ordering::Relaxed) {
                    std::hint::spin_loop();
                }
            });
        }
        Self(over)
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// All measured cases against all that keep the promise.
fn strict(patterns: &[&str]) -> Vec<(wsconform::run::PlannedCase, Arc<dyn Target>, u64)> {
    let of = |&(name, role): &(&str, Role)| {
        let target = over_loopback(name, role);
        measured(role, patterns).into_iter().map(move |case| (case, Arc::clone(&target), 0))
    };
    STRICT.iter().flat_map(of).collect()
}

fn assert_kept(judged: &[Judged]) {
    for one in judged {
        assert_eq!(one.besides(&OWED), None);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_bound_is_never_broken() {
    assert_kept(&judge_all(strict(&["rate.strict.*", "pacing.*"])).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_bound_is_never_broken_while_all_processors_are_busy() {
    let busy = Busy::start();
    assert_kept(&judge_all(strict(&["pacing.*"])).await);
    drop(busy);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_keeps_it_is_never_blamed_whatever_the_way_does() {
    let mut runs = Vec::new();
    for seed in 0..4 {
        for (name, role) in STRICT {
            let target: Arc<dyn Target> = Arc::new(Behind {
                way: Way::drawn(&mut Random::of_case(seed, "way over sockets"), HOLDS),
                target: over_loopback(name, role),
                seed,
            });
            for case in measured(role, &["pacing.bound/20000*", "rate.strict.changes"]) {
                runs.push((case, Arc::clone(&target), seed));
            }
        }
    }
    for judged in judge_all(runs).await {
        assert_eq!(judged.besides(&OWED), None);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_breaks_it_is_blamed_for_nothing_else() {
    let roles = [Role::Server, Role::Client];
    let broken = BROKEN.iter().flat_map(|name| roles.map(|role| (*name, role)));
    let runs = broken.flat_map(|(name, role)| {
        let target = over_loopback(name, role);
        measured(role, &["rate.strict.*"])
            .into_iter()
            .map(move |case| (case, Arc::clone(&target), 0))
    });
    let judged = judge_all(runs).await;
    for one in &judged {
        assert_eq!(one.besides(&[&[BOUND], &OWED[..]].concat()), None);
    }
    // Who ignores the rate altogether stands out on a busy machine too.
    let ignores = judged.iter().filter(|one| one.name.starts_with("broken/strict-ignores"));
    assert!(ignores.filter(|one| one.blamed().contains(BOUND)).count() > 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "for an idle machine"]
async fn nine_tenths_are_delivered() {
    let mut short = Vec::new();
    for (case, target, seed) in strict(&["pacing.*", "rate.strict.*"]) {
        let judged = judge(case, target, seed).await;
        println!("{}: {:?} in {} ms", judged.name, judged.outcome.verdict, judged.outcome.ms);
        if judged.outcome.verdict != Verdict::Pass {
            short.push(judged);
        }
    }
    assert!(short.is_empty(), "{short:#?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "for an idle machine"]
async fn whoever_breaks_it_is_blamed_in_time() {
    for name in BROKEN {
        for role in [Role::Server, Role::Client] {
            let mut blaming = Vec::new();
            for case in measured(role, &["rate.strict.*"]) {
                let judged = judge(case, over_loopback(name, role), 0).await;
                assert_eq!(judged.besides(&[BOUND]), None);
                if judged.blamed().contains(BOUND) {
                    println!("{}: blamed after {} ms", judged.name, judged.outcome.ms);
                    assert!(judged.outcome.ms <= PATIENCE, "{judged:?}");
                    blaming.push(judged);
                }
            }
            assert!(!blaming.is_empty(), "{name} as {role}");
        }
    }
}
