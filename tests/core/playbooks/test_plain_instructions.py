"""Instructions name the questions of the form, not variables."""

import pytest

from incident.core.playbooks.plain_instructions import plain_instructions
from incident.core.playbooks.question import AnswerChoice, Question

CONFIRMED = Question("__is_confirmed__", "bool", "truth", "Is it ransomware?")
BESTAETIGT = Question("__is_confirmed__", "bool", "truth", "是否确认为勒索病毒？")
KIND = Question("__kind__", "string", "choice", "What was it?")
BACKUPS = Question(
    "__backups__",
    "string",
    "choice",
    "What state are the backups in?",
    (AnswerChoice("clean", "clean and readable"), AnswerChoice("none", "no backups")),
)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Set is_confirmed to true or false.", "Answer “Is it ransomware?” with yes or no."),
        ("Set is_confirmed to false only when it is.", "Answer “Is it ransomware?” with no only when it is."),
        ("Otherwise set is_confirmed.", "Otherwise answer “Is it ransomware?”."),
        ("It is_confirmed_by nobody; true.", "It is_confirmed_by nobody; true."),
        ("Set kind to payment. In kind.", "Answer “What was it?” with payment. In kind."),
    ],
)
def test_english_instructions_name_the_question(text: str, said: str) -> None:
    assert plain_instructions(text, [CONFIRMED, KIND], "en") == said


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("将 is_confirmed 填为 true 或 false。", "将“是否确认为勒索病毒？”填为“是”或“否”。"),
        ("属实的，is_confirmed 方可填 false；", "属实的，“是否确认为勒索病毒？”方可填“否”；"),
        ("请填写 is_confirmed。", "请填写“是否确认为勒索病毒？”。"),
    ],
)
def test_chinese_instructions_name_the_question(text: str, said: str) -> None:
    assert plain_instructions(text, [BESTAETIGT], "zh_Hans_CN") == said


def test_a_question_without_words_keeps_its_name() -> None:
    bare = Question("__is_confirmed__", "bool", "truth")
    assert plain_instructions("Set is_confirmed to true.", [bare], "en") == "Set is_confirmed to true."


@pytest.mark.parametrize(
    ("text", "language", "said"),
    [
        (
            "Set backups to clean or none. Keep a clean copy.",
            "en",
            "Answer “What state are the backups in?” with “Clean and readable” or “No backups”. Keep a clean copy.",
        ),
        (
            "将 backups 填为 clean 或 none。",
            "zh",
            "将“What state are the backups in?”填为“Clean and readable”或“No backups”。",
        ),
    ],
)
def test_answers_are_called_by_their_text_in_the_form(text: str, language: str, said: str) -> None:
    assert plain_instructions(text, [BACKUPS], language) == said
