"""websockets_server.py with the control layer, to be certified: control_server.py PORT."""

import websockets_server
from heartbeat import Heartbeat
from negotiation import Offer, server_options
from rate_control import RateControl

if __name__ == "__main__":
    websockets_server.run(**server_options(Offer(RateControl), Offer(Heartbeat)))
