"""Test alarms to the configured addresses."""

import sys

import click

from incident import clock
from incident.cli.root import main, read_settings


@main.group()
def alarm() -> None:
    """Alarms about system faults (INCIDENT_ALARM_TO)."""


@alarm.command("test")
def test_alarm() -> None:
    """Send a test alarm to every address and print each result.

    Exit status 1 if no address is set or an address does not accept the alarm.
    """
    from incident.app import create_core, watchdog_config
    from incident.core.operations.alarm import test_of

    settings = read_settings()
    if not settings.alarm_to:
        click.echo("error: INCIDENT_ALARM_TO is not set; see docs/settings.md", err=True)
        sys.exit(1)
    now = clock.now()
    tried = watchdog_config(create_core(settings)).alarm_sender.test(test_of(now), now)
    for place, one in enumerate(tried, 1):
        click.echo(f"{place}. {one.kind}: {'accepted' if one.is_taken else 'NOT accepted'} ({one.detail})")
    if not all(one.is_taken for one in tried):
        sys.exit(1)
