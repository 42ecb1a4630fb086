//! What is negotiated on the open connection.

use std::time::Duration;

use tokio::time::sleep;
use wsconform::wire::FrameSpec;
use wsconform_spec::scenario::Role::{Client, Server};

use super::fake::{Fake, passes, run, told};

const SETUP: &[u8] = &[0xF0, 0x80, 0x00, 0x10];
const BEAT: &[u8] = &[0xF0, 0x80, 0x00, 0x11];
const OPEN: &str = "control-setup; control=F0800010";

async fn opened(mut fake: Fake) -> Fake {
    fake.accept_with(OPEN).await;
    fake
}

#[test]
fn a_whole_negotiation_is_offered_judged_and_confirmed() {
    let steps = "open with control-setup as $setup\n\
                 setup $setup with heartbeat interval=200 as $beat\n\
                 check equal($beat.interval, 300) : contract.echo\n\
                 send control $beat BEAT\n\
                 expect control $beat ECHO : heartbeat.echoed";
    let outcome = run(Server, steps, |fake| async move {
        let mut fake = opened(fake).await;
        assert_eq!(fake.message().await, [SETUP, b"\x01heartbeat; interval=200"].concat());
        // What comes before the ANSWER is data still.
        fake.binary(&[SETUP, b"\x02heartbeat; control=F0800011; interval=300"]).await;
        assert_eq!(fake.message().await, [SETUP, b"\x03"].concat());
        assert_eq!(fake.message().await, [BEAT, b"\x01"].concat());
        fake.binary(&[BEAT, b"\x02"]).await;
        fake.rest().await;
    });
    passes(&outcome);
}

#[test]
fn answers_are_judged() {
    let steps = "open with control-setup as $setup\nsetup $setup with heartbeat as $beat";
    for (answer, wanted) in [
        (&b"\x02heartbeat; control=F0800011"[..], "pass"),
        (b"\x02", "skip (the endpoint declines heartbeat on an open connection)"),
        (b"\x02heartbeat; control=F0800010", "fail setup.answer.distinct"),
        (b"\x02heartbeat; control=F0800021", "warn sequence.block"),
        (b"\x02heartbeat; control=F0800011; interval=100", "fail setup.answer.valid"),
        (b"\x02idle-timeout; control=F0800011", "fail setup.answer.valid"),
        (b"\x02control-setup; control=F0800011", "fail setup.answer.declined"),
        (b"\x02heartbeat; control=F0800011;", "fail setup.answer.valid"),
        (b"\x03", "fail setup.answered"),
    ] {
        let script = move |fake: Fake| async move {
            let mut fake = opened(fake).await;
            fake.message().await;
            fake.binary(&[SETUP, answer]).await;
            fake.rest().await;
        };
        assert_eq!(told(&run(Server, steps, script)), wanted, "{}", answer.escape_ascii());
    }
}

/// The sequence counts from the ANSWER on, in the same segment already, and not before.
#[test]
fn the_sequence_of_an_answer_counts_at_once() {
    let steps = "open with control-setup as $setup\n\
                 send control $setup OFFER \"heartbeat\"\n\
                 expect binary <F0 80 00 11 01> : contract.echo\n\
                 expect control $setup ANSWER $list : setup.answered\n\
                 agree with heartbeat as $beat\n\
                 expect control $beat BEAT \"x\" : heartbeat.echoed\n\
                 expect escape $beat : contract.echo\n\
                 expect binary $beat : contract.echo";
    let outcome = run(Server, steps, |fake| async move {
        let mut fake = opened(fake).await;
        fake.message().await;
        fake.binary(&[BEAT, b"\x01"]).await;
        fake.binary(&[SETUP, b"\x02heartbeat; control=F0800011"]).await;
        fake.binary(&[BEAT, b"\x01x"]).await;
        fake.binary(&[BEAT]).await;
        fake.binary(&[BEAT]).await;
        fake.rest().await;
    });
    passes(&outcome);
}

/// Where the endpoint offers, the sequence counts from its CONFIRM on.
#[test]
fn the_sequence_of_an_offer_counts_from_confirm() {
    let steps = "open with control-setup as $setup\n\
                 expect control $setup OFFER $list : setup.answered\n\
                 check equal($list, \"heartbeat\") : setup.answered\n\
                 send control $setup ANSWER \"heartbeat; control=F0800011\"\n\
                 agree with heartbeat as $beat\n\
                 expect binary $beat <01> : contract.echo\n\
                 expect control $setup CONFIRM : setup.confirmed\n\
                 expect control $beat BEAT : heartbeat.echoed";
    let outcome = run(Server, steps, |fake| async move {
        let mut fake = opened(fake).await;
        fake.binary(&[SETUP, b"\x01heartbeat"]).await;
        fake.message().await;
        fake.binary(&[BEAT, b"\x01"]).await;
        fake.binary(&[SETUP, b"\x03"]).await;
        fake.binary(&[BEAT, b"\x01"]).await;
        fake.rest().await;
    });
    passes(&outcome);
}

#[test]
fn an_offer_that_nobody_expects_is_declined() {
    let steps = "open with control-setup as $setup\nexpect text \"data\" : contract.echo";
    let outcome = run(Server, steps, |fake| async move {
        let mut fake = opened(fake).await;
        fake.binary(&[SETUP, b"\x01heartbeat"]).await;
        assert_eq!(fake.message().await, [SETUP, b"\x02"].concat());
        fake.send(FrameSpec::text("data")).await;
        fake.rest().await;
    });
    passes(&outcome);
}

#[test]
fn of_offers_that_cross_that_of_the_server_counts() {
    let steps = "open with control-setup as $setup\nsetup $setup with heartbeat as $beat";
    let as_server = run(Server, steps, |fake| async move {
        let mut fake = opened(fake).await;
        sleep(Duration::from_millis(1)).await;
        fake.binary(&[SETUP, b"\x01idle-timeout"]).await;
        assert_eq!(fake.message().await, [SETUP, b"\x01heartbeat"].concat());
        // It drops the offer of the harness; the harness answers, and offers again.
        assert_eq!(fake.message().await, [SETUP, b"\x02"].concat());
        assert_eq!(fake.message().await, [SETUP, b"\x01heartbeat"].concat());
        fake.binary(&[SETUP, b"\x02heartbeat; control=F0800011"]).await;
        fake.rest().await;
    });
    passes(&as_server);
    let as_client = run(Client, steps, |mut fake| async move {
        let head = fake.dial(&[("Sec-WebSocket-Extensions", "control-setup")]).await;
        let digits = head.extensions().unwrap().items[0].value("control").unwrap().to_owned();
        let number = u32::from_str_radix(&digits, 16).unwrap();
        let setup = number.to_be_bytes();
        sleep(Duration::from_millis(1)).await;
        fake.binary(&[&setup, b"\x01idle-timeout"]).await;
        assert_eq!(fake.message().await, [&setup[..], b"\x01heartbeat"].concat());
        // Its own is void: it answers that of the server.
        let answer = format!("\x02heartbeat; control={:08X}", number + 1);
        fake.binary(&[&setup, answer.as_bytes()]).await;
        assert_eq!(fake.message().await, [&setup[..], b"\x03"].concat());
        fake.rest().await;
    });
    passes(&as_client);
}

/// One that is there already is answered before the harness offers anything.
#[test]
fn there_is_one_negotiation_at_a_time() {
    let steps = "open with control-setup as $setup\nsetup $setup with heartbeat as $beat";
    let outcome = run(Server, steps, |mut fake| async move {
        let head = fake.head().await;
        let offer = FrameSpec::binary([SETUP, b"\x01idle-timeout"].concat());
        fake.answer_and(&head, &[("Sec-WebSocket-Extensions", OPEN)], offer).await;
        assert_eq!(fake.message().await, [SETUP, b"\x02"].concat());
        assert_eq!(fake.message().await, [SETUP, b"\x01heartbeat"].concat());
        fake.binary(&[SETUP, b"\x02heartbeat; control=F0800011"]).await;
        fake.rest().await;
    });
    passes(&outcome);
}

#[test]
fn a_subprotocol_negotiates() {
    let steps = "open with control-setup by=subprotocol app=\"chat\" as $setup\n\
                 setup $setup with heartbeat as $beat";
    for (answer, wanted) in [
        ("as offered", "pass"),
        ("lower-case", "fail bootstrap.selected"),
        ("chat", "fail opening.server.protocol"),
        ("none", "skip (the endpoint declines control-setup as it is offered here)"),
    ] {
        let script = move |mut fake: Fake| async move {
            // The sequence is the harness's choice, so the answer needs the request.
            let head = fake.head().await;
            let offered = head.field_values("Sec-WebSocket-Protocol").concat();
            assert!(offered.starts_with("control.F") && offered.ends_with(".chat"), "{offered}");
            let selected = match answer {
                "as offered" => offered.clone(),
                "lower-case" => offered.to_lowercase(),
                other => other.to_owned(),
            };
            let fields = [("Sec-WebSocket-Protocol", selected.as_str())];
            fake.answer(&head, if answer == "none" { &[] } else { &fields }).await;
            let number = u32::from_str_radix(&offered[8..16], 16).unwrap();
            let setup = number.to_be_bytes();
            if fake.message().await == [&setup[..], b"\x01heartbeat"].concat() {
                let answer = format!("\x02heartbeat; control={:08X}", number + 1);
                fake.binary(&[&setup, answer.as_bytes()]).await;
            }
            fake.rest().await;
        };
        assert_eq!(told(&run(Server, steps, script)), wanted, "{answer}");
    }
}

#[test]
fn a_client_bootstraps() {
    let steps = "open with control-setup by=subprotocol as $setup with heartbeat as $beat";
    for (offered, wanted) in [
        ("chat, control.F0800010.chat", "pass"),
        ("chat", "skip (the endpoint offers no such subprotocol)"),
        ("control.F08000", "fail bootstrap.offered"),
    ] {
        let script = move |mut fake: Fake| async move {
            let fields =
                [("Sec-WebSocket-Protocol", offered), ("Sec-WebSocket-Extensions", "heartbeat")];
            let head = fake.dial(&fields).await;
            if offered.contains(',') {
                let selected = head.field_values("Sec-WebSocket-Protocol");
                assert_eq!(selected, ["control.F0800010.chat"]);
                let answer = head.extensions().unwrap();
                assert_eq!(answer.to_string(), "heartbeat; control=F0800011");
            }
            fake.rest().await;
        };
        assert_eq!(told(&run(Client, steps, script)), wanted, "{offered}");
    }
}
