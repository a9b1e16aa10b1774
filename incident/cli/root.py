"""Common code of all commands: the group, the settings, the application, and the output of broken rules."""

import errno
import os
import sys
from collections.abc import Callable, Sequence
from functools import cache
from typing import TYPE_CHECKING, TypeVar

import click

from incident import config

if TYPE_CHECKING:
    from flask import Flask

    from incident.web.instance import Instance

T = TypeVar("T")

UMASK = 0o077
"""Takes from each new file and folder what its group and others could do with it."""

CLI = "cli"
"""The actor of what is done on the command line."""

ROLES = ("administrator", "coordinator", "responder", "department", "reader", "source", "monitor")


class Program(click.Group):
    """The commands; one whose output cannot be written ends with status 1 and a sentence."""

    def invoke(self, ctx: click.Context) -> object:
        """Carry out the command that was typed."""
        try:
            return super().invoke(ctx)
        except OSError as error:
            if error.errno not in (errno.ENOSPC, errno.EDQUOT, errno.EIO) or error.filename is not None:
                raise
            click.echo(f"error: What was to be printed cannot be written: {error.strerror}.", err=True)
            sys.exit(1)


@click.group(cls=Program, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="incident")
def main() -> None:
    """Record security incidents, run playbooks on them, reach the departments responsible."""
    os.umask(UMASK)  # whatever a command makes is for its user alone


def read_settings() -> config.Settings:
    """Read the settings, or end with every fault and its hint."""
    return or_end(config.read)


def or_end(step: Callable[[], T]) -> T:
    """Run a step of the start; if it fails, exit with status 1 and the text of `incident check`."""
    return or_end_unless(lambda _error: False, step)


def or_end_unless(is_mine: Callable[[Exception], bool], step: Callable[[], T]) -> T:
    """Run a step of the start as `or_end` does, and raise the faults that the caller handles."""
    try:
        return step()
    except Exception as error:
        faults = () if is_mine(error) else _faults_of(error)
        if not faults:
            raise
        say_faults(faults)
        sys.exit(1)


def say_faults(faults: Sequence[config.SettingFault]) -> None:
    """Print a fault and its remedy on standard error."""
    for fault in faults:
        click.echo(f"{fault.name}: {fault.what}\n  hint: {fault.hint}", err=True)


def _faults_of(error: Exception) -> Sequence[config.SettingFault]:
    """What is wrong with settings, home or database; nothing for a fault of ours."""
    if isinstance(error, config.SettingsError):
        return error.faults
    from sqlalchemy.exc import SQLAlchemyError

    if not isinstance(error, OSError | SQLAlchemyError):
        return ()
    from incident.jobs.startup.preflight import home_faults
    from incident.jobs.startup.start import fault_of

    return home_faults(config.read().home) or [fault_of(error)]


def make_app(settings: config.Settings | None = None, *, demands_keys: bool = True) -> "Flask":
    """Create the application without API and pages; its database must be current, with its own key ring.

    Args:
        settings: those of the environment when absent.
        demands_keys: whether to exit without the right ring; for commands that neither seal nor open anything.
    """
    from incident.app import create_core, migrate

    given = settings or read_settings()
    app = or_end(lambda: create_core(given, has_clock=True))
    or_end(lambda: migrate(app, demands_keys=demands_keys))
    return app


def instance_of(app: "Flask") -> "Instance":
    """Return the instance of an application."""
    instance: Instance = app.extensions["incident"]
    return instance


def told(use_case: Callable[[], T]) -> T:
    """Run a use case; a broken rule becomes a line on the error output and exit status 2."""
    from incident.core.values.error_messages import say
    from incident.core.values.faults import RuleError

    try:
        return use_case()
    except RuleError as error:
        for fault in error.all:
            place = f"{fault.pointer}: " if fault.pointer else ""
            click.echo(f"error: {place}{say(fault.code, fault.arguments)}", err=True)
        sys.exit(2)


def speech() -> Callable[[str], str]:
    """Return what turns English into the language of the terminal: Chinese where its locale is, else English."""
    return _catalogue(language())


def language() -> str:
    """Return the language of the terminal, as its locale says."""
    spoken = os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG") or ""
    return "zh_Hans_CN" if spoken.startswith("zh") else "en"


@cache
def _catalogue(code: str) -> Callable[[str], str]:
    from incident.formats.messages import load_catalogues

    return load_catalogues()[code].gettext
