"""Playbooks: checked and added."""

import os
import sys
from functools import partial
from pathlib import Path
from typing import Any

import click

from incident import clock, config
from incident.cli.root import CLI, main, make_app, told


@main.group()
def playbook() -> None:
    """CACAO 2.0 playbooks."""


@playbook.command("lint")
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
def playbook_lint(files: tuple[Path, ...]) -> None:
    """Check playbooks (JSON or YAML, or folders of them) and name every fault with its place."""
    from incident.core.cacao import check

    errors = 0
    for path in playbook_files(files):
        faults, document = read_playbook(path)
        faults = faults or check(document)
        for fault in faults:
            print_fault(path, fault)
        found = sum(fault.is_error for fault in faults)
        errors += found
        click.echo(f"{path}: {found} errors, {len(faults) - found} warnings")
    sys.exit(1 if errors else 0)


@playbook.command("add")
@click.argument("files", nargs=-1, type=click.Path(exists=True, path_type=Path))
@click.option("--shipped", is_flag=True, help="Add the playbooks that come with the program.")
def playbook_add(files: tuple[Path, ...], shipped: bool) -> None:
    """Add playbooks (JSON or YAML, or folders of them)."""
    from incident.actions import playbooks
    from incident.actions.library import PlaybookFaults

    paths = [*playbook_files(files), *(shipped_playbooks() if shipped else ())]
    if not paths:
        raise click.UsageError("Name files, or give --shipped.")
    app = make_app()
    failed = False
    with app.app_context():
        for path in paths:
            faults, document = read_playbook(path)
            if not faults:
                try:
                    row = told(partial(playbooks.add_playbook, document, CLI, clock.now()))
                    click.echo(f"{path}: {row.cacao_id}")
                except PlaybookFaults as refused:
                    faults = refused.faults
            for fault in faults:
                print_fault(path, fault)
            failed = failed or bool(faults)
    sys.exit(1 if failed else 0)


def playbook_files(paths: tuple[Path, ...]) -> list[Path]:
    found: list[Path] = []
    for path in paths:
        if path.is_dir():
            found += sorted(one for one in path.rglob("*") if one.suffix in {".json", ".yaml", ".yml"})
        else:
            found.append(path)
    return found


def shipped_playbooks() -> list[Path]:
    return playbook_files((config.shipped("playbooks"),))


def read_playbook(path: Path) -> tuple[list[Any], Any]:
    """Read a file; return the faults that keep it from being read, and the document."""
    from incident.core.cacao import load
    from incident.core.cacao.faults import LoadRefused

    try:
        return [], load(path.read_bytes(), "json" if path.suffix == ".json" else "yaml")
    except LoadRefused as refused:
        return list(refused.faults), None


def print_fault(path: Path, fault: Any) -> None:
    """Print a fault with its place, clause and hint, in the language of the terminal."""
    from incident.core.cacao.words import said
    from incident.formats.messages import load_catalogues

    spoken = os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG") or ""
    language = "zh_Hans_CN" if spoken.startswith("zh") else "en"
    text, hint = said(fault, load_catalogues()[language].gettext)
    clause = f" ({fault.clause})" if fault.clause else ""
    click.echo(f"{path}#{fault.pointer}: {fault.severity} {fault.code}: {text}{clause}")
    if hint:
        click.echo(f"    {hint}")
