"""The key ring: created once, readable by its owner only, rotated without losing secrets."""

import base64
import json
import stat
import threading
from pathlib import Path

import pytest

from incident.keyring import KeyInUse, KeyRing, KeyUnknown, RingBroken, RingFixed, RingMissing, SealBroken, new_ring

PLACE = "contacts:7:sealed_secret"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """The path of the ring of the test."""
    return tmp_path / "home" / "keys.json"


def made(path: Path) -> KeyRing:
    """The ring of a file, created if it is not there."""
    ring = KeyRing.load(path)
    if not ring.is_there:
        ring.create()
    return ring


def test_reading_a_ring_never_creates_it_and_without_one_nothing_is_sealed(path: Path) -> None:
    ring = KeyRing.load(path)
    assert not ring.is_there
    for use in (lambda: ring.seal("x", PLACE), lambda: ring.sign("x")):
        with pytest.raises(RingMissing):
            use()
    assert not path.exists()


@pytest.mark.parametrize(
    "text",
    ["", "{}", "[]", "nonsense", '{"current": "1", "keys": {}}', '{"current": "2", "keys": {"1": "AA=="}}',
     '{"current": "1", "keys": {"1": "AAAA"}}', '{"current": "1", "keys": {"1": 7}}',
     '{"current": ["1"], "keys": {"1": "AA=="}}'],
)  # fmt: skip
def test_what_is_no_ring_is_refused(path: Path, text: str) -> None:
    path.parent.mkdir()
    path.write_text(text)
    with pytest.raises(RingBroken):
        KeyRing.load(path)
    with pytest.raises(RingBroken):
        KeyRing.parse(text)


def test_a_ring_of_the_environment_opens_what_its_file_sealed_and_is_never_changed(path: Path) -> None:
    sealed = made(path).seal("x", PLACE)
    given = KeyRing.parse(path.read_text())
    assert given.open(sealed, PLACE) == "x"
    with pytest.raises(RingFixed):
        given.rotate()
    with pytest.raises(RingFixed):
        given.create()
    assert KeyRing.parse(new_ring()).checks() != given.checks()


def test_a_check_value_knows_its_own_key_a_foreign_one_and_one_that_is_missing(path: Path, tmp_path: Path) -> None:
    ring = made(path)
    older = KeyRing.parse(path.read_text())
    first = ring.checks()
    assert made(tmp_path / "other.json").mismatch(first) == "foreign"
    ring.rotate()
    assert ring.mismatch(first) is None, "a ring may hold more keys"
    assert older.mismatch(ring.checks()) == "outdated"
    assert older.mismatch({"9": "0" * 32}) == "foreign"
    assert older.mismatch({}) is None


def test_a_process_goes_on_with_its_ring_when_the_file_is_gone_broken_or_another_one(path: Path) -> None:
    ring = made(path)
    sealed = ring.seal("x", PLACE)
    for text in (None, "{", new_ring()):
        path.unlink(missing_ok=True)
        if text is not None:
            path.write_text(text)
        assert ring.open(ring.seal("y", PLACE), PLACE) == "y"
        assert ring.open(sealed, PLACE) == "x"


def test_a_ring_is_made_once_and_only_its_owner_may_read_it(path: Path) -> None:
    sealed = made(path).seal("geheim 密", PLACE)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert KeyRing.load(path).open(sealed, PLACE) == "geheim 密"
    assert list(path.parent.glob("keys.json.*")) == []


def test_processes_that_make_it_at_the_same_moment_share_one(path: Path) -> None:
    rings: list[KeyRing] = []
    threads = [threading.Thread(target=lambda: rings.append(made(path))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {ring.open(rings[0].seal("x", PLACE), PLACE) for ring in rings} == {"x"}


def test_the_same_text_sealed_twice_looks_different(path: Path) -> None:
    ring = made(path)
    assert ring.seal("x", PLACE) != ring.seal("x", PLACE)


def test_what_was_moved_changed_or_cut_does_not_open(path: Path) -> None:
    ring = made(path)
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
    sealed = made(path).seal("geheim", PLACE)
    with pytest.raises(SealBroken):
        made(tmp_path / "other.json").open(sealed, PLACE)


def test_after_a_rotation_old_seals_open_and_new_ones_are_under_the_new_key_in_every_process(path: Path) -> None:
    here, there = made(path), made(path)
    old = here.seal("old", PLACE)
    assert here.rotate() == "2"
    new = here.seal("new", PLACE)
    assert (there.open(new, PLACE), there.open(old, PLACE)) == ("new", "old")
    assert KeyRing.load(path).is_current(new)
    assert not there.is_current(old)


def test_a_process_that_only_seals_takes_the_new_key_as_well(path: Path) -> None:
    here, there = made(path), made(path)
    there.seal("warm", PLACE)
    here.rotate()
    assert there.seal("new", PLACE).startswith("2.")


def test_rotations_at_the_same_moment_lose_no_key(path: Path) -> None:
    rings = [made(path) for _ in range(6)]
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
    ring = made(path)
    mark = ring.sign("msg_1")
    assert ring.is_signed("msg_1", mark)
    ring.rotate()
    assert ring.is_signed("msg_1", mark)
    for text, signature in (("msg_2", mark), ("msg_1", mark + "x"), ("msg_1", "9~x"), ("msg_1", ""), ("msg_1", "1~é")):
        assert not ring.is_signed(text, signature)


def test_a_process_that_missed_a_rotation_follows_when_its_key_was_retired_meanwhile(path: Path) -> None:
    slow = made(path)
    sealed = slow.seal("x", PLACE)
    other = KeyRing.load(path)
    assert other.rotate() == "2"
    other.retire("1")
    assert KeyRing.load(path).open(slow.seal("y", PLACE), PLACE) == "y", "it seals with the key that is left"
    with pytest.raises(SealBroken):
        slow.open(sealed, PLACE)
    slow.rotate()
    assert set(KeyRing.load(path).checks()) == {"2", "3"}


def test_a_file_that_claims_a_key_was_retired_has_to_know_it(path: Path) -> None:
    ring = made(path)
    document = json.loads(new_ring())
    path.write_text(json.dumps({"current": "2", "keys": {"2": document["keys"]["1"]}, "retired": {"1": "0" * 32}}))
    assert ring.seal("x", PLACE).startswith("1.")


def test_the_newest_key_and_one_that_is_not_there_are_not_retired(path: Path) -> None:
    ring = made(path)
    with pytest.raises(KeyInUse):
        ring.retire("1")
    ring.rotate()
    for name in ("3", "x", ""):
        with pytest.raises(KeyUnknown):
            ring.retire(name)
    with pytest.raises(KeyInUse):
        ring.retire("2")
    with pytest.raises(RingFixed):
        KeyRing.parse(path.read_text()).retire("1")
    assert set(KeyRing.load(path).checks()) == {"1", "2"}
