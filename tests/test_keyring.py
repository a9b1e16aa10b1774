"""The key ring: made once, readable by its owner alone, turned without losing what was sealed."""

import base64
import stat
import threading
from pathlib import Path

import pytest

from incident.keyring import KeyRing, SealBroken

PLACE = "contacts:7:sealed_secret"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the ring of the test lies."""
    return tmp_path / "home" / "keys.json"


def test_a_ring_is_made_once_and_only_its_owner_may_read_it(path: Path) -> None:
    sealed = KeyRing.load(path).seal("geheim 密", PLACE)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert KeyRing.load(path).open(sealed, PLACE) == "geheim 密"
    assert list(path.parent.glob("keys.json.*")) == []


def test_processes_that_make_it_at_the_same_moment_share_one(path: Path) -> None:
    rings: list[KeyRing] = []
    threads = [threading.Thread(target=lambda: rings.append(KeyRing.load(path))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {ring.open(rings[0].seal("x", PLACE), PLACE) for ring in rings} == {"x"}


def test_the_same_text_sealed_twice_looks_different(path: Path) -> None:
    ring = KeyRing.load(path)
    assert ring.seal("x", PLACE) != ring.seal("x", PLACE)


def test_what_was_moved_changed_or_cut_does_not_open(path: Path) -> None:
    ring = KeyRing.load(path)
    sealed = ring.seal("geheim", PLACE)
    name, _, body = sealed.partition(".")
    raw = bytearray(base64.b64decode(body))
    raw[-1] ^= 1
    changed = f"{name}.{base64.b64encode(raw).decode()}"
    for spoilt in (changed, sealed[:-8], f"{name}.", f"{name}.!!!!", f"2{sealed[1:]}", "", f"x{sealed}"):
        with pytest.raises(SealBroken):
            ring.open(spoilt, PLACE)
    with pytest.raises(SealBroken):
        ring.open(sealed, "contacts:8:sealed_secret")


def test_another_ring_opens_nothing(path: Path, tmp_path: Path) -> None:
    sealed = KeyRing.load(path).seal("geheim", PLACE)
    with pytest.raises(SealBroken):
        KeyRing.load(tmp_path / "other.json").open(sealed, PLACE)


def test_after_a_rotation_old_seals_open_and_new_ones_are_under_the_new_key_in_every_process(path: Path) -> None:
    here, there = KeyRing.load(path), KeyRing.load(path)
    old = here.seal("old", PLACE)
    assert here.rotate() == "2"
    new = here.seal("new", PLACE)
    assert (there.open(new, PLACE), there.open(old, PLACE)) == ("new", "old")
    assert KeyRing.load(path).is_current(new)
    assert not there.is_current(old)


def test_a_process_that_only_seals_takes_the_new_key_as_well(path: Path) -> None:
    here, there = KeyRing.load(path), KeyRing.load(path)
    there.seal("warm", PLACE)
    here.rotate()
    assert there.seal("new", PLACE).startswith("2.")


def test_rotations_at_the_same_moment_lose_no_key(path: Path) -> None:
    rings = [KeyRing.load(path) for _ in range(6)]
    sealed: list[str] = []

    def turn(ring: KeyRing) -> None:
        ring.rotate()
        sealed.append(ring.seal("x", PLACE))

    threads = [threading.Thread(target=turn, args=(ring,)) for ring in rings]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    fresh = KeyRing.load(path)
    assert [fresh.open(one, PLACE) for one in sealed] == ["x"] * 6
    assert fresh.current == "7"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_link_is_signed_by_its_own_text_and_key_and_lives_through_a_rotation(path: Path) -> None:
    ring = KeyRing.load(path)
    mark = ring.sign("msg_1")
    assert ring.is_signed("msg_1", mark)
    ring.rotate()
    assert ring.is_signed("msg_1", mark)
    for text, signature in (("msg_2", mark), ("msg_1", mark + "x"), ("msg_1", "9~x"), ("msg_1", ""), ("msg_1", "1~é")):
        assert not ring.is_signed(text, signature)
