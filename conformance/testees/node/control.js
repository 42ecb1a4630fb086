// The control layer on top of `ws`: a connection that sends and emits as a socket of the library does.
//
//   const offers = [new Offer(RateControl, { pace: "strict", ack: 1024 }), new Offer(Heartbeat)];
//   const connection = connect(url, offers);
//   serve({ port }, offers).on("controlled", (connection, request) => {});
//
// Control messages are taken out of what is received; what is sent is escaped and paced. Ids such as
// rate.starved are requirements of the book.

import { EventEmitter } from "node:events";

import { WebSocket } from "ws";

import { Violation } from "./capability.js";

const MAX_UNREAD = 1024 * 1024; // octets that wait for the application before no more are read

export class Controlled extends EventEmitter {
  #socket;
  #capabilities = [];
  #inbox = []; // data that waits for the application
  #unread = 0; // octets in it
  #outbox = []; // data messages that wait for their turn; of the first, some octets may be sent
  #unsent = 0; // octets in it
  #closing = null; // the arguments of close(), when it waits for the outbox
  #failed = false;
  #timer;

  isPaused = false; // by the application

  constructor(socket) {
    super();
    this.#socket = socket;
    socket.on("message", (data, isBinary) => this.#receive(data, isBinary));
    socket.on("close", (...details) => this.#end(details));
    for (const event of ["open", "error", "ping", "pong"]) {
      socket.on(event, (...details) => this.emit(event, ...details));
    }
  }

  // Has to be called before the first message; `stream` is that of TCP.
  begin(capabilities, stream) {
    this.#capabilities = capabilities;
    const start = () => capabilities.forEach((each) => each.start(this, stream));
    // Whoever listens to the stream before the library does takes the first octets from it.
    if (this.#socket.readyState === WebSocket.OPEN) start();
    else this.#socket.once("open", start);
  }

  get bufferedAmount() {
    return this.#socket.bufferedAmount + this.#unsent;
  }

  // As in the library; the callback waits for the pace.
  send(data, options, callback) {
    if (typeof options === "function") [options, callback] = [{}, options];
    const binary = options?.binary ?? typeof data !== "string";
    const isView = ArrayBuffer.isView(data);
    const octets = isView
      ? Buffer.from(data.buffer, data.byteOffset, data.byteLength)
      : Buffer.from(data);
    this.#outbox.push({ octets, binary, callback, sent: 0 });
    this.#unsent += octets.length;
    this.react();
  }

  // Closes behind what was sent before, when the pace has let it go.
  close(code, reason) {
    this.#closing ??= [code, reason];
    this.react();
  }

  // Only data wait: control messages are handled all the same.
  pause() {
    this.isPaused = true;
  }

  resume() {
    this.isPaused = false;
    this.#deliver();
  }

  // Sends what can be sent now.
  react() {
    clearTimeout(this.#timer);
    if (this.#socket.readyState !== WebSocket.OPEN) return;
    this.#flush();
    while (this.#outbox.length > 0) {
      const delay = this.#sendSome(this.#outbox[0]);
      if (delay === 0) continue;
      if (delay < Infinity) this.#timer = setTimeout(() => this.react(), Math.ceil(delay));
      return;
    }
    if (this.#closing !== null) this.#socket.close(...this.#closing);
  }

  // Sends what is due, unless a message is in progress (rate.strict.answered).
  #flush() {
    if (this.#outbox[0]?.sent > 0) return;
    for (const each of this.#capabilities) {
      for (const message of each.due.splice(0)) {
        each.said(message);
        if (!each.speaks) continue;
        this.#socket.send(Buffer.concat([each.sequence, Buffer.of(message.type), message.body]));
      }
    }
  }

  // Sends a fragment of a message, or all of it, unless it has to wait: for so many ms.
  #sendSome(message) {
    const left = message.octets.length - message.sent;
    const grants = this.#capabilities.map((each) => each.grant(left));
    const delay = Math.max(0, ...grants.map((grant) => grant.delay));
    if (delay > 0) return delay;
    const size = Math.min(left, ...grants.map((grant) => grant.size));
    const { octets, binary, sent } = message;
    const first = binary && sent === 0;
    const escape = first && this.#capabilities.find((each) => each.speaks && each.begins(octets));
    if (escape) this.#socket.send(escape.sequence);
    const fin = size === left;
    const callback = fin ? message.callback : undefined;
    this.#socket.send(octets.subarray(sent, sent + size), { binary, fin }, callback);
    message.sent += size;
    this.#unsent -= size;
    if (fin) {
      this.#outbox.shift();
      this.#flush();
    }
    return 0;
  }

  #receive(data, isBinary) {
    if (this.#failed) return;
    try {
      if (isBinary && this.#capabilities.some((each) => each.takes(data))) {
        this.react();
        return;
      }
    } catch (violation) {
      if (!(violation instanceof Violation)) throw violation;
      this.#fail(violation);
      return;
    }
    this.#inbox.push([data, isBinary]);
    this.#unread += data.length;
    this.#deliver();
  }

  #deliver() {
    while (this.#inbox.length > 0 && !this.isPaused) {
      const [data, isBinary] = this.#inbox.shift();
      this.#unread -= data.length;
      this.emit("message", data, isBinary);
      for (const each of this.#capabilities) each.done(data.length);
    }
    const full = this.#unread > MAX_UNREAD;
    const starved = this.#capabilities.some((each) => each.grant(0).delay === Infinity);
    // Not reading would make a pause endless.
    if (full && starved) this.#fail(new Violation("rate.starved", 1008));
    else if (full) this.#socket.pause();
    else if (this.#socket.isPaused) this.#socket.resume();
  }

  #fail({ code, message }) {
    this.#failed = true;
    this.#socket.close(code, message);
  }

  #end(details) {
    clearTimeout(this.#timer);
    for (const each of this.#capabilities) each.stop();
    const error = new Error("the connection was closed before the message was sent");
    for (const { callback } of this.#outbox.splice(0)) callback?.(error);
    this.emit("close", ...details);
  }
}
