// A client on the `ws` library, to be certified: client.js URL.

import { WebSocket } from "ws";

import { runClient } from "./endpoints.js";

runClient((url, options) => new WebSocket(url, options));
