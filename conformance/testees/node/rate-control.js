// The capability rate-control: a token bucket, requests, ACK and STATUS (chapter "Rate control").

import { Capability, RESUME, Violation } from "./capability.js";

export const [RATE, INCREASE, DECREASE, FULL, EFFECTIVE, LIMIT, ACK, STATUS] = [
  1, 2, 3, 4, 5, 6, 0x80, 0x81,
];
const UNLIMITED = 2n ** 64n - 1n; // on the wire; a number here, in octets/s, is Infinity
const ACK_SPACING = 20; // ms between two ACK, far within message.budget

const SOME_RATE = "\\x00[\\x00-\\x1f].{6}|\\xff{8}";
const STATUS_ENTRY = new RegExp(
  "^(?:[\\x01\\x03-\\x05\\x07\\x08\\x10]\\x01.|[\\x02\\x06\\x20-\\x22]\\x01[\\x00-\\x64]" +
    "|\\x13\\x04.{4}|[\\x11\\x12\\x23-\\x25]\\x08.{8}|\\x09.(?:.{8})*|\\x0a.(?:.{4}[\\x00-\\x64])*" +
    "|[^\\x01-\\x0a\\x10-\\x13\\x20-\\x25].+)$",
  "s",
);

const notBelow = (offered, answered) => answered === 0 || (offered > 0 && answered >= offered);
const between = (low, high) => (value) => low <= value && value <= high;

// Slows down what is sent as the peer asks, and acknowledges what is received. It keeps its promise
// with `pace=advisory` too, since that is no more work.
export class RateControl extends Capability {
  static token = "rate-control";
  static parameters = {
    ...Capability.parameters,
    sender: {
      allows: (value) => ["client", "server"].includes(value),
      default: "both",
      fits: (offered, answered) => ["both", answered].includes(offered),
    },
    "max-rate": { allows: between(1, 2 ** 53 - 1), default: Infinity, fits: () => true },
    pace: {
      allows: (value) => value === "strict",
      default: "advisory",
      fits: (offered, answered) => ["advisory", offered].includes(answered),
    },
    burst: { allows: between(256, 2 ** 24), default: 65536, fits: (o, a) => a <= o },
    step: { allows: between(1, 90), default: 10, fits: () => true },
    ack: { allows: between(1024, 2 ** 53 - 1), default: 0, fits: notBelow },
  };
  static bodies = new Map([
    ...Capability.bodies,
    ...[INCREASE, DECREASE, FULL].map((type) => [type, /^$/]),
    ...[RATE, EFFECTIVE].map((type) => [type, new RegExp(`^(?:${SOME_RATE})$`, "s")]),
    [LIMIT, new RegExp(`^(?!\\x00{8})(?:${SOME_RATE})$`, "s")],
    [ACK, /^.{8}$/s],
  ]);

  #connection;
  #timer; // of an ACK

  constructor(role, own, peer) {
    super(role, own, peer);
    this.since = performance.now();
    this.sent = 0; // octets of data
    this.peerProcessed = 0; // of these, as the peer's last ACK told
    this.processed = this.acknowledged = 0; // octets of the peer's data
    this.peerActivate();
  }

  activate() {
    this.maximum = this.rate = this.target = this.last = this.own["max-rate"];
    this.tokens = this.agreed.burst; // octets, not whole ones
    this.filled = performance.now();
  }

  // The same for what the peer does.
  peerActivate() {
    this.peerRate = undefined; // as its last EFFECTIVE told
    this.peerMaximum = this.peer["max-rate"]; // or as its last LIMIT told
  }

  handle(type, body) {
    const value = body.length === 8 ? body.readBigUInt64BE() : 0n;
    const rate = value === UNLIMITED ? Infinity : Number(value);
    if ([RATE, INCREASE, DECREASE, FULL].includes(type)) this.aim(this.#requested(type, rate));
    else if (type === EFFECTIVE) this.peerRate = rate;
    else if (type === LIMIT) this.peerMaximum = rate;
    else if (type === STATUS) checkStatus(body);
    else if (type === RESUME) this.peerActivate();
    else if (type === ACK) {
      if (value < this.peerProcessed || value > this.sent) {
        throw new Violation("rate.ack.impossible");
      }
      this.peerProcessed = Number(value);
    }
  }

  #requested(type, rate) {
    const base = this.target === Infinity ? this.#measured() : this.target;
    const step = Math.max(1, Math.floor((base * this.agreed.step) / 100));
    if (type === INCREASE) return this.target === 0 ? this.last : this.target + step;
    if (type === DECREASE) return this.target === 0 ? 0 : Math.max(1, base - step);
    return type === FULL ? Infinity : rate;
  }

  // What an unlimited sender has sent a second, or could have.
  #measured() {
    const elapsed = Math.max(performance.now() - this.since, 1000);
    return Math.max(this.agreed.burst, Math.floor((this.sent / elapsed) * 1000));
  }

  // Goes for the nearest rate that can be told and is within the maximum.
  aim(rate) {
    this.#fill();
    this.target = Math.min(rate < 2 ** 53 ? rate : Infinity, this.maximum);
    if (this.target > 0) this.last = this.target;
    this.say(EFFECTIVE, inOctets(this.target));
  }

  // Tells the peer the maximum of this side from now on, which is not 0.
  limit(rate) {
    this.maximum = rate;
    this.say(LIMIT, inOctets(rate));
    if (this.target > rate) this.aim(rate);
    this.#connection?.react();
  }

  said(message) {
    super.said(message);
    if (message.type !== EFFECTIVE) return;
    this.#fill();
    const rate = message.body.readBigUInt64BE();
    this.rate = rate === UNLIMITED ? Infinity : Number(rate);
  }

  // Fills the bucket; returns the pace. A higher one, and a pause, have to be told first.
  #fill() {
    const pace = Math.min(this.rate, this.target) || this.rate;
    const now = performance.now();
    const came = pace === Infinity ? Infinity : (pace * (now - this.filled)) / 1000;
    this.tokens = Math.min(this.agreed.burst, this.tokens + came);
    this.filled = now;
    return pace;
  }

  grant(size) {
    const pace = this.#fill();
    if (pace === 0) return { size, delay: Infinity };
    if (pace < Infinity) {
      // Waiting for a full bucket would waste what comes while a timer is late.
      size = Math.min(size, Math.floor(this.agreed.burst / 2));
      const lacking = size - this.tokens;
      if (lacking > 0) return { size, delay: (lacking / pace) * 1000 };
      this.tokens -= size;
    }
    this.sent += size;
    return { size, delay: 0 };
  }

  done(size) {
    this.processed += size;
    this.#acknowledge();
  }

  start(connection) {
    this.#connection = connection;
  }

  stop() {
    clearTimeout(this.#timer);
  }

  // Acknowledges, in its time (rate.ack.due).
  #acknowledge() {
    const { ack } = this.agreed;
    const isDue = ack > 0 && this.processed - this.acknowledged >= ack;
    if (!isDue || this.#timer !== undefined || this.resting || !this.speaks) return;
    this.acknowledged = this.processed;
    this.say(ACK, inOctets(this.processed));
    this.#connection.react();
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#acknowledge();
    }, ACK_SPACING);
  }
}

function inOctets(rate) {
  const octets = Buffer.alloc(8);
  octets.writeBigUInt64BE(rate === Infinity ? UNLIMITED : BigInt(rate));
  return octets;
}

function checkStatus(entries) {
  const seen = new Set();
  while (entries.length > 0) {
    const end = 2 + (entries[1] ?? 0);
    const entry = entries.subarray(0, end);
    const whole = entry.length === end && STATUS_ENTRY.test(entry.toString("latin1"));
    if (!whole || seen.has(entry[0])) throw new Violation("rate.status.malformed");
    seen.add(entry[0]);
    entries = entries.subarray(end);
  }
}
