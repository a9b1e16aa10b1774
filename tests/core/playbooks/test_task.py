"""Reasons for a task in place of a machine command."""

import pytest

from incident.core.playbooks.task import NO_KEY, NOT_ALLOWED, UNSURE, WHY_WORDS, task_title, why_words
from incident.formats.messages import load_catalogues


def test_a_title_says_why_no_machine_does_it() -> None:
    assert task_title("Isolate the host", None) == "Isolate the host"
    assert task_title("Isolate the host", UNSURE) == "Isolate the host (find out whether it happened)"


def test_a_reason_without_words_is_shown_as_it_is() -> None:
    assert why_words("later.code") == "later.code"


@pytest.mark.parametrize("why", [NO_KEY, NOT_ALLOWED, UNSURE])
def test_every_reason_is_said_in_chinese_too(why: str) -> None:
    chinese = load_catalogues()["zh_Hans_CN"].gettext
    assert why_words(why, chinese) != WHY_WORDS[why]
    assert task_title("隔离主机", why, chinese) == f"隔离主机（{why_words(why, chinese)}）"
