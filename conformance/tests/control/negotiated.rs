//! Several capabilities at once, and the manners of the harness.

use wsconform::wire::{FrameSpec, Opcode};
use wsconform_spec::scenario::Role::{Client, Server};

use super::fake::{passes, run, told};

const RATE: &[u8] = &[0xF0, 0x80, 0x00, 0x10];
const BEAT: &[u8] = &[0xF0, 0x80, 0x00, 0x11];

#[test]
fn each_capability_is_judged_and_the_sequences_together() {
    let steps = "open with rate-control burst=4096 as $rate with heartbeat interval=200 as $beat\n\
                 check equal($rate.burst, 4096) : contract.echo\n\
                 check equal($beat.interval, 300) : contract.echo";
    for (answer, wanted) in [
        (
            "rate-control; control=F0800010; burst=4096, heartbeat; control=F0800011; interval=300",
            "pass",
        ),
        (
            "heartbeat; control=F0800011; interval=300, rate-control; control=F0800010; burst=4096",
            "pass",
        ),
        (
            "rate-control; control=F0800010; burst=4096, heartbeat; control=F0800010; interval=300",
            "fail sequence.distinct",
        ),
        (
            "rate-control; control=F0800010; burst=4096, heartbeat; control=F0800020; interval=300",
            "warn sequence.block",
        ),
        (
            "rate-control; control=F0800010; burst=4096, heartbeat; control=F0800011; interval=100",
            "fail negotiation.server.not-widened",
        ),
        (
            "rate-control; control=F0800010; burst=4096",
            "skip (the endpoint declines heartbeat as it is offered here)",
        ),
        (
            "rate-control; control=F0800010; burst=4096, heartbeat; control=F0800011",
            "skip (the endpoint narrows heartbeat to interval=0)",
        ),
    ] {
        let script = move |mut fake: super::fake::Fake| async move {
            fake.accept_with(answer).await;
            fake.rest().await;
        };
        assert_eq!(told(&run(Server, steps, script)), wanted, "{answer}");
    }
}

#[test]
fn offers_stand_in_the_order_of_the_scenario() {
    let steps = "open with heartbeat with rate-control pace=strict burst=300 as $rate";
    let outcome = run(Server, steps, |mut fake| async move {
        let answer = "heartbeat; control=F0800010, rate-control; control=F0800011; \
                      pace=strict; burst=300";
        let head = fake.accept(&[("Sec-WebSocket-Extensions", answer)]).await;
        let offers = head.field_values("Sec-WebSocket-Extensions");
        assert_eq!(offers, ["heartbeat, rate-control; pace=strict; burst=300"]);
        fake.rest().await;
    });
    passes(&outcome);
}

#[test]
fn the_answer_to_a_client_is_what_the_scenario_asks() {
    let steps = "open with rate-control pace=strict burst=4096 as $rate with heartbeat as $beat\n\
                 send control $beat BEAT \"x\"\n\
                 expect control $beat ECHO \"x\" : heartbeat.echoed";
    let outcome = run(Client, steps, |mut fake| async move {
        let offers = "rate-control; pace=strict, heartbeat; interval=100, idle-timeout";
        let head = fake.dial(&[("Sec-WebSocket-Extensions", offers)]).await;
        let answer = head.extensions().unwrap();
        let [rate, beat] = answer.items.as_slice() else { panic!("{answer}") };
        assert_eq!((rate.value("pace"), rate.value("burst")), (Some("strict"), Some("4096")));
        assert_eq!((beat.name.as_str(), beat.value("interval")), ("heartbeat", None));
        let [first, second] = [rate, beat].map(|item| item.value("control").unwrap());
        let number = |digits: &str| u32::from_str_radix(digits, 16).unwrap();
        assert_eq!(number(second), number(first) + 1);
        let sequence = number(second).to_be_bytes();
        assert_eq!(fake.message().await, [&sequence[..], b"\x01x"].concat());
        fake.binary(&[&sequence, b"\x02x"]).await;
        fake.rest().await;
    });
    passes(&outcome);
    let outcome = run(Client, "open with rate-control pace=strict", |mut fake| async move {
        fake.dial(&[("Sec-WebSocket-Extensions", "rate-control")]).await;
    });
    let wanted = "skip (the endpoint offers no rate-control that allows pace=strict)";
    assert_eq!(told(&outcome), wanted);
}

const BOTH: &str = "rate-control; control=F0800010, heartbeat; control=F0800011";
const STEPS: &str = "open with rate-control as $rate with heartbeat as $beat\n\
                     expect text \"data\" : contract.echo";

#[test]
fn a_good_peer_answers_what_nobody_expects() {
    let outcome = run(Server, STEPS, |mut fake| async move {
        fake.accept_with(BOTH).await;
        fake.binary(&[BEAT, b"\x01body"]).await;
        assert_eq!(fake.message().await, [BEAT, b"\x02body"].concat());
        fake.binary(&[RATE, b"\x7E"]).await;
        assert_eq!(fake.message().await, [RATE, b"\x7E"].concat());
        fake.binary(&[RATE, b"\x7F"]).await;
        assert_eq!(fake.message().await, [RATE, b"\x7F"].concat());
        // These want no answer: an ECHO, an ACK, a private type.
        fake.binary(&[BEAT, b"\x02"]).await;
        fake.binary(&[RATE, b"\x80\0\0\0\0\0\0\0\0"]).await;
        fake.binary(&[RATE, b"\xF0"]).await;
        fake.send(FrameSpec::text("data")).await;
        fake.rest().await;
    });
    passes(&outcome);
}

#[test]
fn what_crosses_is_not_answered() {
    let steps = "open with rate-control as $rate\n\
                 send control $rate SUSPEND\n\
                 expect text \"data\" : contract.echo";
    let outcome = run(Server, steps, |mut fake| async move {
        fake.accept_with("rate-control; control=F0800010").await;
        fake.binary(&[RATE, b"\x7E"]).await;
        assert_eq!(fake.message().await, [RATE, b"\x7E"].concat());
        fake.send(FrameSpec::text("data")).await;
        assert!(fake.next().await.is_none(), "it answers what answered it");
    });
    passes(&outcome);
}

#[test]
fn what_no_endpoint_may_send() {
    for (parts, wanted) in [
        (&[&[BEAT, b"\x03"][..]][..], "fail message.sent"),
        (&[&[RATE, b"\x7E\0"]], "fail message.sent"),
        (&[&[RATE, b"\xEF"]], "fail message.sent"),
        (&[&[RATE, b""], &[BEAT, b"\x01"]], "fail escape.sender.adjacent"),
        (&[&[RATE, b""], &[BEAT, b""]], "fail escape.sender.adjacent"),
    ] {
        let messages: Vec<Vec<u8>> = parts.iter().map(|parts| parts.concat()).collect();
        let script = move |mut fake: super::fake::Fake| {
            let messages = messages.clone();
            async move {
                fake.accept_with(BOTH).await;
                for message in messages {
                    fake.send(FrameSpec::binary(message)).await;
                }
                fake.rest().await;
            }
        };
        assert_eq!(told(&run(Server, STEPS, script)), wanted, "{parts:?}");
    }
    let outcome = run(Server, STEPS, |mut fake| async move {
        fake.accept_with(BOTH).await;
        fake.send(FrameSpec { fin: false, ..FrameSpec::binary(RATE) }).await;
        fake.send(FrameSpec::continuation(&b"\x02"[..])).await;
        fake.rest().await;
    });
    assert_eq!(told(&outcome), "fail message.whole");
}

/// Whoever judges frames has to see in the first one whether a message is data.
#[test]
fn the_first_frame_tells_what_a_message_is() {
    let steps = "open with rate-control as $rate\nexpect binary \"data\" : contract.echo";
    for (frames, wanted) in [
        (&["data"][..], "pass"),
        (&["data", ""], "pass"),
        (&["dat", "a"], "warn escape.sender.first-frame"),
        (&["", "data"], "warn escape.sender.first-frame"),
    ] {
        let script = move |mut fake: super::fake::Fake| async move {
            fake.accept_with("rate-control; control=F0800010").await;
            for (index, payload) in frames.iter().enumerate() {
                let opcode = if index == 0 { Opcode::BINARY } else { Opcode::CONTINUATION };
                let fin = index + 1 == frames.len();
                fake.send(FrameSpec { fin, ..FrameSpec::new(opcode, *payload) }).await;
            }
            fake.rest().await;
        };
        assert_eq!(told(&run(Server, steps, script)), wanted, "{frames:?}");
    }
}

/// A reply waits while the harness is in the middle of something.
#[test]
fn a_reply_comes_between_messages_and_not_inside_them() {
    for (begins, ends) in [
        ("frame opcode=binary fin=0 payload=\"one\"", "frame opcode=continuation payload=\"two\""),
        ("escape $beat", "binary $beat \"two\""),
    ] {
        let steps = format!(
            "open with rate-control with heartbeat as $beat\nsend {begins}\n\
             expect text \"data\" : contract.echo\nsend {ends}\n\
             expect text \"end\" : contract.echo"
        );
        let outcome = run(Server, &steps, |mut fake| async move {
            fake.accept_with(BOTH).await;
            fake.message().await;
            fake.binary(&[BEAT, b"\x01x"]).await;
            fake.send(FrameSpec::text("data")).await;
            assert!(fake.message().await.ends_with(b"two"));
            assert_eq!(fake.message().await, [BEAT, b"\x02x"].concat());
            fake.send(FrameSpec::text("end")).await;
            fake.rest().await;
        });
        passes(&outcome);
    }
}

#[test]
fn a_hundred_control_messages_a_second_are_enough() {
    for (count, wanted) in [(100, "pass"), (101, "fail message.budget")] {
        let script = move |mut fake: super::fake::Fake| async move {
            fake.accept_with(BOTH).await;
            for _ in 0..count {
                fake.binary(&[RATE, b"\x81"]).await;
            }
            fake.send(FrameSpec::text("data")).await;
            fake.rest().await;
        };
        assert_eq!(told(&run(Server, STEPS, script)), wanted, "{count}");
    }
}
