"""Who is known to a collector: sessions, and the links that they are on now."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping

import msgspec

from stylebridge import __version__
from stylebridge.wire.fault import WireFault
from stylebridge.wire.lanes import InLane, OutLane
from stylebridge.wire.layout import Error
from stylebridge.wire.messages import Hello, Welcome
from stylebridge.wire.peer import Peer

MAX_SESSIONS = 1024  # remembered, so that they can be resumed


class Policy(msgspec.Struct, frozen=True, kw_only=True):
    """What a collector offers to those who call."""

    name: str
    flows: tuple[str, ...]
    window: int
    live_window: int
    planes: tuple[str, ...]
    shared_memory: bool
    max_peers: int
    max_frame_bytes: int
    heartbeat_s: float
    timeout_s: float


class Sessions:
    """Peers by session and by link. `on_unlink` is told of every link that is given up."""

    def __init__(self, policy: Policy, received: Mapping[str, int], on_unlink: Callable[[Peer, bytes], None]) -> None:
        self.policy = policy
        self.peers: OrderedDict[str, Peer] = OrderedDict()
        self.links: dict[bytes, Peer] = {}
        self._received = dict(received)
        self._on_unlink = on_unlink

    def offer(self, planes: tuple[str, ...], received: Mapping[str, int]) -> None:
        """Ask games for these planes, and tell them what is safe already; before the first of them calls."""
        self.policy = msgspec.structs.replace(self.policy, planes=planes)
        self._received = dict(received)

    def enter(self, hello: Hello, identity: bytes, address: str) -> tuple[Peer, bool]:
        """Take a game in, or in again; whether its session is an old one."""
        policy = self.policy
        if hello.flow not in policy.flows:
            raise WireFault(Error.BAD_FLOW, f"flow {hello.flow}", expected=" or ".join(policy.flows))
        before, peer = self.links.get(identity), self.peers.get(hello.session)
        if before is not None and before is not peer:
            self.unlink(before)
        if peer is not None and peer.flow != hello.flow:
            raise WireFault(Error.BAD_FLOW, f"flow {hello.flow}", expected=f"{peer.flow}, as the session began")
        if len(self.links) >= policy.max_peers and (peer is None or peer.identity is None):
            raise WireFault(Error.PEERS_FULL, f"{len(self.links)} games", expected=f"at most {policy.max_peers}")
        resumed = peer is not None or hello.session in self._received
        if peer is None:
            peer = self._new_peer(hello)
        elif peer.identity != identity:
            self.unlink(peer)
            peer.relink(hello)
        peer.received = max(peer.received, hello.acknowledged)
        peer.done = max(peer.done, hello.acknowledged)
        peer.told_done = peer.done  # by the WELCOME
        if peer.identity != identity:
            peer.counts["links"] += 1
        peer.identity, peer.address, peer.left = identity, address, False
        self.links[identity] = peer
        return peer, resumed

    def unlink(self, peer: Peer) -> None:
        """Give a peer's link up; its session can be resumed."""
        identity, peer.identity = peer.identity, None
        if identity is not None:
            self.links.pop(identity, None)
            peer.unlink()
            self._on_unlink(peer, identity)

    def welcome(self, peer: Peer, controls: tuple[str, ...], *, resumed: bool) -> Welcome:
        """The answer to a HELLO."""
        policy = self.policy
        return Welcome(
            name=policy.name,
            engine=f"stylebridge {__version__}",
            session=peer.hello.session,
            resumed=resumed,
            sequence=peer.done,
            window=peer.window,
            lanes=("ring", "inline") if peer.lane.allowed else ("inline",),
            planes=policy.planes,
            controls=controls,
            replies=peer.hello.replies,
            max_frame_bytes=policy.max_frame_bytes,
            heartbeat_ms=int(policy.heartbeat_s * 1000),
            timeout_ms=int(policy.timeout_s * 1000),
        )

    def _new_peer(self, hello: Hello) -> Peer:
        policy = self.policy
        unread = sum(known.identity is None and known.ready for known in self.peers.values())
        if unread >= policy.max_peers:  # they hold memory until somebody reads
            raise WireFault(Error.PEERS_FULL, f"{unread} games left frames that nobody has read")
        window = {"lockstep": 1, "lossless": policy.window, "live": policy.live_window}[hello.flow]
        wanted = policy.shared_memory and "ring" in hello.lanes
        peer = Peer(
            hello,
            window,
            InLane(allowed=wanted, max_frame_bytes=policy.max_frame_bytes),
            OutLane(window + 2, allowed=wanted, beside=hello.flow == "live"),
            self._received.get(hello.session, 0),
        )
        gone = [session for session, known in self.peers.items() if known.identity is None and not known.ready]
        for session in gone[: max(0, len(self.peers) + 1 - MAX_SESSIONS)]:
            del self.peers[session]
        self.peers[hello.session] = peer
        return peer
