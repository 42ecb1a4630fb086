//! Time that passes.

use std::time::Duration;

use tokio::time::sleep;
use wsconform::wire::{FrameSpec, Opcode};
use wsconform_spec::scenario::Role::Server;

use super::fake::{Fake, passes, run, told};

const fn ms(milliseconds: u64) -> Duration {
    Duration::from_millis(milliseconds)
}

#[test]
fn time_is_taken_and_compared() {
    let steps = "open with idle-timeout timeout=300 as $idle\n\
                 let $t = now()\n\
                 expect close 1000 : time.kept\n\
                 check at-least(since($t), $idle.timeout) : time.kept\n\
                 check at-most(since($t), $idle.timeout + 1000) : time.kept\n\
                 check at-most(since($t), 4.5 * $idle.timeout - 50) : time.kept";
    for (closes_after, wanted) in
        [(299, "fail time.kept"), (300, "pass"), (1300, "pass"), (1301, "fail time.kept")]
    {
        let script = move |mut fake: Fake| async move {
            fake.accept_with("idle-timeout; control=F0800010; timeout=300").await;
            sleep(ms(closes_after)).await;
            fake.send(FrameSpec::close(1000, "")).await;
            fake.rest().await;
        };
        assert_eq!(told(&run(Server, steps, script)), wanted, "{closes_after} ms");
    }
}

#[test]
fn an_expectation_may_take_longer_than_a_run_waits() {
    let slow = |mut fake: Fake| async move {
        fake.accept(&[]).await;
        sleep(ms(4900)).await;
        fake.send(FrameSpec::text("late")).await;
        fake.rest().await;
    };
    let steps = "open\nexpect text \"late\" within 5s : time.kept";
    passes(&run(Server, steps, slow));
    assert_eq!(
        told(&run(Server, "open\nexpect text \"late\" : time.kept", slow)),
        "fail time.kept"
    );
    // No shorter than a run waits.
    let quick = |mut fake: Fake| async move {
        fake.accept(&[]).await;
        sleep(ms(1900)).await;
        fake.send(FrameSpec::text("late")).await;
        fake.rest().await;
    };
    passes(&run(Server, "open\nexpect text \"late\" within 10ms : time.kept", quick));
}

#[test]
fn pings_are_answered_while_time_passes_and_the_rest_waits() {
    let steps = "open with heartbeat interval=100 as $beat\n\
                 wait 450ms\n\
                 expect text \"one\" : contract.echo\n\
                 expect control $beat BEAT $body : contract.echo\n\
                 check equal($body, \"two\") : contract.echo\n\
                 send text \"three\"";
    let outcome = run(Server, steps, |mut fake| async move {
        fake.accept_with("heartbeat; control=F0800010; interval=100").await;
        sleep(ms(100)).await;
        fake.send(FrameSpec::text("one")).await;
        fake.send(FrameSpec::ping("p")).await;
        fake.binary(&[&[0xF0, 0x80, 0, 0x10, 0x01], b"two"]).await;
        let began = tokio::time::Instant::now();
        let pong = fake.next().await.unwrap();
        assert_eq!((pong.opcode, pong.payload.as_slice()), (Opcode::PONG, &b"p"[..]));
        assert!(began.elapsed() < ms(10), "answered at once");
        let text = fake.next().await.unwrap();
        assert_eq!((text.opcode, text.payload.as_slice()), (Opcode::TEXT, &b"three"[..]));
        assert_eq!(began.elapsed(), ms(350), "the BEAT was expected, so it was not answered");
        fake.rest().await;
    });
    passes(&outcome);
}

#[test]
fn a_source_that_is_not_read_takes_no_room() {
    let steps = "open\nwait 50ms\nsend text \"x\"";
    let outcome = run(Server, &format!("app source\n{steps}"), |mut fake| async move {
        fake.accept(&[]).await;
        // More than a case may cost.
        for _ in 0..100 {
            fake.send(FrameSpec::binary(vec![0; 1 << 20])).await;
        }
        fake.rest().await;
    });
    passes(&outcome);
}

#[test]
fn the_end_of_the_stream_ends_no_waiting() {
    let steps = "open\nlet $t = now()\nwait 500ms\ncheck at-least(since($t), 500) : time.kept\n\
                 expect end : time.kept";
    let outcome = run(Server, steps, |mut fake| async move {
        fake.accept(&[]).await;
    });
    passes(&outcome);
}
