// A server on the `ws` library, to be certified: server.js PORT.
//
// Listens on 127.0.0.1:PORT until it is ended. The last segment of the request's path chooses the
// application: source, sink, close, and echo for every other.

import { WebSocketServer } from "ws";

const MAX_MESSAGE = 16 * 1024 * 1024; // octets
const MAX_UNSENT = 1024 * 1024; // octets
const BLOCK = Buffer.alloc(1024);

const applications = new Map(Object.entries({ source, sink, close }));

function main(port) {
  const server = new WebSocketServer({
    host: "127.0.0.1",
    port,
    perMessageDeflate: false,
    maxPayload: MAX_MESSAGE,
  });
  server.on("error", (error) => {
    console.error(`server.js: cannot listen on 127.0.0.1:${port}: ${error.message}`);
    process.exit(1);
  });
  server.on("connection", (connection, request) => {
    // The end of this connection alone.
    connection.on("error", (error) => console.error(`server.js: ${error.message}`));
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

const [port, ...rest] = process.argv.slice(2);
if (!/^\d{1,5}$/.test(port ?? "") || Number(port) > 65535 || rest.length > 0) {
  console.error("usage: server.js PORT");
  process.exit(2);
}
main(Number(port));
