// What an endpoint under test does, on whatever has the interface of the library's socket (chapter
// "The contract of an endpoint under test").

import { basename } from "node:path";

const MAX_MESSAGE = 64 * 1024 * 1024; // octets
const MAX_UNSENT = 1024 * 1024; // octets
const BLOCK = Buffer.alloc(1024);
const NORMAL = [1000, 1001, 1005]; // 1005: a close frame without a code (RFC 6455, 7.1.5)

const OPTIONS = { perMessageDeflate: false, maxPayload: MAX_MESSAGE };

const program = basename(process.argv[1]);
const applications = new Map(Object.entries({ source, sink, close }));

// PROGRAM URL: connects once and echoes each message until the connection is closed. Exits with 0
// after a normal close, and with 1 and a line on stderr after anything else.
export function runClient(connect) {
  const [url, ...rest] = process.argv.slice(2);
  if (url === undefined || rest.length > 0) usage("URL");
  try {
    const connection = connect(url, OPTIONS);
    echo(connection);
    connection.on("error", (error) => fail(error.message || error.code));
    connection.on("close", (code) => {
      if (!NORMAL.includes(code)) fail(`the connection was closed with ${code}`);
    });
  } catch (error) {
    fail(error.message);
  }
}

// PROGRAM PORT: listens on 127.0.0.1:PORT until it is ended. `event` is what the server emits with
// each connection. The last segment of the request's path chooses the application: source, sink,
// close, and echo for every other.
export function runServer(listen, event) {
  const [port, ...rest] = process.argv.slice(2);
  if (!/^\d{1,5}$/.test(port ?? "") || Number(port) > 65535 || rest.length > 0) usage("PORT");
  const server = listen({ ...OPTIONS, host: "127.0.0.1", port: Number(port) });
  server.on("error", (error) => {
    console.error(`${program}: cannot listen on 127.0.0.1:${port}: ${error.message}`);
    process.exit(1);
  });
  server.on(event, (connection, request) => {
    // The end of this connection alone.
    connection.on("error", (error) => console.error(`${program}: ${error.message}`));
    const name = request.url.split("?")[0].split("/").pop();
    (applications.get(name) ?? echo)(connection);
  });
}

function echo(connection) {
  connection.on("message", (data, isBinary) => {
    connection.send(data, { binary: isBinary }, () => {
      if (connection.isPaused) connection.resume();
    });
    // A peer that doesn't read its echoes has to stop sending; the library would queue them all.
    if (connection.bufferedAmount > MAX_UNSENT) connection.pause();
  });
}

function source(connection) {
  sink(connection);
  const next = () => {
    connection.send(BLOCK, (error) => {
      // A callback that sent at once would let nothing be read, the peer's close included.
      if (!error) setImmediate(next);
    });
  };
  next();
}

function sink(connection) {
  connection.on("message", () => {});
}

function close(connection) {
  connection.close(1000);
}

// Says the first reason only: a failed connection is also closed.
function fail(reason) {
  if (process.exitCode === undefined) {
    console.error(`${program}: ${reason.replace(/\s+/g, " ")}`);
  }
  process.exitCode = 1;
}

function usage(argument) {
  console.error(`usage: ${program} ${argument}`);
  process.exit(2);
}
