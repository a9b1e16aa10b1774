"""Instructions of a task as people read them: with the questions of the form instead of the names of variables."""

import re
from collections.abc import Iterable, Mapping
from typing import Final

from incident.core.playbooks.question import Question

YES_NO: Final = {"en": {"true": "yes", "false": "no"}, "zh": {"true": "“是”", "false": "“否”"}}

_TRUTH = r"(?<![\w-])_{{0,2}}{name}_{{0,2}}(?![\w-])(?P<between>[^,.;，。；]{{0,16}}?)\b(?P<one>true|false)\b"
_TRUTH += r"(?:(?P<or> or | 或 ?)(?P<other>true|false)\b)?"
_AROUND_QUOTES = re.compile(r"(?<=[\u4e00-\u9fff，。；]) (?=“)|(?<=”) (?=[\u4e00-\u9fff，。；])")
_NAMED = r"(?<![\w-])_{{0,2}}{name}_{{0,2}}(?![\w-])"
_CHOSEN = _NAMED + r"(?P<between>[^,.;，。；]{{0,16}}?)(?P<list>{word}(?:(?:, or |, ?| or |、| ?或 ?){word})*)"
_SET = r"(?P<verb>\b[Ss]et |将 ?|填写 ?){named}(?P<to> to)?"


def plain_instructions(text: str, questions: Iterable[Question], language: str) -> str:
    """Return instructions in which the variables of the form are called by their questions.

    Args:
        text: the instructions in one language.
        questions: those of the form; one without a label keeps its name.
        language: `en`, or another one for Chinese.
    """
    spoken = "en" if language.startswith("en") else "zh"
    for one in questions:
        if one.label:
            text = _named(text, one, spoken)
    return text if spoken == "en" else _AROUND_QUOTES.sub("", text)


def _named(text: str, question: Question, language: str) -> str:
    name, called = re.escape(question.name.strip("_")), f"“{question.label.rstrip('.。')}”"
    words = YES_NO[language]

    def truth(found: re.Match[str]) -> str:
        begin = found[0][: found.end("between") - found.start()]
        other = f"{found['or']}{words[found['other']]}" if found["or"] else ""
        return f"{begin}{words[found['one']]}{other}"

    def put(found: re.Match[str]) -> str:
        if language == "zh":
            return f"{found['verb'].strip()}{called}"
        return f"{'Answer' if found['verb'][0] == 'S' else 'answer'} {called}{' with' if found['to'] else ''}"

    if question.kind == "truth":
        text = re.sub(_TRUTH.format(name=name), truth, text)
    if shown := {choice.value: choice.shown for choice in question.choices if choice.words}:
        text = _chosen(text, name, shown)
    text = re.sub(_SET.format(named=_NAMED.format(name=name)), put, text)
    if "_" not in question.name.strip("_"):
        return text  # a plain word may be meant as one
    return re.sub(_NAMED.format(name=name), called, text)


def _chosen(text: str, name: str, shown: Mapping[str, str]) -> str:
    """Replace the answers after the name of a variable by their texts in the form."""
    word = rf"(?<![\w-])(?:{'|'.join(map(re.escape, shown))})(?![\w-])"

    def said(found: re.Match[str]) -> str:
        listed = re.sub(word, lambda one: f"“{shown[one[0]]}”", found["list"])
        return found[0][: found.start("list") - found.start()] + listed

    return re.sub(_CHOSEN.format(name=name, word=word), said, text, flags=re.ASCII)
