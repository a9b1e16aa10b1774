"""Common code of all commands: command group, settings, application, error output."""

import errno
import os
import resource
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
"""File mode mask: new files and folders are accessible to their owner only."""

CLI = "cli"
"""Actor of changes made on the command line."""

ROLES = ("administrator", "coordinator", "responder", "department", "reader", "source", "monitor")


class Program(click.Group):
    """The command group. A command whose output cannot be written exits with status 1 and a message."""

    def invoke(self, ctx: click.Context) -> object:
        """Run the given command."""
        try:
            return super().invoke(ctx)
        except OSError as error:
            if error.errno not in (errno.ENOSPC, errno.EDQUOT, errno.EIO) or error.filename is not None:
                raise
            click.echo(f"error: The output cannot be written: {error.strerror}.", err=True)
            sys.exit(1)


@click.group(cls=Program, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="incident")
def main() -> None:
    """Record security incidents, run playbooks on them, notify the responsible departments.

    Settings come from INCIDENT_... environment variables; `incident check` verifies them.
    """
    os.umask(UMASK)  # files created by a command are for its user only
    # The memory holds keys, and names while they are typed; processes that are forked have the same limit.
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def read_settings() -> config.Settings:
    """Read the settings, or exit with every fault and its hint."""
    return or_end(config.read)


def or_end(step: Callable[[], T]) -> T:
    """Run a start-up step; on failure, exit with status 1 and the same text as `incident check`."""
    return or_end_unless(lambda _error: False, step)


def or_end_unless(is_mine: Callable[[Exception], bool], step: Callable[[], T]) -> T:
    """Run a start-up step like `or_end`, but raise the errors that the caller handles."""
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
    """Return the faults of settings, home or database behind an error; none for a programming error."""
    if isinstance(error, config.SettingsError):
        return error.faults
    from sqlalchemy.exc import SQLAlchemyError

    if not isinstance(error, OSError | SQLAlchemyError):
        return ()
    from incident.jobs.startup.preflight import home_faults
    from incident.jobs.startup.start import fault_of

    return home_faults(config.read().home) or [fault_of(error)]


def make_app(settings: config.Settings | None = None, *, demands_keys: bool = True) -> "Flask":
    """Create the application without API and pages; migrate the database and check its key ring.

    Args:
        settings: default: the settings of the environment.
        demands_keys: whether to exit if the ring does not belong to the database; False for commands that use no keys.
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


def run_use_case(use_case: Callable[[], T]) -> T:
    """Run a use case; a violated rule is printed on standard error and gives exit status 2."""
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
    """Return the translation function of the terminal's language: Chinese for a Chinese locale, else English."""
    return _catalogue(language())


def language() -> str:
    """Return the language of the terminal's locale."""
    locale = os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG") or ""
    return "zh_Hans_CN" if locale.startswith("zh") else "en"


@cache
def _catalogue(code: str) -> Callable[[str], str]:
    from incident.formats.messages import load_catalogues

    return load_catalogues()[code].gettext
