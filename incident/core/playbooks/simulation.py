"""Simulation of a playbook: reads the given answers, and returns one play and all paths as documents."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final

from incident.core.cacao import Fault, PlaybookBundle, Profile, bundle_faults
from incident.core.cacao.simulation import (
    RESULTS,
    Answers,
    Chance,
    PlannedAnswer,
    RunPath,
    RunPaths,
    Transcript,
    misfits,
    playable,
    simulate,
    strangers,
)
from incident.core.cacao.simulation.transcript import entry_to_json
from incident.core.values.document import Reader, one_of
from incident.core.values.duration import format_duration, parse_duration
from incident.core.values.faults import RuleError, member, raise_all
from incident.core.values.text import require_text

MAX_STEPS: Final = 2_000
MAX_ANSWERS: Final = 100
MAX_AFTER: Final = timedelta(days=3_650)
VALUE_LIMIT: Final = 20_000
MAX_SEED: Final = 2**31 - 1

Json = dict[str, Any]


@dataclass(frozen=True)
class Study:
    """Result of a simulation: one play, every path with its end, and warnings; `names` are step names by key."""

    bundle: PlaybookBundle
    play: Transcript
    paths: RunPaths
    warnings: list[Fault]
    names: Mapping[str, str] = field(default_factory=dict)


def study(bundle: PlaybookBundle, answers: Answers, profile: Profile, chance: Chance, paths: RunPaths) -> Study:
    """Play a playbook once and combine the play with all of its paths.

    Args:
        bundle: the playbook with those that it calls; one that is missing counts as a task.
        answers: the answers given in advance.
        profile: who performs which command.
        chance: chooses all other answers.
        ways: the result of `explore`.

    Raises:
        RuleError: `answer.step_unknown` for each answer to no step, `answer.no_clock` for each step that is answered as
            not applicable although no filing ends it.
        StartRefused: when a value does not fit, or the playbooks do not fit together.
    """
    complete, warnings = playable(bundle)
    unknown = strangers(complete, answers)
    raise_all(RuleError("answer.step_unknown", pointer=member("/answers", name)) for name in unknown)
    misfitting = misfits(complete, answers)
    raise_all(RuleError("answer.no_clock", pointer=member("/answers", name)) for name in misfitting)
    play = simulate(bundle, answers, profile, chance)
    warnings += [fault for fault in bundle_faults(complete) if not fault.is_error]
    return Study(complete, play, paths, warnings, _names_of(complete))


def read_answers(document: object, *, is_silent: bool = False) -> Answers:
    """Read `{"answers": {step: answer}, "variables": {name: value}}`; a document without either is the answers alone.

    An answer is a result, an object `{"result", "after", "variables"}`, or a list of these, one for each visit.

    Raises:
        RuleError: with every fault and its place.
    """
    reader = Reader()
    parts = reader.members(document, "")
    if not parts.keys() & {"answers", "variables"}:
        parts = {"answers": parts}
    parts = reader.members(parts, "", ("answers", "variables"))
    steps = reader.members(parts.get("answers") or {}, "/answers")
    if len(steps) > MAX_STEPS:
        reader.fault("document.too_large", "/answers", most=MAX_STEPS)
    by_step = {name: _answers(reader, one, member("/answers", name)) for name, one in steps.items()}
    values = _values(reader, parts.get("variables"), "/variables")
    reader.finish()
    return Answers({name: found for name, found in by_step.items() if found}, values, is_silent)


def play_document(study: Study) -> Json:
    """Return the play as a document: durations are ISO 8601, `at` counts from the start."""
    play, end = study.play, study.play.end
    entries = []
    for entry in play.entries:
        written = entry_to_json(entry)
        for name in ("at", "due"):
            if written.get(name) is not None:
                written[name] = format_duration(timedelta(seconds=written[name]))
        if "step" in written:
            written["name"] = study.names.get(written["step"], "")
        entries.append(written)
    return {
        "state": end.state,
        "is_handled": end.is_handled,
        "failed_step": end.step or None,
        "reason": end.reason or None,
        "lasted": format_duration(play.lasted),
        "is_cut": play.is_cut,
        "start_variables": dict(play.start_values),
        "variables": dict(play.values),
        "entries": entries,
    }


def paths_document(study: Study) -> Json:
    """Return every path as a document, those that end in workflow_exception or failed first."""
    paths = study.paths
    return {
        "is_whole": paths.is_whole,
        "turns": paths.turns,
        "never_entered": list(paths.never),
        "ends": [_path_document(study, path) for path in paths.paths],
    }


def _path_document(study: Study, path: RunPath) -> Json:
    end = path.end
    return {
        "state": end.state,
        "is_handled": end.is_handled,
        "is_failure": end.is_failure,
        "failed_step": end.step or None,
        "name": study.names.get(end.step) if end.step else None,
        "reason": end.reason or None,
        "handler_failed_step": end.handler_step or None,
        "end_step": end.last or None,
        "variables": dict(path.values),
        "way": [
            {"step": one.step, "name": study.names.get(one.step, ""), "what": one.kind, "values": dict(one.values)}
            for one in path.choices
        ],
    }


def _names_of(bundle: PlaybookBundle) -> dict[str, str]:
    """Return the names of steps by key; those of called playbooks are below each step that calls them."""
    found: dict[str, str] = {}
    waiting = [("", bundle.main)]
    while waiting:
        prefix, playbook = waiting.pop()
        for step in playbook.steps.values():
            found[prefix + step.id] = step.name or step.description or step.id.partition("--")[0]
            called = bundle.key_of(step.playbook_id, step.playbook_version) if step.type == "playbook-action" else None
            if called is not None:
                waiting.append((f"{prefix}{step.id}/", bundle.playbook(called)))
    return found


def _answers(reader: Reader, value: object, pointer: str) -> list[PlannedAnswer]:
    items = reader.items(value, pointer, MAX_ANSWERS) if isinstance(value, list) else [value]
    places = [member(pointer, at) for at in range(len(items))] if isinstance(value, list) else [pointer]
    return [_answer(reader, item, place) for item, place in zip(items, places, strict=True)]


def _answer(reader: Reader, value: object, pointer: str) -> PlannedAnswer:
    if isinstance(value, str):
        value = {"result": value}
    if not isinstance(value, dict):
        reader.fault("answer.malformed", pointer, results=", ".join(RESULTS))
        return PlannedAnswer()
    parts = reader.members(value, pointer, ("result", "after", "variables"))
    result = reader.optional(parts, "result", pointer, one_of(RESULTS)) or "succeeded"
    after = reader.optional(parts, "after", pointer, _after) or timedelta()
    values = _values(reader, parts.get("variables"), member(pointer, "variables"))
    return PlannedAnswer(next(one for one in RESULTS if one == result), after, values)


def _after(value: object, pointer: str) -> timedelta:
    found = parse_duration(value, pointer)
    if found > MAX_AFTER:
        raise RuleError("document.does_not_fit", pointer=pointer)
    return found


def _values(reader: Reader, value: object, pointer: str) -> dict[str, Any]:
    """Read values of variables: JSON numbers and booleans become their text, as in CACAO."""
    found: dict[str, Any] = {}
    for name, given in reader.members(value or {}, pointer).items():
        place = member(pointer, name)
        if isinstance(given, bool):
            found[name] = "true" if given else "false"
        elif isinstance(given, (int, float)):
            found[name] = str(given)
        elif given is None or isinstance(given, dict) or reader.checked(_text, given, place) is not None:
            found[name] = given
    return found


def _text(value: object, pointer: str) -> str:
    if not isinstance(value, str):
        raise RuleError("document.not_a_text", pointer=pointer)
    return require_text(value, VALUE_LIMIT, pointer)
