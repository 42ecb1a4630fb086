// A client with the control layer, to be certified: control-client.js URL.
//
// It offers each capability as widely as it can.

import { runClient } from "./endpoints.js";
import { Heartbeat } from "./heartbeat.js";
import { connect, Offer } from "./negotiation.js";
import { RateControl } from "./rate-control.js";

const rateControl = new Offer(RateControl, { pace: "strict", ack: 1024 });
const heartbeat = new Offer(Heartbeat, { interval: 100 });

runClient((url, options) => connect(url, [rateControl, heartbeat], options));
