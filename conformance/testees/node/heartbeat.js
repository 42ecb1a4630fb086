// The capability heartbeat (chapter "Heartbeat").

import { Capability } from "./capability.js";

export const BEAT = 1;
export const ECHO = 2;

// Answers each BEAT, and sends one when nothing was heard for the interval that was agreed on. It
// gives up no connection: TCP may know better.
export class Heartbeat extends Capability {
  static token = "heartbeat";
  static parameters = {
    ...Capability.parameters,
    sender: { allows: () => false, default: "both", fits: () => true },
    interval: {
      allows: (value) => value >= 100 && value <= 3_600_000,
      default: 0,
      fits: (offered, answered) => answered === 0 || (offered > 0 && answered >= offered),
    },
  };
  static bodies = new Map([
    ...Capability.bodies,
    ...[BEAT, ECHO].map((type) => [type, /^.{0,125}$/s]),
  ]);

  #timer;

  activate() {
    this.heard = performance.now(); // any octet, and the last BEAT of one's own
  }

  handle(type, body) {
    if (type === BEAT) this.say(ECHO, body);
  }

  start(connection, stream) {
    if (this.agreed.interval === 0) return;
    // The library shows messages alone, but a frame of any kind is a sign of life.
    stream.on("data", () => (this.heard = performance.now()));
    this.#watch(connection);
  }

  stop() {
    clearTimeout(this.#timer);
  }

  #watch(connection) {
    const silence = performance.now() - this.heard;
    if (silence >= this.agreed.interval) {
      this.heard = performance.now();
      if (!this.resting) this.say(BEAT);
      connection.react();
    }
    const left = this.agreed.interval - (performance.now() - this.heard);
    this.#timer = setTimeout(() => this.#watch(connection), Math.ceil(left));
  }
}
