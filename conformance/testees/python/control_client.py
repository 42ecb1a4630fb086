"""websockets_client.py with the control layer, to be certified: control_client.py URL.

It offers each capability as widely as it can (chapter "The contract of an endpoint under test").
"""

import websockets_client
from heartbeat import Heartbeat
from negotiation import Offer, client_options
from rate_control import RateControl

if __name__ == "__main__":
    rate_control = Offer(RateControl, pace="strict", ack=1024)
    websockets_client.run(**client_options(rate_control, Offer(Heartbeat, interval=100)))
