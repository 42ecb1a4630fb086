// A server on the `ws` library, to be certified: ws-server.js PORT.

import { WebSocketServer } from "ws";

import { runServer } from "./endpoints.js";

runServer((options) => new WebSocketServer(options), "connection");
