// What the control layer decides, without a connection: node --test.

import assert from "node:assert/strict";
import { mock, test } from "node:test";

import { RESUME, SUSPEND, Violation } from "./capability.js";
import { BEAT, ECHO, Heartbeat } from "./heartbeat.js";
import { accepted, answer, Offer, parse } from "./negotiation.js";
import { ACK, DECREASE, EFFECTIVE, FULL, INCREASE, RATE, RateControl, STATUS } from "./rate-control.js";

const SEQUENCE = Buffer.from("F0800010", "hex");
const UNLIMITED = 2 ** 64;

let now = 0; // ms
mock.method(performance, "now", () => now);

function rateControl(values = {}) {
  const agreed = new Offer(RateControl, { control: "F0800010", ...values }).offered;
  return new RateControl("server", agreed, agreed);
}

function message(type, number) {
  const body = Buffer.alloc(number === undefined ? 0 : 8);
  if (number !== undefined) body.writeBigUInt64BE(BigInt(number));
  return Buffer.concat([SEQUENCE, Buffer.of(type), body]);
}

// Sends what is due; returns the types.
function told(capability) {
  const due = capability.due.splice(0);
  due.forEach((each) => capability.said(each));
  return due.map(({ type }) => type);
}

function ask(control, type, number) {
  control.takes(message(type, number));
  const { body } = control.due.at(-1);
  assert.deepEqual(told(control), [EFFECTIVE]);
  return Number(body.readBigUInt64BE());
}

test("an escape arms for the next message with the sequence", () => {
  const control = rateControl();
  const messages = [SEQUENCE, Buffer.from("other"), message(0), message(FULL)];
  assert.deepEqual(messages.map((each) => control.takes(each)), [true, false, false, true]);
});

test("a control message has a limit, escaped data have none", () => {
  const data = Buffer.concat([SEQUENCE, Buffer.alloc(4093)]);
  assert.throws(() => rateControl().takes(data), { message: "filter.limit", code: 1009 });
  const control = rateControl();
  control.takes(SEQUENCE);
  assert.equal(control.takes(data), false);
});

test("a direction without control messages is not inspected", () => {
  assert.equal(rateControl({ sender: "server" }).takes(message(0)), false);
});

test("SUSPEND and RESUME are answered, and taken in their turn alone", () => {
  const control = rateControl();
  for (const type of [SUSPEND, RESUME]) {
    control.takes(message(type));
    assert.deepEqual(told(control), [type]);
    assert.throws(() => control.takes(message(type)), { message: "suspend.turn", code: 1002 });
  }
});

test("one reply is for several requests in a row, and there is an end to replies", () => {
  const control = rateControl();
  for (const type of [INCREASE, FULL, SUSPEND, RESUME, SUSPEND]) control.takes(message(type));
  assert.deepEqual(told(control), [EFFECTIVE, SUSPEND, RESUME, SUSPEND]);
  const flood = () => {
    for (;;) for (const type of [RESUME, SUSPEND]) control.takes(message(type));
  };
  assert.throws(flood, { message: "message.flood", code: 1008 });
});

test("what was in flight is ignored, and the answer is not answered", () => {
  const control = rateControl();
  control.rest(true);
  assert.deepEqual(told(control), [SUSPEND]);
  for (const each of [message(RATE, 5), message(0), message(SUSPEND)]) control.takes(each);
  assert.deepEqual(told(control), []);
});

test("between any two instants no more is sent than rate and burst allow", () => {
  const control = rateControl({ burst: 4096 });
  ask(control, RATE, 1000);
  const begin = now;
  let sent = 0;
  for (let round = 0; round < 100; round += 1) {
    const { size, delay } = control.grant(10_000);
    if (delay > 0) {
      now += delay + 1e-6;
      continue;
    }
    sent += size;
    assert.ok(sent <= now - begin + 4096 + 1e-3); // 1000 octets/s: one a ms
  }
  assert.ok(sent > 0.95 * (now - begin));
});

test("a later EFFECTIVE changes the rate, not the fill; idle time saves up a burst", () => {
  const control = rateControl({ burst: 256 });
  ask(control, RATE, 100);
  assert.deepEqual([128, 128].map((size) => control.grant(size).delay), [0, 0]);
  ask(control, RATE, 200);
  assert.equal(Math.round(control.grant(100).delay), 500);
  now += 3_600_000;
  assert.deepEqual([128, 128, 128].map((size) => control.grant(size).delay > 0), [false, false, true]);
});

test("a lower rate holds before it is told, a higher one or a pause does not", () => {
  for (const [asked, delay] of [[50, 2000], [1000, 1000], [0, 1000]]) {
    const control = rateControl({ burst: 256 });
    ask(control, RATE, 100);
    control.grant(128);
    control.grant(128);
    control.takes(message(RATE, asked));
    assert.equal(Math.round(control.grant(100).delay), delay);
  }
});

test("requests lead to the nearest rate that can be", () => {
  const control = rateControl({ step: 10, "max-rate": 100_000 });
  for (const [type, asked, effective] of [
    [RATE, 1e6, 100_000], [DECREASE, undefined, 90_000], [INCREASE, undefined, 99_000],
    [RATE, 0, 0], [DECREASE, undefined, 0], [INCREASE, undefined, 99_000],
    [FULL, undefined, 100_000], [RATE, 1, 1], [DECREASE, undefined, 1], [INCREASE, undefined, 2],
  ]) {
    assert.equal(ask(control, type, asked), effective);
  }
});

test("an unlimited rate stays so, and slows down from what was measured", () => {
  const control = rateControl({ step: 10 });
  assert.equal(ask(control, INCREASE), UNLIMITED);
  control.grant(1e6);
  now += 2000;
  assert.equal(ask(control, DECREASE), 450_000);
});

test("an ACK never goes back, or beyond what was sent", () => {
  const control = rateControl();
  control.grant(1000);
  control.takes(message(ACK, 500));
  for (const processed of [499, 1001]) {
    assert.throws(() => control.takes(message(ACK, processed)), { message: "rate.ack.impossible" });
  }
});

test("STATUS has whole entries, each once", () => {
  const status = (entries) => rateControl().takes(Buffer.concat([message(STATUS), Buffer.from(entries, "hex")]));
  for (const good of ["", "060164", "09080000000000000001", "ff00", "0601642001" + "00"]) status(good);
  for (const bad of ["06", "0601", "060165", "06020000", "060101060101", "0a050000000065"]) {
    assert.throws(() => status(bad), Violation);
  }
});

test("a BEAT is echoed", () => {
  const agreed = new Offer(Heartbeat, { control: "F0800010" }).offered;
  const heartbeat = new Heartbeat("client", agreed, agreed);
  heartbeat.takes(Buffer.concat([message(BEAT), Buffer.from("there?")]));
  assert.deepEqual(heartbeat.due, [{ type: ECHO, body: Buffer.from("there?") }]);
});

test("the grammar of extensions", () => {
  assert.deepEqual(parse(', a ;\tb = "c\\d" , ,e;f,'), [
    { token: "a", parameters: [["b", "cd"]] },
    { token: "e", parameters: [["f", undefined]] },
  ]);
  for (const bad of ["", ",", "a b", "a;", "a;b=", 'a;b="', 'a;b="c d"', 'a;b=""', "; b"]) {
    assert.throws(() => parse(bad), SyntaxError);
  }
});

test("a server accepts the first acceptable alternative, with sequences side by side", () => {
  const offers = [new Offer(RateControl), new Offer(Heartbeat)];
  const { field, capabilities } = answer(
    offers,
    "x, rate-control; colour=red, rate-control; burst=256; pace=strict; sender=client, rate-control, heartbeat",
  );
  const [first, second] = capabilities.map(({ sequence }) => sequence.readUInt32BE());
  assert.equal(second, first + 1);
  assert.match(field, /^rate-control; control=F[0-7][0-9A-F]{4}[0-7]0; sender=client; burst=256, heartbeat; /);
});

test("a client refuses an answer that widens its offers", () => {
  const offers = [new Offer(RateControl, { burst: 4096, ack: 2048 }), new Offer(Heartbeat)];
  const answers = (text) => accepted(offers, text).length;
  assert.equal(answers("rate-control; control=f0800010; burst=256; ack=4096"), 1);
  for (const bad of [
    "rate-control; burst=256", "rate-control; control=F0800010", "x; control=F0800010",
    "rate-control; control=F0800010; burst=256; ack=1024",
    "heartbeat; control=F0800010, heartbeat; control=F0800011",
    "rate-control; burst=256; control=F0800010, heartbeat; control=F0800010",
  ]) {
    assert.throws(() => answers(bad));
  }
});
