"""Simulation of a playbook: one run on a virtual clock, and all possible paths."""

import json
import random
import re
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from incident.cli.playbooks import playbook, playbook_files, print_fault, read_playbook
from incident.cli.root import language, run_use_case, speech

if TYPE_CHECKING:
    from incident.core.cacao import Playbook, PlaybookBundle
    from incident.core.cacao.simulation import Answers, RunPath
    from incident.core.playbooks.simulation import Study
    from incident.core.playbooks.simulation_labels import Sentences

MAX_SEED = 2**31 - 1
MAX_TURNS = 20_000
"""Maximum number of turns of the exploration: takes a few seconds at most."""


@playbook.command("simulate")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--answers",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="File of the simulated answers (JSON or YAML).",
)
@click.option(
    "--with",
    "others",
    multiple=True,
    type=click.Path(exists=True, path_type=Path),
    help="Called playbooks: files or folders. Default: the folder of FILE. Repeatable.",
)
@click.option(
    "--seed",
    type=click.IntRange(0, MAX_SEED),
    default=0,
    show_default=True,
    help="Random seed for outcomes that the answers do not set.",
)
@click.option("--nobody-answers", is_flag=True, help="Leave tasks unanswered that the answers do not name.")
@click.option("--json", "is_json", is_flag=True, help="Print JSON.")
def playbook_simulate(
    file: Path, answers: Path | None, others: tuple[Path, ...], seed: int, nobody_answers: bool, is_json: bool
) -> None:
    """Simulate the playbook FILE on a virtual clock and list every path that fails. Nothing is sent."""
    from incident.core.cacao.faults import StartRefused
    from incident.core.cacao.model import Profile
    from incident.core.cacao.simulation import explore
    from incident.core.cacao.vocabulary import ADDRESSED_COMMANDS
    from incident.core.playbooks.simulation import study

    bundle = _bundle(file, others)
    given = _answers(answers, nobody_answers)
    chance = random.Random(seed)  # noqa: S311 - a play that can be repeated, nothing secret
    try:
        profile = Profile(executors=ADDRESSED_COMMANDS)
        found = run_use_case(lambda: study(bundle, given, profile, chance, explore(bundle, profile, MAX_TURNS)))
    except StartRefused as refused:
        for fault in refused.faults:
            print_fault(file, fault)
        sys.exit(2 if all(fault.code.startswith("value_") for fault in refused.faults) else 1)
    if is_json:
        _print_document(found, seed, nobody_answers)
        return
    for fault in found.warnings:
        print_fault(file, fault)
    for line in _lines(found):
        click.echo(line)


def _bundle(file: Path, others: tuple[Path, ...]) -> "PlaybookBundle":
    """Read a playbook and the ones it calls; exit with status 1 on a fault."""
    from incident.core.cacao import gather

    main = _parsed(file)
    beside = playbook_files(others or (file.parent,)) if main.called_ids else []
    known: dict[str, Playbook] = {}

    def find(playbook_id: str, version: str) -> "Playbook | None":
        if playbook_id not in known:
            known.update((one.id, one) for one in map(_parsed, (path for path in beside if _may_be(path, playbook_id))))
        found = known.get(playbook_id)
        return found if found is not None and version in ("", found.version) else None

    return gather(main, find)


def _may_be(path: Path, playbook_id: str) -> bool:
    """Return whether a file may be the playbook of an id, without parsing it: a folder may hold many."""
    own = rf'(?<!\w)id["\']?\s*:\s*["\']?{re.escape(playbook_id)}(?!\w)'
    return re.search(own, path.read_text("utf-8", "replace")) is not None


def _parsed(path: Path) -> "Playbook":
    from incident.core.cacao import parse
    from incident.data.reporting_regimes import check_playbook

    faults, document = read_playbook(path)
    faults = faults or [fault for fault in check_playbook(document, is_lint=True) if fault.is_error]
    if not faults:
        return parse(document, is_checked=True)
    for fault in faults:
        print_fault(path, fault)
    sys.exit(1)


def _answers(path: Path | None, is_silent: bool) -> "Answers":
    from incident.core.playbooks.simulation import read_answers

    if path is None:
        return read_answers({}, is_silent=is_silent)
    faults, document = read_playbook(path)
    if faults:
        _refuse(path, faults)
    return run_use_case(lambda: read_answers(document, is_silent=is_silent))


def _refuse(path: Path, faults: list[Any]) -> NoReturn:
    for fault in faults:
        print_fault(path, fault)
    sys.exit(2)


def _print_document(found: "Study", seed: int, nobody_answers: bool) -> None:
    from incident.core.playbooks.simulation import paths_document, play_document

    head = {"playbook": found.bundle.main.id, "seed": seed, "nobody_answers": nobody_answers}
    document = head | {"play": play_document(found), "exploration": paths_document(found)}
    click.echo(json.dumps(document, ensure_ascii=False, indent=2))


def _lines(found: "Study") -> Iterator[str]:
    from incident.core.playbooks.simulation_labels import Sentences
    from incident.core.values.bilingual import in_language

    words = Sentences(found, language(), speech())
    yield in_language(found.bundle.main.name, language())
    yield ""
    yield words.head("play")
    yield from _play(found, words)
    yield ""
    yield from _path_lines(found, words)


def _play(found: "Study", words: "Sentences") -> Iterator[str]:
    play = found.play
    if play.start_values:
        yield f"  {words.clock(timedelta()):>10}  {words.values(play.start_values)}"
    for line in words.lines(play.entries):
        yield f"  {words.clock(line.at):>10}  {line.text}"
        if details := "; ".join(filter(None, line.details)):
            yield f"  {'':>10}    {details}"
    end = " → ".join(filter(None, (words.where(play.end), words.end(play.end, play.is_cut))))
    yield f"  {words.clock(play.lasted):>10}  {words.head('ended', end=end)}"
    if play.values:
        yield f"  {'':>10}    {words.head('variables', values=words.values(play.values))}"


def _path_lines(found: "Study", words: "Sentences") -> Iterator[str]:
    paths = found.paths
    if not paths.is_whole:
        yield words.head("too_wide", turns=paths.turns)
    failures = paths.failures
    yield words.head("failures" if failures else "no_failures", count=len(failures), all=len(paths.paths))
    for number, path in enumerate(failures, 1):
        yield from _lines_of_path(number, path, words)
    yield ""
    yield words.head("successes")
    for number, path in enumerate([one for one in paths.paths if not one.end.is_failure], len(failures) + 1):
        yield from _lines_of_path(number, path, words)
    if paths.never:
        yield words.never()


def _lines_of_path(number: int, path: "RunPath", words: "Sentences") -> Iterator[str]:
    yield f"  {number:>3}. " + " → ".join(filter(None, (words.where(path.end), words.end(path.end))))
    for choice in path.choices:
        yield f"         {words.choice(choice)}"
