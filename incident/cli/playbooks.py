"""Playbook commands: lint, add, approve, export."""

import shutil
import sys
import uuid
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

import click

from incident import clock, config
from incident.cli.root import CLI, main, make_app, run_use_case, speech


@main.group()
def playbook() -> None:
    """Playbooks in CACAO 2.0."""


@playbook.command("lint")
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option(
    "--fix",
    "is_fix",
    is_flag=True,
    help="Repair faults that have only one possible fix; keep the original as FILE.orig.",
)
def playbook_lint(files: tuple[Path, ...], is_fix: bool) -> None:
    """Check playbooks and print every fault with its location.

    FILES are JSON or YAML files, or folders of them. Exit status 1 if there is an error.
    """
    from incident.core.cacao.fixing import same_version_fault, same_versions
    from incident.data.reporting_regimes import check_playbook

    read = [(path, *read_playbook(path)) for path in playbook_files(files)]
    same = same_versions([document or {} for _, _, document in read])
    errors = 0
    for index, (path, faults, document) in enumerate(read):
        is_same = index in same
        if is_fix and document is not None:
            document, is_fixed = fix_file(path, document, is_same)
            is_same = is_same and not is_fixed
        faults = faults or check_playbook(document, is_lint=True)
        if is_same:
            faults = [same_version_fault(document, str(read[same[index]][0])), *faults]
        print_groups(path, document, faults)
        found = sum(fault.is_error for fault in faults)
        errors += found
        click.echo(f"{path}: {found} errors, {len(faults) - found} warnings")
    sys.exit(1 if errors else 0)


def fix_file(path: Path, document: dict[str, Any], is_same_version: bool) -> tuple[dict[str, Any], bool]:
    """Repair a file and print each change; return the new document and whether it was changed."""
    from incident.core.cacao.fixing import fix
    from incident.core.cacao.words import sentence_of as words_of

    unsigned = {name: value for name, value in document.items() if name != "signatures"}
    fixed, fixes = fix(unsigned, lambda: str(uuid.uuid4()), clock.now(), is_same_version)
    if fixes and document.get("signatures"):
        click.echo(f"{path}: not changed: a change would invalidate its signatures")
        return document, False
    if not fixes:
        return document, False
    try:
        original = keep_original(path)
        write_playbook(path, fixed)
    except OSError as problem:
        click.echo(f"error: {path} cannot be changed: {problem.strerror}", err=True)
        sys.exit(2)
    for one in fixes:
        click.echo(f"{path}#{one.pointer}: fixed: {words_of(one.code, one.args, speech())}")
    click.echo(f"{path}: {len(fixes)} fixed, the original is {original}")
    return fixed, True


@playbook.command("add")
@click.argument("files", nargs=-1, type=click.Path(exists=True, path_type=Path))
@click.option("--shipped", is_flag=True, help="Also add the playbooks that come with the program.")
def playbook_add(files: tuple[Path, ...], shipped: bool) -> None:
    """Add playbooks to the library.

    FILES are JSON or YAML files, or folders of them. Exit status 1 if one has faults; the others are added.
    """
    from incident.actions.playbooks import playbooks, signatures
    from incident.actions.playbooks.playbook_loader import PlaybookFaults

    paths = [*playbook_files(files), *(shipped_playbooks() if shipped else ())]
    if not paths:
        raise click.UsageError("Give FILES or --shipped.")
    app = make_app()
    failed = False
    with app.app_context():
        for path in paths:
            faults, document = read_playbook(path)
            if not faults:
                try:
                    row = run_use_case(partial(playbooks.add_playbook, document, CLI, clock.now()))
                    click.echo(f"{path}: {row.cacao_id}")
                    for warning in signatures.import_warnings(document, clock.now()):
                        print_fault(path, warning)
                except PlaybookFaults as refused:
                    faults = refused.faults
            for fault in faults:
                print_fault(path, fault)
            failed = failed or bool(faults)
    sys.exit(1 if failed else 0)


@playbook.command("approve")
@click.argument("playbook_id", metavar="ID")
@click.option("--yes", "is_sure", is_flag=True, help="Skip the confirmation prompt.")
def playbook_approve(playbook_id: str, is_sure: bool) -> None:
    """Approve the playbook ID, whose commands run on machines, as the second person.

    All approvals from the command line count as one person.
    """
    from incident.actions.playbooks import approving, playbook_loader
    from incident.actions.playbooks.approval_status import approval_status, machine_commands
    from incident.actions.playbooks.runs import PROFILE
    from incident.store.playbooks.playbooks import current_version

    app = make_app()
    with app.app_context():
        version = current_version(playbook_id)
        if version is None:
            click.echo(f"error: no playbook has the ID {playbook_id}", err=True)
            sys.exit(2)
        bundle = playbook_loader.bundle_for(version)
        status = approval_status(bundle, PROFILE, clock.now())
        for one in machine_commands(bundle, PROFILE):
            click.echo(f"{one.playbook}, {one.step}: {one.kind} to {', '.join(one.goals)}")
            click.echo("".join(f"    {line}\n" for line in one.text.splitlines()), nl=False)
        for given in status.approvals:
            click.echo(f"Approved by {given.approved_by} at {given.approved_at:%Y-%m-%d %H:%M} UTC.")
        if not is_sure:
            click.confirm("Have you read these commands, and do you approve them?", abort=True)
        after = run_use_case(partial(approving.approve_playbook, playbook_id, status.content_hash, CLI, clock.now()))
        click.echo(
            f"Approved. Further approvals needed: {after.missing}."
            if after.missing
            else "Approved. The playbook may be started."
        )


@playbook.command("export")
@click.argument("playbook_id", metavar="ID")
@click.option("--yaml", "is_yaml", is_flag=True, help="Print YAML.")
@click.option("--json", "is_json", is_flag=True, help="Print JSON (default).")
@click.option("--verbatim", is_flag=True, help="Print the playbook without processing summary and execution profile.")
def playbook_export(playbook_id: str, is_yaml: bool, is_json: bool, verbatim: bool) -> None:
    """Print the newest version of the playbook ID, with its processing summary and execution profile."""
    from incident.core.cacao import export, parse, to_json_text, to_yaml_text
    from incident.store.playbooks.playbooks import current_playbook

    if is_yaml and is_json:
        raise click.UsageError("--yaml and --json exclude each other.")
    app = make_app()
    with app.app_context():
        row = current_playbook(playbook_id)
        if row is None:
            click.echo(f"error: no playbook has the ID {playbook_id}", err=True)
            sys.exit(2)
        document = export(parse(row.document, is_checked=True), is_verbatim=verbatim)
    click.echo(to_yaml_text(document) if is_yaml else to_json_text(document), nl=False)


def playbook_files(paths: tuple[Path, ...]) -> list[Path]:
    """Return the given files, and the files in the given folders."""
    found: list[Path] = []
    for path in paths:
        if path.is_dir():
            found += sorted(one for one in path.rglob("*") if one.suffix in {".json", ".yaml", ".yml"})
        else:
            found.append(path)
    return found


def keep_original(path: Path) -> Path:
    """Copy a file within its folder under an unused name, and return that name."""
    names = (path.with_name(f"{path.name}.orig{number or ''}") for number in count())
    original = next(name for name in names if not name.exists())
    shutil.copy2(path, original)
    return original


def write_playbook(path: Path, document: dict[str, Any]) -> None:
    """Write a document to a file atomically."""
    from incident.core.cacao import to_json_text, to_yaml_text

    text = to_json_text(document) if path.suffix == ".json" else to_yaml_text(document)
    beside = path.with_name(f".{path.name}.{uuid.uuid4().hex}")
    beside.write_text(text, "utf-8")
    if path.exists():
        shutil.copymode(path, beside)
    beside.replace(path)


def shipped_playbooks() -> list[Path]:
    """Return the files of the shipped playbooks."""
    return playbook_files((config.shipped("playbooks"),))


def read_playbook(path: Path) -> tuple[list[Any], Any]:
    """Read a file; return the faults that prevent reading, and the document."""
    from incident.core.cacao import load
    from incident.core.cacao.faults import LoadRefused

    try:
        return [], load(path.read_bytes(), "json" if path.suffix == ".json" else "yaml")
    except LoadRefused as refused:
        return list(refused.faults), None


def print_groups(path: Path, document: Any, faults: list[Any]) -> None:
    """Print the root causes of the faults of a file, each with the faults that only follow from it, indented."""
    from incident.core.cacao.diagnosis.names import named_objects
    from incident.core.cacao.diagnosis.root_causes import group_faults

    names = named_objects(document)
    for group in group_faults(document, faults):
        print_fault(path, names.in_fault(group.root))
        if group.followers:
            click.echo(f"    {len(group.followers)} more follow from it:")
        for fault in group.followers:
            print_fault(path, names.in_fault(fault), "    ")


def print_fault(path: Path, fault: Any, margin: str = "") -> None:
    """Print a fault with its location, clause and hint, in the language of the terminal."""
    from incident.core.cacao.words import said

    text, hint = said(fault, speech())
    clause = f" ({fault.clause})" if fault.clause else ""
    click.echo(f"{margin}{path}#{fault.pointer}: {fault.severity} {fault.code}: {text}{clause}")
    if hint:
        click.echo(f"{margin}    {hint}")
