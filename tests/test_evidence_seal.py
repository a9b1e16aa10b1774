"""Parts of files: each opens only as it was sealed, in its place."""

import pytest

from incident.evidence_seal import OVERHEAD, FileSeal, new_file_key, open_file_key
from incident.keyring import KeyRing, SealBroken
from tests.ring import KEYS

SEAL = FileSeal(bytes(32), "evidence:1")


def test_a_part_opens_in_its_place() -> None:
    sealed = SEAL.seal(b"content", 3, is_last=True)
    assert len(sealed) == len(b"content") + OVERHEAD
    assert SEAL.open(sealed, 3, is_last=True) == b"content"
    assert sealed != SEAL.seal(b"content", 3, is_last=True)


@pytest.mark.parametrize(
    ("seal", "place", "is_last"),
    [
        (SEAL, 2, True),  # moved
        (SEAL, 3, False),  # cut off: the last part where more must follow
        (FileSeal(bytes(32), "evidence:2"), 3, True),  # of another file
        (FileSeal(bytes([1]) + bytes(31), "evidence:1"), 3, True),  # under another key
    ],
)
def test_a_part_opens_nowhere_else(seal: FileSeal, place: int, is_last: bool) -> None:
    with pytest.raises(SealBroken):
        seal.open(SEAL.seal(b"content", 3, is_last=True), place, is_last=is_last)


@pytest.mark.parametrize("broken", [b"", b"short", bytes(64)])
def test_what_was_never_sealed_does_not_open(broken: bytes) -> None:
    with pytest.raises(SealBroken):
        SEAL.open(broken, 0, is_last=False)


def test_one_changed_bit_is_noticed() -> None:
    sealed = bytearray(SEAL.seal(b"content", 0, is_last=False))
    for place in range(len(sealed)):
        changed = sealed.copy()
        changed[place] ^= 1
        with pytest.raises(SealBroken):
            SEAL.open(bytes(changed), 0, is_last=False)


def test_the_key_of_a_file_is_fresh_and_bound_to_its_row() -> None:
    ring = KeyRing.parse(KEYS)
    one, other = new_file_key(ring, "evidence:1:sealed_key"), new_file_key(ring, "evidence:1:sealed_key")
    assert open_file_key(ring, one, "evidence:1:sealed_key") != open_file_key(ring, other, "evidence:1:sealed_key")
    with pytest.raises(SealBroken):
        open_file_key(ring, one, "evidence:2:sealed_key")
