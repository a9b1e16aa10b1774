"""Names, sizes and parts of uploaded files."""

import pytest

from incident.core.incidents.evidence import upload
from incident.core.values.faults import RuleError


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("mail.eml", "mail.eml"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\li\\发票.pdf", "发票.pdf"),
        ("evil\u202efdp.exe", "evilfdp.exe"),
        ("a\x00b\r\nc.txt", "ab c.txt"),
        ('<"x">:|?*.txt', "__x______.txt"),
        ("...", "file"),
        ("folder/", "file"),
        ("", "file"),
        (".bashrc", "bashrc"),
    ],
)
def test_a_name_has_no_folders_and_no_characters_that_deceive(given: str, kept: str) -> None:
    assert upload.evidence_name(given) == kept


def test_a_name_of_300_characters_is_cut_before_its_ending() -> None:
    kept = upload.evidence_name("字" * 300 + ".evtx")
    assert (len(kept), kept[-6:]) == (upload.NAME_LIMIT, "字.evtx")
    assert len(upload.evidence_name("x" * 300)) == upload.NAME_LIMIT
    assert len(upload.evidence_name("x." + "y" * 300)) == upload.NAME_LIMIT


@pytest.mark.parametrize(
    ("received", "offset", "length", "code"),
    [
        (0, 4, 4, "evidence.wrong_offset"),
        (4, 0, 4, "evidence.wrong_offset"),
        (0, 0, 11, "evidence.more_than_said"),
        (8, 8, 3, "evidence.more_than_said"),
        (0, 0, 3, "evidence.wrong_part"),
        (0, 0, 0, "evidence.wrong_part"),
        (8, 8, 1, "evidence.wrong_part"),
    ],
)
def test_a_part_that_does_not_fit_is_refused(
    monkeypatch: pytest.MonkeyPatch, received: int, offset: int, length: int, code: str
) -> None:
    monkeypatch.setattr(upload, "PART_SIZE", 4)
    with pytest.raises(RuleError) as refused:
        upload.require_part(10, received, offset, length)
    assert refused.value.code == code


def test_parts_follow_each_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(upload, "PART_SIZE", 4)
    assert [upload.require_part(10, at, at, length) for at, length in ((0, 4), (4, 4), (8, 2))] == [0, 1, 2]
    assert [upload.part_count(size) for size in (1, 4, 5, 8)] == [1, 1, 2, 2]
    assert [upload.part_length(10, place) for place in range(3)] == [4, 4, 2]


@pytest.mark.parametrize(("size", "code"), [(0, "evidence.empty"), (101, "evidence.too_large")])
def test_a_file_has_content_and_is_not_over_the_limit(size: int, code: str) -> None:
    with pytest.raises(RuleError) as refused:
        upload.require_size(size, 100)
    assert refused.value.code == code
    assert upload.require_size(100, 100) == 100


@pytest.mark.parametrize(
    ("size", "words"), [(1, "1 B"), (1023, "1023 B"), (1536, "1.5 KB"), (1 << 30, "1 GB"), (150 << 20, "150 MB")]
)
def test_a_size_is_read_by_people(size: int, words: str) -> None:
    assert upload.bytes_words(size) == words
