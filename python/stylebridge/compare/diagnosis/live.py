"""A live game that sends both what its camera saw and what its own engine made of it, paired by frame id."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Iterator, Sequence

from stylebridge.compare.diagnosis.lanes import MAX_AHEAD, MAX_KEPT_BYTES, Answer, Lane, without_camera
from stylebridge.engines.remote import CAMERA as LAYERS
from stylebridge.errors import InputError
from stylebridge.frame import Frame
from stylebridge.sources import open_source
from stylebridge.sources.address import Address

STYLED = "styled"  # the camera of what the engine made; of the camera main also main/styled

NEEDED = ("depth", "motion", "occlusion")  # beside colour, where the game sends them: flicker is measured with these

Key = tuple[str, int]  # session and frame id


def is_live(word: str) -> bool:
    """Whether a word is the address of a game that may call."""
    return Address.parse(word).scheme == "zmq"


def place_of(word: str) -> str:
    """What two words for one game have in common: where it calls."""
    return Address.parse(word).rest


def is_styled(camera: str) -> bool:
    """Whether a camera, by its name, shows what an engine made."""
    return camera.rpartition("/")[2] == STYLED


class Game:
    """One game's link, read by everything that is compared; frames wait here until they are asked for."""

    def __init__(self, words: Iterable[str]) -> None:
        self.name = _one_address(words)
        self._source = open_source(self.name)
        # a frame that was read is safe: the game needn't wait for the next one
        self._source.keep({}, ("color", *NEEDED))
        self._waiting: OrderedDict[tuple[str, Key], Frame] = OrderedDict()
        self._bytes = 0
        self.seen: dict[str, int] = {}  # camera -> frames so far
        self.unpaired = 0

    @property
    def listens_at(self) -> str:
        """The address that the game calls."""
        return self._source.listens_at

    def read(self) -> bool:
        """Take in one more frame; false when the game has left."""
        frame = next(self._source, None)
        if frame is None:
            return False
        camera = frame.camera.name
        self.seen[camera] = self.seen.get(camera, 0) + 1
        kept = frame.owned(NEEDED)
        self._drop((camera, _key(frame)))
        self._waiting[(camera, _key(frame))] = kept
        self._bytes += _size(kept)
        self._source.receipt().done()
        while self._bytes > MAX_KEPT_BYTES and len(self._waiting) > 1:
            self._drop(next(iter(self._waiting)))
        return True

    def waiting(self, camera: str) -> list[Key]:
        """The frames of a camera that wait, oldest first."""
        return [key for name, key in self._waiting if name == camera]

    def picture(self, camera: str, key: Key) -> Frame | None:
        """A frame that waits; it stays until the pairs have gone past it."""
        return self._waiting.get((camera, key))

    def pass_by(self, cameras: Sequence[str], key: Key) -> None:
        """Let go of this frame in all cameras, and of the frames before it, which no partner came for."""
        for camera in cameras:
            keys = self.waiting(camera)
            for older in keys[: keys.index(key) + 1] if key in keys else ():
                self._drop((camera, older))
                self.unpaired += older != key

    def interrupt(self) -> None:
        """Let a read that waits end soon."""
        self._source.interrupt()

    def close(self) -> None:
        """Stop listening."""
        self._source.close()

    def _drop(self, at: tuple[str, Key]) -> None:
        dropped = self._waiting.pop(at, None)
        self._bytes -= 0 if dropped is None else _size(dropped)


class GameLane(Lane):
    """What a game's own engine made of the frames that the same game sends."""

    def __init__(self, name: str, game: Game) -> None:
        self.name, self.game = name, game
        self._asked = without_camera(name)[1]
        self.camera = self._asked  # once it is known

    @property
    def note(self) -> str:  # type: ignore[override]
        """How many frames came alone."""
        lone = self.game.unpaired
        return f"{lone} frames came without their partner and were passed over" if lone else ""

    def takes(self, camera: str) -> bool:
        """Whether this camera shows what is compared here."""
        return camera == self._asked if self._asked else is_styled(camera)

    def answer(self, frame: Frame, position: int) -> Answer:
        """The picture of the frame's id."""
        found = self.game.picture(self.camera, _key(frame))
        if found is None:
            raise InputError(f"frame {frame.clock.frame_id} isn't there", where=self.name)
        return Answer(found.rgb)


class GamePairs:
    """The frames of a game for which every lane has its picture, up to a limit."""

    def __init__(self, text: str, game: Game, lanes: Sequence[GameLane], limit: int) -> None:
        self.game, self.lanes, self.limit = game, lanes, limit
        self._asked = without_camera(text)[1]

    def __iter__(self) -> Iterator[Frame]:
        for count in range(self.limit):
            found = self._next()
            if found is None and not count:
                raise self._nothing_paired("the game left")
            if found is None:
                return
            frame, cameras = found
            yield frame
            self.game.pass_by(cameras, _key(frame))

    def _next(self) -> tuple[Frame, list[str]] | None:
        """Read until a frame and all of its pictures are there."""
        for _ in range(MAX_AHEAD):
            found = self._paired()
            if found is not None:
                return found
            if not self.game.read():
                return None
        raise self._nothing_paired(f"{MAX_AHEAD} frames came")

    def _paired(self) -> tuple[Frame, list[str]] | None:
        if not all(self._settled(lane) for lane in self.lanes):
            return None
        own = self._own_camera()
        if own is None:
            return None
        cameras = [own, *(lane.camera for lane in self.lanes)]
        others = [set(self.game.waiting(camera)) for camera in cameras[1:]]
        key = next((key for key in self.game.waiting(own) if all(key in keys for keys in others)), None)
        frame = None if key is None else self.game.picture(own, key)
        return None if frame is None else (frame, cameras)

    def _settled(self, lane: GameLane) -> bool:
        """Which camera a lane is, as soon as one has come that can be it; two are a question for the user."""
        found = [camera for camera in self.game.seen if lane.takes(camera)]
        if len(found) > 1:
            raise self._which(found, lane.name)
        lane.camera = found[0] if found else ""
        return bool(found)

    def _own_camera(self) -> str | None:
        """The camera that saw the frames: the one asked for, the styled one's namesake, or the only other."""
        if self._asked:
            return self._asked if self._asked in self.game.seen else None
        taken = {lane.camera for lane in self.lanes}
        whole = next((camera.rpartition("/")[0] for camera in taken if "/" in camera), "")
        rest = [camera for camera in self.game.seen if camera not in taken and camera != LAYERS]
        if whole:
            return whole if whole in rest else None
        if len(rest) > 1:
            raise self._which(rest, self.game.name)
        return rest[0] if rest else None

    def _which(self, cameras: Sequence[str], where: str) -> InputError:
        return InputError(f"cameras {', '.join(cameras)}", expected="one", do="choose with ?camera=NAME", where=where)

    def _nothing_paired(self, what: str) -> InputError:
        seen = ", ".join(f"{camera} ({count})" for camera, count in self.game.seen.items()) or "none"
        return InputError(
            f"{what}, and no frame with what the engine made of it; cameras: {seen}",
            expected=f"two cameras with equal frame ids, such as main and main/{STYLED}",
            do="name them: --frames ADDRESS?camera=NAME and --engines …,ADDRESS?camera=OTHER",
            where=self.game.name,
        )


def shared_game(words: Sequence[str], frames: str) -> Game | None:
    """The game that both the frames and some lanes come from; None where there is no such."""
    if not is_live(frames):
        return None
    same = [word for word in words if is_live(word) and place_of(word) == place_of(frames)]
    return Game([frames, *same]) if same else None


def _one_address(words: Iterable[str]) -> str:
    """One name for a game that several words speak of, with all of their options but the cameras."""
    options: dict[str, str] = {}
    place = ""
    for word in words:
        place, _, tail = without_camera(word)[0].partition("?")
        for pair in tail.split("&") if tail else ():
            name, _, value = pair.partition("=")
            if options.setdefault(name, value) != value:
                raise InputError(f"{name}={options[name]} and {name}={value}", expected="one game", where=place)
    return place + ("?" + "&".join(f"{name}={value}" for name, value in options.items()) if options else "")


def _size(frame: Frame) -> int:
    planes = (getattr(frame, name) for name in ("color", *NEEDED))
    return sum(plane.nbytes for plane in planes if plane is not None)


def _key(frame: Frame) -> Key:
    return frame.session, frame.clock.frame_id
