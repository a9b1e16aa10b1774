"""The security pages are complete and refer to existing evidence."""

import re
from collections import Counter

from tests.house.source import ROOT

PAGES = ("SECURITY.md", "docs/threat-model.md", "docs/asvs.md")
ASVS = (ROOT / "docs/asvs.md").read_text("utf-8")
ROWS = [line.split(" | ") for line in ASVS.splitlines() if line.startswith("| V")]

REQUIREMENTS = """
    1.1:1-2 1.2:1-9 1.3:1-11 1.4:1-3 1.5:1-2 2.1:1-3 2.2:1-3 2.3:1-4 2.4:1 3.2:1-2 3.3:1-4 3.4:1-6 3.5:1-5 3.7:1-2
    4.1:1-3 4.2:1 4.3:1-2 4.4:1-4 5.1:1 5.2:1-3 5.3:1-2 5.4:1-3 6.1:1-3 6.2:1-12 6.3:1-4 6.4:1-4 6.5:1-5 6.6:1-3
    6.8:1-4 7.1:1-3 7.2:1-4 7.3:1-2 7.4:1-5 7.5:1-2 7.6:1-2 8.1:1-2 8.2:1-3 8.3:1 8.4:1 9.1:1-3 9.2:1-4 10.1:1-2
    10.2:1-2 10.3:1-4 10.4:1-11 10.5:1-5 10.6:1-2 10.7:1-3 11.1:1-2 11.2:1-3 11.3:1-3 11.4:1-4 11.5:1 11.6:1
    12.1:1-3 12.2:1-2 12.3:1-4 13.1:1 13.2:1-5 13.3:1-2 13.4:1-5 14.1:1-2 14.2:1-4 14.3:1-3 15.1:1-3 15.2:1-3
    15.3:1-7 16.1:1 16.2:1-5 16.3:1-4 16.4:1-3 16.5:1-3 17.1:1 17.2:1-4 17.3:1-2
"""
"""The requirements of ASVS 5.0.0 of levels 1 and 2: their numbers by section."""

DECIDING = {"1", "2", "6", "7", "8", "11", "16"}
"""Chapters that must leave nothing open: validation, authentication, sessions, access, cryptography, logs."""


def _numbers() -> list[str]:
    found = []
    for section, _, ranges in (word.partition(":") for word in REQUIREMENTS.split()):
        for first, _, last in (one.partition("-") for one in ranges.split(",")):
            found += [f"V{section}.{number}" for number in range(int(first), int(last or first) + 1)]
    return found


def _counted() -> Counter[str]:
    return Counter(number for row in ROWS for number in row[0].removeprefix("| ").split(", "))


def test_every_requirement_of_level_2_has_a_line_or_its_section_does_not_apply() -> None:
    notified = _counted()
    assert len(_numbers()) == 253
    assert [number for number, count in notified.items() if count > 1] == []
    left_out = [number for number in _numbers() if not notified[number] and not notified[number.rpartition(".")[0]]]
    assert left_out == []
    assert set(notified) - set(_numbers()) - {number.rpartition(".")[0] for number in _numbers()} == set()


def test_a_section_as_a_whole_stands_only_for_what_does_not_apply() -> None:
    for row in ROWS:
        if any(number.count(".") == 1 for number in row[0].removeprefix("| ").split(", ")):
            assert row[2] == "n/a", row


def test_every_line_says_yes_partly_no_or_that_it_does_not_apply_and_why() -> None:
    for row in ROWS:
        assert len(row) == 4, row
        assert row[2] in {"yes", "partly", "no", "n/a"}, row
        assert len(row[3].rstrip(" |")) > 3, row


def test_the_chapters_that_decide_give_evidence_or_a_reason_in_each_line() -> None:
    for row in ROWS:
        chapter = row[0].removeprefix("| V").partition(".")[0]
        if chapter in DECIDING and row[2] != "n/a":
            assert "`" in row[3] or len(row[3].split()) >= 3, row


def test_every_file_and_setting_that_is_named_as_evidence_exists() -> None:
    settings = (ROOT / "docs/settings.md").read_text("utf-8")
    for page in PAGES:
        text = (ROOT / page).read_text("utf-8")
        for named in re.findall(r"`([^`\n]+)`", text):
            if re.fullmatch(r"(incident|tests|docs|tools|requirements|migrations)/[\w./-]+|[\w-]+\.(md|json)", named):
                assert (ROOT / named).exists(), f"{page}: {named}"
            if re.fullmatch(r"INCIDENT_\w+", named):
                assert named in settings, f"{page}: {named}"


def test_every_link_of_these_pages_leads_somewhere() -> None:
    for page in PAGES:
        for target, anchor in re.findall(r"\]\(([^)#:]+)(?:#([^)]+))?\)", (ROOT / page).read_text("utf-8")):
            file = (ROOT / page).parent / target
            assert file.exists(), f"{page}: {target}"
            heads = re.findall(r"^#+ (.+)$", file.read_text("utf-8"), re.MULTILINE) if anchor else []
            anchors = {re.sub(r"[^\w\s-]", "", head.lower()).replace(" ", "-") for head in heads}
            assert not anchor or anchor in anchors, f"{page}: {target}#{anchor}"
