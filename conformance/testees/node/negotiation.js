// The opening handshake of the control layer: offers, answers, and the sequences in them.
//
// The library reads no extension but its own, so the field is read here (chapter "Negotiation").

import { randomInt } from "node:crypto";

import { WebSocket, WebSocketServer } from "ws";

import { Controlled } from "./control.js";

const TCHAR = "[!#$%&'*+.^_`|~0-9A-Za-z-]";
const VALUE = `(?:${TCHAR}+|"(?:${TCHAR}|\\\\${TCHAR})+")`;
const PARAMETER = `[ \\t]*;[ \\t]*(${TCHAR}+)(?:[ \\t]*=[ \\t]*(${VALUE}))?`;
const EXTENSION = `(${TCHAR}+)((?:${PARAMETER.replaceAll(/\((?!\?)/g, "(?:")})*)`;
const ELEMENT = new RegExp(`(?:${EXTENSION})?[ \\t]*(?:,[ \\t]*|$)`, "y");

// Reads a list of extensions; throws a SyntaxError where it breaks the grammar.
export function parse(field) {
  const extensions = [];
  for (let at = 0; at < field.length; at = ELEMENT.lastIndex) {
    ELEMENT.lastIndex = at;
    const element = ELEMENT.exec(field);
    if (element === null) throw new SyntaxError(`malformed extensions at ${at}: ${field}`);
    const [, token, rest] = element;
    if (token === undefined) continue; // an empty element
    const parameters = [...rest.matchAll(new RegExp(PARAMETER, "g"))];
    extensions.push({ token, parameters: parameters.map(([, key, value]) => [key, unquote(value)]) });
  }
  if (extensions.length === 0) throw new SyntaxError(`no extension: ${field}`);
  return extensions;
}

const unquote = (value) => value?.replace(/^"|"$/g, "").replace(/\\(.)/g, "$1");

// What a client offers; what a server answers where that is not what it was offered.
export class Offer {
  constructor(kind, own = {}) {
    this.kind = kind;
    this.own = own;
  }

  get offered() {
    return { ...this.read([]), ...this.own };
  }

  // The values of parameters, defaults included; undefined where one is not acceptable.
  read(parameters) {
    const known = this.kind.parameters;
    const values = {};
    for (const [key, text] of parameters) {
      if (!Object.hasOwn(known, key) || Object.hasOwn(values, key) || text === undefined) return;
      const { allows, default: otherwise } = known[key];
      const isNumber = typeof otherwise === "number";
      if (isNumber && !/^(?:0|[1-9][0-9]{0,15})$/.test(text)) return;
      const value = isNumber ? Number(text) : text;
      if (value !== otherwise && !allows(value)) return;
      values[key] = value;
    }
    const defaults = Object.entries(known).map(([key, each]) => [key, each.default]);
    return { ...Object.fromEntries(defaults), ...values };
  }

  write(values) {
    const { token, parameters } = this.kind;
    const entries = Object.entries(values).filter(([key, value]) => value !== parameters[key].default);
    return [token, ...entries.map(([key, value]) => `${key}=${value}`)].join("; ");
  }

  fits(answer) {
    const { offered } = this;
    return (
      Object.entries(this.kind.parameters).every(([key, { fits }]) => fits(offered[key], answer[key])) &&
      (answer.pace !== "strict" || answer.sender === "both")
    );
  }
}

// What a server answers to a field of offers: the field, and the capabilities that it accepts.
export function answer(offers, field) {
  const answers = [];
  const capabilities = [];
  for (const { token, parameters } of field === undefined ? [] : parse(field)) {
    const offer = offers.find(({ kind }) => kind.token === token);
    const values = offer?.read(parameters);
    const isTaken = capabilities.some(({ constructor }) => constructor === offer?.kind);
    if (values === undefined || values.control !== null || isTaken) continue;
    const control = sequence(capabilities);
    const own = { ...values, ...offer.own, control };
    if (own.sender !== "both" && own.pace === "strict") own.pace = "advisory";
    answers.push(offer.write(own));
    capabilities.push(new offer.kind("server", own, values));
  }
  return { field: answers.join(", "), capabilities };
}

// A sequence that cannot begin text (sequence.unambiguous), or that next to the last one.
function sequence(capabilities) {
  const last = capabilities.at(-1)?.sequence.readUInt32BE();
  const octets = [0xf0 + randomInt(8), randomInt(256), randomInt(256), 16 * randomInt(8)];
  const number = last === undefined ? Buffer.from(octets).readUInt32BE() : last + 1;
  return number.toString(16).toUpperCase();
}

// The capabilities that a server's answer accepts; throws where it does not fit the offers.
export function accepted(offers, field) {
  const capabilities = [];
  for (const { token, parameters } of field === undefined ? [] : parse(field)) {
    const offer = offers.find(({ kind }) => kind.token === token);
    const values = offer?.read(parameters);
    if (values === undefined || !offer.fits(values)) throw new Error(`unfit answer: ${field}`);
    const capability = new offer.kind("client", offer.offered, values);
    const twice = capabilities.some(
      (each) => each.constructor === offer.kind || each.sequence.equals(capability.sequence),
    );
    if (twice) throw new Error(`a capability or a sequence twice: ${field}`);
    capabilities.push(capability);
  }
  return capabilities;
}

// Opens a connection that offers capabilities; the options are those of the library.
export function connect(url, offers, options = {}) {
  const field = offers.map((offer) => offer.write(offer.offered)).join(", ");
  const headers = { ...options.headers, "Sec-WebSocket-Extensions": field };
  const socket = new WebSocket(url, { ...options, perMessageDeflate: false, headers });
  const connection = new Controlled(socket);
  socket.on("upgrade", (response) => {
    try {
      const field = response.headers["sec-websocket-extensions"];
      connection.begin(accepted(offers, field), response.socket);
      delete response.headers["sec-websocket-extensions"]; // The library would refuse what it finds.
    } catch (error) {
      connection.emit("error", error);
      socket.terminate();
    }
  });
  return connection;
}

// A server of the library that emits "controlled" with each connection and its request.
export function serve(options, offers) {
  const answers = new WeakMap();
  const server = new WebSocketServer({
    handleProtocols: () => false, // By default the library would select whatever is offered first.
    ...options,
    perMessageDeflate: false,
    verifyClient: ({ req }, done) => {
      try {
        answers.set(req, answer(offers, req.headers["sec-websocket-extensions"]));
        done(true);
      } catch (error) {
        done(false, 400, error.message);
      }
    },
  });
  server.on("headers", (headers, request) => {
    const { field } = answers.get(request);
    if (field !== "") headers.push(`Sec-WebSocket-Extensions: ${field}`);
  });
  server.on("connection", (socket, request) => {
    const connection = new Controlled(socket);
    connection.begin(answers.get(request).capabilities, request.socket);
    server.emit("controlled", connection, request);
  });
  return server;
}
