// A server with the control layer, to be certified: control-server.js PORT.

import { runServer } from "./endpoints.js";
import { Heartbeat } from "./heartbeat.js";
import { Offer, serve } from "./negotiation.js";
import { RateControl } from "./rate-control.js";

const offers = [new Offer(RateControl), new Offer(Heartbeat)];

runServer((options) => serve(options, offers), "controlled");
