"""The identity of a machine: by home and boot id, not by name."""

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from incident import node
from incident.node import this_node


def test_the_id_of_a_home_is_made_once_and_stays(tmp_path: Path) -> None:
    first = this_node(tmp_path)
    assert this_node(tmp_path) == first
    assert stat.S_IMODE((tmp_path / node.FILE).stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == [node.FILE]


def test_two_homes_of_one_machine_are_two_nodes(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    a, b = this_node(tmp_path / "a"), this_node(tmp_path / "b")
    assert a.host == b.host
    assert a.name != b.name


def test_two_machines_that_share_a_home_are_two_nodes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    a = this_node(tmp_path)
    other = tmp_path / "boot_id"
    other.write_text("0b0cf9c5-6d1f-4f60-9f5c-0a1a8a1e7c11\n")
    node._boot_id.cache_clear()
    monkeypatch.setattr(node, "BOOT_ID", other)
    b = this_node(tmp_path)
    node._boot_id.cache_clear()
    assert a.home == b.home
    assert a.name != b.name


def test_of_many_processes_that_begin_at_once_all_have_one_id(tmp_path: Path) -> None:
    with ThreadPoolExecutor(16) as pool:
        found = set(pool.map(this_node, [tmp_path] * 64))
    assert len(found) == 1


@pytest.mark.parametrize("text", ["", "not an id\n", "é"])
def test_a_home_whose_id_cannot_be_read_has_one_all_the_same(tmp_path: Path, text: str) -> None:
    (tmp_path / node.FILE).write_text(text)
    assert len(this_node(tmp_path).home) == node.ID_LENGTH


def test_a_home_that_is_not_there_has_one_all_the_same(tmp_path: Path) -> None:
    assert len(this_node(tmp_path / "gone").home) == node.ID_LENGTH


def test_the_name_of_a_process_fits_its_column(tmp_path: Path) -> None:
    assert len(this_node(tmp_path).process(4_194_304)) <= 100
