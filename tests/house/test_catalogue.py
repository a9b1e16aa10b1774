"""The message catalogues: complete in each language, and checked for faults."""

import os
import shutil
from pathlib import Path

import pytest

from tests.house.source import ROOT
from tools import catalogue

SOURCE = """
from gettext import gettext as _, ngettext
_("Closed by %(name)s")
_("Level {level} of {levels}")
ngettext("%(num)d task", "%(num)d tasks", 2)
"""
HEADER = """msgid ""
msgstr ""
"Content-Type: text/plain; charset=utf-8\\n"
"Plural-Forms: nplurals=1; plural=0;\\n"

"""
TRANSLATED = (
    'msgid "Closed by %(name)s"\nmsgstr "由 %(name)s 关闭"\n\n'
    'msgid "Level {level} of {levels}"\nmsgstr "第 {level} 级，共 {levels} 级"\n\n'
    'msgid "%(num)d task"\nmsgid_plural "%(num)d tasks"\nmsgstr[0] "%(num)d 项任务"\n'
)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A small project whose catalogue is complete."""
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    (tmp_path / "incident").mkdir()
    (tmp_path / "incident" / "words.py").write_text(SOURCE)
    folder = tmp_path / "incident" / "translations" / "zh_Hans_CN" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / "messages.po").write_text(HEADER + TRANSLATED, "utf-8")
    return tmp_path


def change(project: Path, old: str, new: str) -> None:
    [file] = catalogue.catalogue_files(project)
    text = file.read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, new), "utf-8")


def test_a_complete_catalogue_has_no_fault(project: Path) -> None:
    assert list(catalogue.faults(project)) == []


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ('msgid "Closed by', 'msgid "Opened by', "no translation of 'Closed by %(name)s' (incident/words.py)"),
        ('msgid "Closed by', 'msgid "Opened by', "nothing shows 'Opened by %(name)s' any more"),
        ('"由 %(name)s 关闭"', '""', "no translation of 'Closed by %(name)s'"),
        ('msgid "Closed by', '#, fuzzy\nmsgid "Closed by', "is marked fuzzy"),
        ("由 %(name)s 关闭", "由 %(who)s 关闭", "its fields are ['name'], the translation's are ['who']"),
        ("第 {level} 级", "第级", "its fields are ['level', 'levels']"),
        ("%(num)d 项任务", "任务", "its fields are ['num']"),
    ],
)
def test_each_kind_of_fault_is_found(project: Path, old: str, new: str, fault: str) -> None:
    change(project, old, new)
    assert any(fault in found for found in catalogue.faults(project)), list(catalogue.faults(project))


def test_an_update_takes_new_words_in_and_drops_old_ones(project: Path) -> None:
    (project / "incident" / "words.py").write_text('_("Closed by %(name)s")\n_("Reopened")\n')
    catalogue.update(project)
    [file] = catalogue.catalogue_files(project)
    assert {message.id for message in catalogue.read(file) if message.id} == {"Closed by %(name)s", "Reopened"}
    assert list(catalogue.faults(project)) == [
        "incident/translations/zh_Hans_CN/LC_MESSAGES/messages.po: no translation of 'Reopened' (incident/words.py)"
    ]


def test_a_catalogue_is_compiled_again_only_when_it_changed(project: Path) -> None:
    [file] = catalogue.catalogue_files(project)
    binary = file.with_suffix(".mo")
    for edited_at, compiled in ((1_000, True), (1_000, False), (4_000, True)):
        os.utime(file, (edited_at, edited_at))
        before = binary.stat().st_ino if binary.exists() else None
        catalogue.compile_all(project)
        assert (binary.stat().st_ino != before) is compiled
        os.utime(binary, (edited_at + 1, edited_at + 1))


def test_the_projects_own_catalogues_are_complete() -> None:
    assert list(catalogue.faults()) == []
