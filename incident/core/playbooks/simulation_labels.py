"""Texts of a simulation: each entry and each path as sentences, for the terminal and the page."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from types import MappingProxyType
from typing import Any, Final

from incident.core.cacao.simulation import End, PathChoice
from incident.core.cacao.simulation.transcript import Answered, Changed, Decided, Entry, Remarked, WorkRequested
from incident.core.cacao.simulation.unanswered import Silence
from incident.core.cacao.variables import as_text
from incident.core.cacao.words import reason, sentence_of
from incident.core.playbooks.question import question_of
from incident.core.playbooks.simulation import Study
from incident.core.values.bilingual import in_language
from incident.core.values.error_messages import N_, fill

Translate = Callable[[str], str]
NOBODY: Final[Mapping[str, str]] = MappingProxyType({})

ENTRIES: Mapping[str, str] = {
    "asked": N_("{who}: {title}"),
    "ordered": N_("A machine would carry out “{title}” ({kind}, {who})"),
    "succeeded": N_("“{step}” was done"),
    "failed": N_("“{step}” could not be done"),
    "not_applicable": N_("“{step}” does not apply: no such deadline runs on the incident"),
    "decided": N_("“{step}”: {way}"),
    "no_way": N_("“{step}”: none of its branches fits"),
    "step_failed": N_("“{step}” has failed: {reason}"),
    "step_timed_out": N_("No one answered “{step}” in time"),
    "step_cancelled": N_("“{step}” was called back"),
    "step_scheduled": N_("“{step}” waits until its time has come"),
}
DETAILS: Mapping[str, str] = {
    "due": N_("until {due}"),
    "again": N_("if no one answers: retried"),
    "step": N_("if no one answers: “{step}”"),
    "exception": N_("if no one answers: exception handling, “{step}”"),
    "limit": N_("if no one answers: the time limit of “{step}” passes first"),
    "run_failed": N_("if no one answers: the run fails"),
    "drawn": N_("by chance"),
    "wanted": N_("asks: {names}"),
    "filing": N_("ends when the report is filed"),
}
TRUTHS: Mapping[str, str] = {"true": N_("Yes"), "false": N_("No")}
BRANCHES: Mapping[str, str] = {"true": N_("yes"), "false": N_("no"), "default": N_("otherwise")}
CHOICES: Mapping[str, str] = {
    "starts": N_("It starts"),
    "succeeded": N_("“{step}” is done"),
    "failed": N_("“{step}” cannot be done"),
    "timed_out": N_("“{step}” is not done in time"),
    "not_applicable": N_("“{step}” does not apply"),
    "repeats": N_("“{step}” comes again, until its limit"),
}
ENDS: Mapping[str, str] = {
    "succeeded": N_("succeeded"),
    "handled": N_("failed, exception handling done"),
    "not_handled": N_("failed, exception handling not done either: “{step}”"),
    "failed": N_("failed"),
    "cut": N_("stopped: it does not come to an end"),
}
HEADS: Mapping[str, str] = {
    "play": N_("One possible run"),
    "failures": N_("Paths that fail: {count} of {all}"),
    "no_failures": N_("No path fails."),
    "successes": N_("Paths that succeed"),
    "never": N_("No path reaches these steps: {names}"),
    "too_wide": N_(
        "The playbook has too many paths: after {turns} turns not every path had been followed, so ends may be missing."
    ),
    "ended": N_("Ended: {end}"),
    "variables": N_("Answers at the end: {values}"),
}
SENTENCES: Mapping[str, str] = {
    "days": N_("{days} d {clock}"),
    "where": N_("“{step}”: {reason}"),
    "nobody": N_("departments on the incident"),
    "empty": N_("(empty)"),
    "unknown": N_("(unknown)"),
    "named": N_("{name}: {answer}"),
}


@dataclass(frozen=True)
class TranscriptLine:
    """An entry as displayed: time, text and details; `look` is good, bad, warn, live or quiet."""

    at: timedelta
    look: str
    icon: str
    text: str
    details: tuple[str, ...]
    step: str
    is_minor: bool = False


class Sentences:
    """Describes a simulation in one language; `departments` are names by the codes that agents may use."""

    def __init__(
        self, study: Study, language: str, translate: Translate, departments: Mapping[str, str] = NOBODY
    ) -> None:
        self._departments = departments
        self._names = study.names
        self._paths = study.paths
        self._language = language
        self._say = translate
        bundle = study.bundle
        self._questions = {
            name: question_of(playbook, variable, language)
            for playbook in (*bundle.called.values(), bundle.main)
            for name, variable in playbook.variables.items()
        }

    def name(self, step: str) -> str:
        """Return the display name of a step."""
        return in_language(self._names.get(step, step), self._language)

    def clock(self, length: timedelta) -> str:
        """Format a duration as a clock: with days before it, and seconds where there are some."""
        minutes, seconds = divmod(length.seconds, 60)
        hours, minutes = divmod(minutes, 60)
        clock = f"{hours:02}:{minutes:02}" + (f":{seconds:02}" if seconds else "")
        return fill(self._say(SENTENCES["days"]), {"days": length.days, "clock": clock}) if length.days else clock

    def lines(self, entries: Iterable[Entry]) -> Iterator[TranscriptLine]:
        """Yield the entries of a play."""
        for entry in entries:
            match entry:
                case WorkRequested():
                    yield self._asked(entry)
                case Answered():
                    yield self._answered(entry)
                case Decided():
                    yield self._decided(entry)
                case Changed():
                    yield self._changed(entry)
                case Remarked():
                    said = sentence_of(entry.code, entry.args, self._say)
                    yield TranscriptLine(entry.at, "quiet", "info-circle", said, (), "", is_minor=True)

    def head(self, code: str, **values: object) -> str:
        """Return a heading, or a sentence about the whole."""
        return fill(self._say(HEADS[code]), values)

    def never(self) -> str:
        """Return the steps that no path enters."""
        return self.head("never", names=[self.name(step) for step in self._paths.never])

    def choice(self, choice: PathChoice) -> str:
        """Return one choice of a path."""
        said = fill(self._say(CHOICES[choice.kind]), {"step": self.name(choice.step)})
        values = self.values(choice.values)
        return f"{said}: {values}" if values else said

    def end(self, end: End, is_cut: bool = False) -> str:
        """Return how a run ended."""
        if is_cut:
            return self._say(ENDS["cut"])
        if end.state == "succeeded":
            return self._say(ENDS["succeeded"])
        if end.handler_step:
            return fill(self._say(ENDS["not_handled"]), {"step": self.name(end.handler_step)})
        return self._say(ENDS["handled" if end.is_handled else "failed"])

    def where(self, end: End) -> str:
        """Return where and why a run failed, nothing for one that did not."""
        if not end.step:
            return reason(end.reason, self._say)
        why = reason(end.reason, self._say)
        return fill(self._say(SENTENCES["where"]), {"step": self.name(end.step), "reason": why})

    def values(self, values: Mapping[str, Any]) -> str:
        """Return values of variables as the questions that people see, with their answers."""
        return "; ".join(self._asked_and_answered(name, value) for name, value in values.items())

    def _asked_and_answered(self, name: str, value: Any) -> str:
        question, answer = self.question(name), self._value(name, value)
        if question.endswith(("?", "？")):
            return f"{question} {answer}"
        return fill(self._say(SENTENCES["named"]), {"name": question, "answer": answer})

    def question(self, name: str) -> str:
        """Return the question for a variable; its name as words when it has no description."""
        found = self._questions.get(name)
        return (found.label if found else "") or name.strip("_").replace("_", " ")

    def _value(self, name: str, value: Any) -> str:
        if value is None or value == "":
            return self._say(SENTENCES["unknown" if value is None else "empty"])
        text, question = as_text(value), self._questions.get(name)
        if question is not None and question.kind == "truth" and text in TRUTHS:
            return self._say(TRUTHS[text])
        shown = {choice.value: choice.shown for choice in question.choices} if question else {}
        text = shown.get(text, text)
        return text if len(text) <= 80 else f"{text[:80]}…"

    def _asked(self, entry: WorkRequested) -> TranscriptLine:
        called = [in_language(self._departments.get(one, one), self._language) for one in entry.who]
        who = ", ".join(called) or self._say(SENTENCES["nobody"])
        title = in_language(entry.title, self._language)
        code = "ordered" if entry.is_machine else "asked"
        text = fill(self._say(ENTRIES[code]), {"who": who, "title": title, "kind": entry.kind})
        details = []
        if entry.due is not None:
            details.append(fill(self._say(DETAILS["due"]), {"due": self.clock(entry.due)}))
        if entry.is_filing:
            details.append(self._say(DETAILS["filing"]))
        if entry.wanted:
            names = "; ".join(map(self.question, entry.wanted))
            details.append(fill(self._say(DETAILS["wanted"]), {"names": names}))
        details.append(self._silence(entry.silence))
        icon = "settings" if entry.is_machine else "user"
        return TranscriptLine(entry.at, "live", icon, text, tuple(details), entry.step)

    def _silence(self, silence: Silence) -> str:
        code = "run_failed" if silence.lead == "failed" else silence.lead
        return fill(self._say(DETAILS[code]), {"step": self.name(silence.step)})

    def _answered(self, entry: Answered) -> TranscriptLine:
        look, icon = _OUTCOMES[entry.outcome]
        details = [values] if (values := self.values(entry.values)) else []
        details += [self._say(DETAILS["drawn"])] if entry.source == "drawn" else []
        text = fill(self._say(ENTRIES[entry.outcome]), {"step": self.name(entry.step)})
        return TranscriptLine(entry.at, look, icon, text, tuple(details), entry.step)

    def _decided(self, entry: Decided) -> TranscriptLine:
        way = self._say(BRANCHES[entry.way]) if entry.way in BRANCHES else self._case(entry)
        code = "decided" if entry.way else "no_way"
        text = fill(self._say(ENTRIES[code]), {"step": self.name(entry.step), "way": way})
        return TranscriptLine(entry.at, "quiet", "git-branch", text, (self.values(entry.values),), entry.step)

    def _case(self, entry: Decided) -> str:
        """Return the case of a switch as people see it."""
        choices = (one for name in entry.values if name in self._questions for one in self._questions[name].choices)
        return next((one.shown for one in choices if one.value == entry.way), entry.way)

    def _changed(self, entry: Changed) -> TranscriptLine:
        why = reason(entry.reason, self._say)
        text = fill(self._say(ENTRIES[f"step_{entry.state}"]), {"step": self.name(entry.step), "reason": why})
        look, icon = _CHANGES[entry.state]
        return TranscriptLine(entry.at, look, icon, text, (), entry.step, is_minor=entry.state == "cancelled")


_OUTCOMES = {"succeeded": ("good", "check"), "failed": ("bad", "x"), "not_applicable": ("quiet", "ban")}
_CHANGES = {
    "failed": ("bad", "alert-circle"),
    "timed_out": ("warn", "clock"),
    "cancelled": ("quiet", "x"),
    "scheduled": ("quiet", "hourglass"),
}
