// A client on the `ws` library, to be certified: ws-client.js URL.

import { WebSocket } from "ws";

import { runClient } from "./endpoints.js";

runClient((url, options) => new WebSocket(url, options));
