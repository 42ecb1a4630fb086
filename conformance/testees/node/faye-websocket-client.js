// An echo client on faye-websocket, to be certified: faye-websocket-client.js URL.
//
// At `/close` it starts the closing handshake. Exits with 1 where the handshake or the connection failed.

import WebSocket from "faye-websocket";

const MAX_MESSAGE = 64 * 1024 * 1024; // octets

const url = process.argv[2];
const connection = new WebSocket.Client(url, [], { maxLength: MAX_MESSAGE });
if (url.endsWith("/close")) connection.on("open", () => connection.close(1000));
connection.on("error", ({ message }) => {
  console.error(`faye-websocket-client.js: ${message}`);
  process.exitCode = 1;
});
connection.pipe(connection);
