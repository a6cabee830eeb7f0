"""The wire: frames out of a running game and styled ones back, over ZeroMQ or through shared memory."""

from __future__ import annotations

from stylebridge.wire.collector import Collector, Delivery
from stylebridge.wire.counters import PeerReport
from stylebridge.wire.fault import LinkFault, WireFault
from stylebridge.wire.hold import Hold
from stylebridge.wire.sender import Sender

__all__ = ["Collector", "Delivery", "Hold", "LinkFault", "PeerReport", "Sender", "WireFault"]
