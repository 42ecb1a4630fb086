// What every capability does: it filters what is received, takes control messages, and can rest.
//
// Ids such as rate.starved are requirements of the book; what stands here is in its chapter
// "The control extension".

const MAX_CONTROL = 4096; // octets (filter.limit)
const MAX_DUE = 1000; // control messages that wait for the end of a data message

export const SUSPEND = 0x7e;
export const RESUME = 0x7f;

export class Violation extends Error {
  constructor(requirement, code = 1002) {
    super(requirement);
    this.code = code; // of the Close
  }
}

export class Capability {
  // Of each parameter: what is allowed besides the default, the default, what answers fit an offer.
  static parameters = {
    control: {
      allows: (value) => /^[0-9A-Fa-f]{8}$/.test(value),
      default: null,
      fits: (_, answered) => answered !== null,
    },
  };
  static bodies = new Map([SUSPEND, RESUME].map((type) => [type, /^$/])); // by type, as Latin-1

  constructor(role, own, peer) {
    this.own = own;
    this.peer = peer;
    this.agreed = role === "client" ? peer : own;
    this.sequence = Buffer.from(this.agreed.control, "hex");
    this.speaks = ["both", role].includes(this.agreed.sender);
    this.peerSpeaks = this.agreed.sender !== role;
    this.armed = false; // by an escape
    this.resting = this.peerResting = false; // whose last of SUSPEND and RESUME was SUSPEND
    this.due = []; // what to send at the next message boundary
    this.activate();
  }

  // Whether a binary message is none for the application; takes it if so.
  takes(message) {
    if (!this.peerSpeaks || !this.begins(message)) return false;
    if (this.armed) {
      this.armed = false;
      return false;
    }
    if (message.length > MAX_CONTROL) throw new Violation("filter.limit", 1009);
    const inFlight = this.resting && !this.peerResting && message[4] !== SUSPEND;
    if (message.length === this.sequence.length) this.armed = true;
    else if (!inFlight) this.take(message[4], message.subarray(5)); // suspend.in-flight
    return true;
  }

  begins(message) {
    return message.subarray(0, 4).equals(this.sequence);
  }

  take(type, body) {
    const { bodies } = this.constructor;
    if (this.peerResting !== (type === RESUME)) throw new Violation("suspend.turn");
    if (type < 0x80 && !bodies.has(type)) throw new Violation("message.critical");
    const malformed = bodies.has(type) && !bodies.get(type).test(body.toString("latin1"));
    if (malformed) throw new Violation("message.malformed");
    this.handle(type, body);
    if (type !== SUSPEND && type !== RESUME) return;
    this.peerResting = type === SUSPEND;
    this.rest(this.peerResting);
  }

  // Suspends or resumes, unless that was said: two that cross answer each other.
  rest(resting) {
    if (this.resting !== resting) {
      this.resting = resting;
      this.say(resting ? SUSPEND : RESUME);
    }
    if (!this.peerSpeaks) this.peerResting = resting; // Nobody answers (suspend.one-sided).
  }

  // Has a message sent at the next boundary, one for several in a row (message.merged).
  say(type, body = Buffer.alloc(0)) {
    if (this.due.at(-1)?.type === type) this.due.pop();
    this.due.push({ type, body });
    if (this.due.length > MAX_DUE) throw new Violation("message.flood", 1008);
  }

  // Puts in force what is sent now, or would be by one who may speak.
  said({ type }) {
    if (type === SUSPEND || type === RESUME) this.activate();
  }

  // What a capability may add.

  // Sets all that it does to what it was at the opening (suspend.fresh).
  activate() {}

  // Takes a message that is well-formed, or of an unknown type that can be ignored.
  handle(_type, _body) {}

  // How many of `size` octets of data may go next, and in how many ms; Infinity: in a pause. What
  // may go at once counts as sent.
  grant(size) {
    return { size, delay: 0 };
  }

  // The application is done with so many octets of data.
  done(_size) {}

  // Says what nobody asked for, by calling react() of the connection, until stop() is called.
  start(_connection, _stream) {}
  stop() {}
}
