"""External anchors reveal a rewritten journal, even one rewritten with the key of the home."""

from pathlib import Path

import pytest

from incident.actions.journal.anchors import verify_with_anchors
from incident.actions.journal.verifying import verify_journal
from incident.certifying import CertificateKey, anchor_of, checkpoint_of
from incident.core.journal.anchor import Anchor, imprint_of, rewritten_between
from incident.core.journal.chain import Head
from incident.formats.anchors import Trust, read_anchors
from tests.rechaining import rechain
from tests.world import START, World


@pytest.fixture
def written(world: World) -> World:
    """A world whose journal has ten entries."""
    for number in range(10):
        world.department(f"d{number}")
    return world


def signed(world: World, head: Head | None = None) -> list[Anchor]:
    """An anchor of the current head as saved outside: in a file, with the current public key."""
    import json

    key = CertificateKey.load(world.settings.certificate_key_path)
    document = anchor_of(key, head or verify_journal().head, "http://incident.test", "host", START)
    return read_anchors("kept.json", json.dumps(document).encode(), Trust(key.public))


def states(*anchors: Anchor) -> list[tuple[str, int | None]]:
    return [(one.state, one.seq) for one in verify_with_anchors(anchors)[1]]


def test_an_untouched_journal_still_has_every_anchor(written: World) -> None:
    early = signed(written)
    written.department("later")
    verdict, findings = verify_with_anchors([*early, *signed(written)])
    assert (verdict.is_intact, [(one.state, one.seq) for one in findings]) == (True, [("held", 10), ("held", 11)])
    assert rewritten_between(findings) is None


def test_a_journal_that_was_chained_again_is_whole_by_itself_and_found_by_an_anchor(written: World) -> None:
    kept = signed(written)
    rechain(4, actor="person:9:Somebody Else")
    assert verify_journal().is_intact, "nothing in the database shows it"
    assert states(*kept) == [("rewritten", 10)]


def test_the_key_of_the_home_does_not_help_who_chains_it_again(written: World) -> None:
    kept = signed(written)
    rechain(4, actor="person:9:Somebody Else")
    forged = signed(written)
    assert states(*kept, *forged) == [("rewritten", 10), ("held", 10)]
    path: Path = written.settings.certificate_key_path
    path.unlink()
    assert states(*kept, *signed(written)) == [("rewritten", 10), ("held", 10)]


def test_anchors_say_between_which_entries_it_was_rewritten(written: World) -> None:
    early = signed(written)
    for number in range(10):
        written.department(f"e{number}")
    late = signed(written)
    rechain(15, subject="department:zz")
    verdict, findings = verify_with_anchors([*late, *early])
    assert verdict.is_intact
    assert [(one.state, one.seq) for one in findings] == [("rewritten", 20), ("held", 10)]
    assert rewritten_between(findings) == (11, 20)


def test_a_time_stamp_alone_finds_its_entry_and_a_rewritten_one_has_none(written: World) -> None:
    head = verify_journal().head
    written.department("later")
    stamp = Anchor(source="a.tsr", origin="time stamp", imprint=imprint_of(head))
    assert states(stamp) == [("held", 10)]
    rechain(10, actor="somebody")
    assert states(stamp) == [("rewritten", None)]


def test_a_journal_that_was_cut_and_its_end_forgotten_is_found(written: World) -> None:
    kept = signed(written, Head(12, "ab" * 32))
    assert verify_journal().is_intact
    assert states(*kept) == [("removed", 12)]


def test_an_anchor_whose_signature_does_not_fit_proves_nothing(written: World) -> None:
    import json

    key = CertificateKey.load(written.settings.certificate_key_path)
    document = anchor_of(key, verify_journal().head, "http://incident.test", "host", START)
    document["certificate"]["at"] = "2020-01-01T00:00:00Z"
    [broken] = read_anchors("kept.json", json.dumps(document).encode(), Trust(key.public))
    assert "changed after it was signed" in (broken.fault or "")
    assert states(broken) == [("unproved", 10)]


def test_a_checkpoint_that_was_kept_outside_serves_as_an_anchor(written: World) -> None:
    import json

    key = CertificateKey.load(written.settings.certificate_key_path)
    document = checkpoint_of(key, verify_journal().head, START)
    kept = read_anchors("checkpoint.json", json.dumps(document).encode(), Trust(key.public))
    assert states(*kept) == [("held", 10)]
    rechain(3, actor="x")
    assert states(*kept) == [("rewritten", 10)]
