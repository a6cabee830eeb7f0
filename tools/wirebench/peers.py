"""What others use: raw pyzmq, imagezmq and vidgear's NetGear."""

from __future__ import annotations

import logging
from struct import Struct
from typing import Any

import numpy as np
import zmq

from wirebench.pictures import END, Picture
from wirebench.ways import Place

IN_FLIGHT = 8  # as many as our window has
_HEAD = Struct("<qq")


class _Zmq:
    """A socket with a limit of messages, and nothing else to count."""

    def __init__(self, place: Place, kind: int, limit: int) -> None:
        self._shape = place.shape
        self._endpoint = f"tcp://127.0.0.1:{place.port}"
        self._context = zmq.Context()
        self._socket = self._context.socket(kind)
        self._socket.setsockopt(zmq.SNDHWM, limit)
        self._socket.setsockopt(zmq.RCVHWM, limit)

    def counts(self) -> dict[str, Any]:
        return {}

    def close(self) -> None:
        self._socket.close(5000)
        self._context.term()


class PushOutlet(_Zmq):
    """PUSH without copies."""

    limit = IN_FLIGHT
    flags = 0

    def __init__(self, place: Place) -> None:
        super().__init__(place, zmq.PUSH, self.limit)
        self._socket.connect(self._endpoint)

    def send(self, number: int, wall_ns: int, picture: Picture) -> None:
        try:
            self._socket.send_multipart([_HEAD.pack(number, wall_ns), picture], self.flags, copy=False)
        except zmq.Again:
            return  # dropped

    def end(self, number: int, picture: Picture) -> None:
        self._socket.send_multipart([_HEAD.pack(number, 0), picture], copy=False)


class PullInlet(_Zmq):
    """PULL without copies."""

    limit = IN_FLIGHT

    def __init__(self, place: Place) -> None:
        super().__init__(place, zmq.PULL, self.limit)
        self._socket.bind(self._endpoint)

    def receive(self) -> tuple[int, int, Picture]:
        head, picture = self._socket.recv_multipart(copy=False)
        number, wall_ns = _HEAD.unpack(head.buffer)
        return number, wall_ns, np.frombuffer(picture.buffer, np.uint8).reshape(self._shape)  # [H*W*C] -> [H,W,C]


class NewestPushOutlet(PushOutlet):
    """PUSH that drops what two waiting frames leave no room for."""

    limit = 2
    flags = zmq.NOBLOCK


class NewestPullInlet(PullInlet):
    """PULL that holds two frames at most."""

    limit = 2


class _Image:
    """What imagezmq's two patterns share; number and clock travel as the text that it sends with a picture."""

    _end: Any

    def counts(self) -> dict[str, Any]:
        return {}

    def close(self) -> None:
        self._end.zmq_socket.close(5000)
        self._end.zmq_context.term()


class _ImageOutlet(_Image):
    def send(self, number: int, wall_ns: int, picture: Picture) -> None:
        self._end.send_image(f"{number} {wall_ns}", picture)

    def end(self, number: int, picture: Picture) -> None:
        self._end.send_image(f"{number} 0", picture)


class _ImageInlet(_Image):
    def receive(self) -> tuple[int, int, Picture]:
        text, picture = self._end.recv_image()
        number, wall_ns = text.split()
        return int(number), int(wall_ns), picture


class ReqOutlet(_ImageOutlet):
    """imagezmq's ImageSender that waits for each reply."""

    def __init__(self, place: Place) -> None:
        import imagezmq

        self._end = imagezmq.ImageSender(f"tcp://127.0.0.1:{place.port}")


class RepInlet(_ImageInlet):
    """imagezmq's ImageHub that replies at once."""

    def __init__(self, place: Place) -> None:
        import imagezmq

        self._end = imagezmq.ImageHub(f"tcp://127.0.0.1:{place.port}")

    def receive(self) -> tuple[int, int, Picture]:
        received = super().receive()
        self._end.send_reply(b"OK")
        return received


class PubOutlet(_ImageOutlet):
    """imagezmq's ImageSender that publishes; it is the one that binds."""

    def __init__(self, place: Place) -> None:
        import imagezmq

        self._end = imagezmq.ImageSender(f"tcp://127.0.0.1:{place.port}", REQ_REP=False)


class SubInlet(_ImageInlet):
    """imagezmq's ImageHub that subscribes."""

    def __init__(self, place: Place) -> None:
        import imagezmq

        self._end = imagezmq.ImageHub(f"tcp://127.0.0.1:{place.port}", REQ_REP=False)


class NetGearOutlet:
    """NetGear's plain pattern, raw; it has no place for a number, and closing says that no more will come."""

    def __init__(self, place: Place) -> None:
        self._gear = _netgear(place, receive=False)

    def send(self, number: int, wall_ns: int, picture: Picture) -> None:
        self._gear.send(picture)

    def end(self, number: int, picture: Picture) -> None:
        """Nothing to send: see `close`."""

    def counts(self) -> dict[str, Any]:
        return {}

    def close(self) -> None:
        self._gear.close()


class NetGearInlet:
    """NetGear's receiving end, which numbers what it gets itself."""

    def __init__(self, place: Place) -> None:
        self._gear = _netgear(place, receive=True)
        self._number = -1

    def receive(self) -> tuple[int, int, Picture]:
        picture = self._gear.recv()
        if picture is None:  # the other end has closed; what is still in its queue is never handed out
            return END, 0, np.empty(0, np.uint8)
        self._number += 1
        return self._number, 0, picture

    def counts(self) -> dict[str, Any]:
        return {}

    def close(self) -> None:
        """Nothing to do: its thread has ended by itself, and its own close() would race with that."""


def _netgear(place: Place, *, receive: bool) -> Any:
    logging.disable(logging.ERROR)  # it greets on stderr
    from vidgear.gears import NetGear

    return NetGear(
        address="127.0.0.1",
        port=str(place.port),
        protocol="tcp",
        pattern=0,
        receive_mode=receive,
        logging=False,
        jpeg_compression=False,
    )
