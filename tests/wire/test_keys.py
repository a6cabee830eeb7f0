"""Keys: made for one user's eyes, refused when they are damaged or mixed up, and asked for at the door."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path

import pytest
from stylebridge.errors import InputError
from stylebridge.wire import LinkFault
from stylebridge.wire.keys import new_key, read_allowed, read_key, read_public

from .conftest import MakeCollector, MakeRaw, MakeSender
from .patience import until
from .pictures import picture

PATIENCE_S = 0.6


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """collector, game and stranger, each with .key and .pub."""
    folder = tmp_path_factory.mktemp("keys")
    for name in ("collector", "game", "stranger"):
        new_key(name, folder)
    return folder


@pytest.mark.skipif(os.name == "nt", reason="modes are POSIX's")
@pytest.mark.parametrize("mask", [0o000, 0o022, 0o077])
def test_a_secret_is_for_its_owner_alone_whatever_the_umask(tmp_path: Path, mask: int) -> None:
    previous = os.umask(mask)
    try:
        secret, public = new_key("me", tmp_path)
        assert os.umask(mask) == mask, "the process keeps its own umask"
    finally:
        os.umask(previous)
    assert stat.S_IMODE(secret.stat().st_mode) == 0o600
    assert stat.S_IMODE(public.stat().st_mode) == 0o666 & ~mask


def test_the_two_files_belong_together_and_only_one_is_secret(tmp_path: Path) -> None:
    secret, public = new_key("me", tmp_path)
    pair = read_key(secret)
    assert pair.public == read_public(public)
    assert pair.secret.decode() not in public.read_text(encoding="utf-8")
    assert len(pair.public) == len(pair.secret) == 40
    assert read_key(new_key("other", tmp_path)[0]).secret != pair.secret


def test_a_key_is_never_overwritten_unless_it_is_wanted(tmp_path: Path) -> None:
    secret, public = new_key("me", tmp_path)
    before = secret.read_bytes()
    with pytest.raises(InputError, match="already exists"):
        new_key("me", tmp_path)
    secret.unlink()
    with pytest.raises(InputError, match=r"me\.pub: already exists"):
        new_key("me", tmp_path)
    new_key("me", tmp_path, force=True)
    assert before != secret.read_bytes()
    assert read_public(public) == read_key(secret).public


@pytest.mark.parametrize("name", ["", ".hidden", "a/b", "../up", "a" * 65, "a b", "ü"])
def test_a_name_that_is_no_file_name_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError, match="key name"):
        new_key(name, tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(os.name == "nt", reason="modes are POSIX's")
@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o620, 0o601])
def test_a_secret_that_others_can_touch_is_refused_with_the_remedy(tmp_path: Path, mode: int) -> None:
    secret, _ = new_key("me", tmp_path)
    secret.chmod(mode)
    with pytest.raises(InputError, match=rf"mode {mode:o}\); expected mode 600\. Run: chmod 600"):
        read_key(secret)
    secret.chmod(0o400)
    assert read_key(secret).secret


def test_the_halves_are_not_taken_for_each_other(keys: Path) -> None:
    with pytest.raises(InputError, match=r"game\.pub: is a public key; expected a secret one"):
        read_key(keys / "game.pub")
    with pytest.raises(InputError, match=r"game\.key: is a secret key; expected a \.pub file"):
        read_public(keys / "game.key")


def damaged(**fields: object) -> bytes:
    form = {"kind": "stylebridge key", "version": 1, "name": "x", "public": "a" * 40} | fields
    return json.dumps(form).encode()


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"\xff\xfe",
        b"[]",
        b"{",
        damaged(kind="another key"),
        damaged(version=2),
        damaged(public="a" * 39),
        damaged(public="a" * 45),
        damaged(public="\u00e9" * 40),
        damaged(public=" " * 40),
        damaged(public=""),
        damaged(public=5),
        damaged(secret="b" * 40),
        damaged(name="n" * 5000),
    ],
)
def test_a_damaged_file_is_refused_with_how_to_make_one(tmp_path: Path, text: bytes) -> None:
    path = tmp_path / "broken.key"
    path.write_bytes(text)
    path.chmod(0o600)
    for read in (read_key, read_public):
        with pytest.raises(InputError, match=r"not a key: .*expected a key made with: stylebridge keys new"):
            read(path)


def test_two_keys_mixed_in_one_file_are_refused(tmp_path: Path, keys: Path) -> None:
    form = json.loads((keys / "game.key").read_text(encoding="utf-8"))
    form["public"] = json.loads((keys / "stranger.pub").read_text(encoding="utf-8"))["public"]
    path = tmp_path / "mixed.key"
    path.write_text(json.dumps(form), encoding="utf-8")
    path.chmod(0o600)
    with pytest.raises(InputError, match="the two halves don't belong together"):
        read_key(path)


def test_a_missing_file_and_an_empty_folder_are_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="can't be read: No such file"):
        read_key(tmp_path / "none.key")
    with pytest.raises(InputError, match=r"no \.pub files in there"):
        read_allowed(tmp_path)


def test_a_folder_of_public_keys_allows_all_of_them_under_their_names(keys: Path) -> None:
    assert sorted(read_allowed(keys).values()) == ["collector", "game", "stranger"]
    assert list(read_allowed(keys / "game.pub").values()) == ["game"]


def test_half_of_the_keys_is_refused(make_collector: MakeCollector, keys: Path) -> None:
    with pytest.raises(InputError, match="both a key and the keys that may call"):
        make_collector(key=keys / "collector.key")
    with pytest.raises(InputError, match="both a key and the keys that may call"):
        make_collector(allow=keys)


def test_the_right_keys_carry_frames_beyond_loopback_too(
    make_collector: MakeCollector, make_sender: MakeSender, keys: Path
) -> None:
    collector = make_collector("0.0.0.0:0", key=keys / "collector.key", allow=keys / "game.pub")
    port = collector.address.rpartition(":")[2]
    sender = make_sender(f"127.0.0.1:{port}", key=keys / "game.key", peer=keys / "collector.pub")
    sender.send(picture(5), 5)
    delivery = collector.receive(5)
    assert delivery is not None
    assert delivery.frame.color[0, 0, 0] == 5


@pytest.mark.parametrize(
    ("own", "peer"),
    [
        ("stranger.key", "collector.pub"),  # not on the collector's list
        ("game.key", "stranger.pub"),  # another collector expected
        (None, None),  # no encryption at all
    ],
)
def test_a_wrong_key_is_refused_at_the_step_encryption_and_counted(
    make_collector: MakeCollector, make_sender: MakeSender, keys: Path, own: str | None, peer: str | None
) -> None:
    collector = make_collector(key=keys / "collector.key", allow=keys / "game.pub")
    right = make_sender(collector, key=keys / "game.key", peer=keys / "collector.pub")
    wrong = make_sender(collector, key=own and keys / own, peer=peer and keys / peer)
    with pytest.raises(LinkFault, match=r"doesn't accept this game's keys.*step: encryption.*Check --key") as caught:
        wrong.connect(PATIENCE_S)
    assert caught.value.step == "encryption"
    counts = collector.counts()
    assert counts.get("handshakes_refused", 0) + counts.get("handshakes_failed", 0) > 0
    right.send(picture(1), 5)
    assert collector.receive(5) is not None
    assert [report.session for report in collector.peers()] == [right.session]


def test_a_game_with_keys_doesnt_talk_to_a_collector_without(
    make_collector: MakeCollector, make_sender: MakeSender, keys: Path
) -> None:
    sender = make_sender(make_collector(), key=keys / "game.key", peer=keys / "collector.pub")
    with pytest.raises(LinkFault, match="step: encryption"):
        sender.connect(PATIENCE_S)


def test_without_anybody_there_the_step_is_connect(make_collector: MakeCollector, make_sender: MakeSender) -> None:
    collector = make_collector()
    collector.close()
    with pytest.raises(LinkFault, match=r"nobody listens there \(step: connect\)\. Start the collector first"):
        make_sender(collector).connect(0.3)


def test_a_taken_port_is_told_with_keys_too(make_collector: MakeCollector, keys: Path) -> None:
    first = make_collector(key=keys / "collector.key", allow=keys)
    with pytest.raises(InputError, match="can't listen"):
        make_collector(first.address, key=keys / "collector.key", allow=keys)


def test_a_raw_peer_without_encryption_gets_no_answer(
    make_collector: MakeCollector, make_raw: MakeRaw, keys: Path
) -> None:
    collector = make_collector(key=keys / "collector.key", allow=keys)
    raw = make_raw(collector)
    raw.send(raw.hello_part())
    until(lambda: collector.counts().get("handshakes_failed", 0), 5)
    assert collector.peers() == []
    assert not raw.socket.poll(0)
