"""Insights: count all incidents again."""

import click

from incident.cli.root import CLI, main, make_app, read_settings


@main.group()
def insights() -> None:
    """Figures of past months."""


@insights.command("rebuild")
def insights_rebuild() -> None:
    """Count all incidents again, in the time zone of the organisation. The program may run meanwhile.

    Until it has ended, the pages say that their figures are incomplete. If it is interrupted, the scheduler goes on.
    """
    from incident import clock
    from incident.actions.insights.keeping import rebuild_sums
    from incident.store.queries.insights_history import largest_id

    settings = read_settings()
    app = make_app(settings, demands_keys=False)
    with app.app_context():
        last = largest_id()
        steps = max(1, last // 10)
        shown = 0

        def said(incident_id: int) -> None:
            nonlocal shown
            if incident_id // steps > shown:
                shown = incident_id // steps
                click.echo(f"{100 * incident_id // last} %", err=True)

        rebuild_sums(settings.zone, CLI, clock.now(), said)
        click.echo(f"All incidents are counted in the time zone {settings.zone.key}.")
