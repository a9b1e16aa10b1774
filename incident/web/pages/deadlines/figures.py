"""The page on which administrators check figures of rules against the text that they come from."""

from collections.abc import Callable, Mapping
from itertools import groupby

from flask import request, url_for

from incident.actions.deadlines import figures as use_cases
from incident.core.incidents.incident import REASON_LIMIT
from incident.store.deadlines.figures import figure_confirmations
from incident.web.instance import now
from incident.web.pages.blueprint import pages
from incident.web.pages.deadlines.clock_words import EVIDENCE_WORDS, choices_of, period_words
from incident.web.pages.forms import Form
from incident.web.pages.frame import Page, is_permitted, render, submit
from incident.web.security.auth import needs, require_caller

FIGURE = "/figures/<source>/<cell>"


@pages.get("/figures")
@needs("organization.read")
def figure_list() -> Page:
    """Show the figures that were not read in the rule itself, with their confirmations."""
    return _show({})


@pages.post(f"{FIGURE}/confirm")
@needs("organization.write")
def confirm_figure_form(source: str, cell: str) -> Page:
    """Confirm a figure after reading it in its source."""

    def use_case() -> None:
        form = Form()
        read_in = form.needed("read_in", use_cases.READ_IN_LIMIT)
        form.finish()
        use_cases.confirm_figure(source, cell, form.raw("figure_hash"), read_in, require_caller().actor, now())

    return _submit(use_case, "figure_confirmed", source)


@pages.post(f"{FIGURE}/withdraw")
@needs("organization.write")
def withdraw_confirmation_form(source: str, cell: str) -> Page:
    """Withdraw the confirmation of a figure."""

    def use_case() -> None:
        form = Form()
        reason = form.needed("reason", REASON_LIMIT)
        form.finish()
        use_cases.withdraw_confirmation(source, cell, reason, require_caller().actor, now())

    return _submit(use_case, "figure_withdrawn", source)


def _submit(use_case: Callable[[], None], said: str, source: str) -> Page:
    return submit(
        use_case,
        lambda: _show(request.form),
        lambda: url_for("pages.figure_list", _anchor=source),
        said,
    )


def _show(given: Mapping[str, str]) -> Page:
    figures = use_cases.figures_to_check()
    return render(
        "deadlines/figures.html",
        can_change=is_permitted("organization.write"),
        confirmed={one.figure_hash: one for one in figure_confirmations()},
        evidence_words=dict(choices_of(EVIDENCE_WORDS)),
        given=given,
        period_words=period_words,
        sources=[list(one) for _, one in groupby(figures, lambda figure: figure.source)],
    )
