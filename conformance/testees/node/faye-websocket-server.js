// An echo server on faye-websocket, to be certified: faye-websocket-server.js PORT.
//
// At `/close` it starts the closing handshake.

import { createServer } from "node:http";

import WebSocket from "faye-websocket";

const MAX_MESSAGE = 64 * 1024 * 1024; // octets

// What is no handshake is the program's to answer, says the library's documentation.
const server = createServer((request, response) => response.writeHead(400).end());

server.on("upgrade", (request, socket, body) => {
  if (!WebSocket.isWebSocket(request)) {
    socket.end("HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
    return;
  }
  const connection = new WebSocket(request, socket, body, null, { maxLength: MAX_MESSAGE });
  if (request.url.endsWith("/close")) connection.close(1000);
  connection.pipe(connection);
});

server.listen(Number(process.argv[2]), "127.0.0.1");
