// A client on the `ws` library, to be certified: client.js URL.
//
// Connects once and echoes each message until the connection is closed. Exits with 0 after a
// normal close, and with 1 and a line on stderr after anything else.

import { WebSocket } from "ws";

const MAX_MESSAGE = 16 * 1024 * 1024; // octets
const MAX_UNSENT = 1024 * 1024; // octets
const NORMAL = [1000, 1001, 1005]; // 1005: a close frame without a code (RFC 6455, 7.1.5)

function main(url) {
  const connection = new WebSocket(url, {
    perMessageDeflate: false,
    maxPayload: MAX_MESSAGE,
  });
  connection.on("message", (data, isBinary) => {
    connection.send(data, { binary: isBinary }, () => {
      if (connection.isPaused) connection.resume();
    });
    // A peer that doesn't read its echoes has to stop sending; the library would queue them all.
    if (connection.bufferedAmount > MAX_UNSENT) connection.pause();
  });
  connection.on("error", (error) => fail(error.message || error.code));
  connection.on("close", (code) => {
    if (!NORMAL.includes(code)) fail(`the connection was closed with ${code}`);
  });
}

// Says the first reason only: a failed connection is also closed.
function fail(reason) {
  if (process.exitCode === undefined) {
    console.error(`client.js: ${reason.replace(/\s+/g, " ")}`);
  }
  process.exitCode = 1;
}

const [url, ...rest] = process.argv.slice(2);
if (url === undefined || rest.length > 0) {
  console.error("usage: client.js URL");
  process.exit(2);
}
try {
  main(url);
} catch (error) {
  fail(error.message);
}
