"""The way of an acknowledgement through the code: how many functions and files a reader follows."""

import importlib

import pytest

from tools import call_path
from tools.call_path import Call, CallPath

MAX_CALLS = 15
MAX_FILES = 8


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> CallPath:
    """The way of a real acknowledgement through the JSON API."""
    return call_path.trace_acknowledgement(tmp_path_factory.mktemp("home"))


def test_a_reader_follows_few_calls_through_few_files_to_understand_an_acknowledgement(path: CallPath) -> None:
    assert len(path.followed) <= MAX_CALLS, path.followed
    assert len(path.files) <= MAX_FILES, path.files


def test_the_path_leads_from_the_endpoint_over_the_use_case_to_the_rule_and_the_rows(path: CallPath) -> None:
    layers = [call.file.split("/")[1] for call in path.followed]
    assert layers[0] == "web"
    assert {"web", "actions", "core", "store"} == set(layers)
    assert "incident/actions/notifications/answers.py" in path.files
    assert "incident/core/notifications/notice.py" in path.files


def test_what_wraps_every_request_is_a_short_list_of_modules_that_exist() -> None:
    assert len(call_path.AROUND) <= 12
    for name in call_path.AROUND:
        importlib.import_module(name)


def test_functions_that_are_called_by_what_is_around_or_twice_are_not_counted(path: CallPath) -> None:
    assert len(set(path.followed)) == len(path.followed)
    assert not set(path.followed) & set(path.around)
    assert Call("incident/actions/unit_of_work.py", "incident.actions.unit_of_work", "transaction") in path.around


def test_the_tool_prints_the_functions_and_the_figures(path: CallPath, capsys: pytest.CaptureFixture[str]) -> None:
    call_path.print_path(path)
    said = capsys.readouterr().out
    assert f"{len(path.followed)} calls through {len(path.files)} files" in said
    assert "incident/actions/notifications/answers.py  answer_notice" in said
