"""The check of the journal on its page: ask for it, see its progress and its result, cancel it."""

from dataclasses import dataclass

from flask import url_for

from incident.actions.journal import checking
from incident.core.journal.check import JournalCheck
from incident.store.journal import checks
from incident.web.instance import now
from incident.web.pages.blueprint import pages
from incident.web.pages.frame import Page, redirect_with_flash, render
from incident.web.security.auth import needs, require_caller


@dataclass(frozen=True)
class ShownChecks:
    """The check that runs and the last one that is finished."""

    running: JournalCheck | None
    last: JournalCheck | None


def checks_shown() -> ShownChecks:
    """Return the checks as the page of the journal shows them."""
    return ShownChecks(checks.running_check(), checks.last_check())


@pages.get("/journal/check")
@needs("journal.read")
def journal_check() -> Page:
    """Return the state of the check, for the page that shows it."""
    return render("journal/check.html", check=checks_shown())


@pages.post("/journal/check")
@needs("journal.check")
def request_journal_check() -> Page:
    """Ask for a check of the whole journal."""
    checking.request_check(require_caller().actor, now())
    return redirect_with_flash(url_for("pages.journal"), "check_asked")


@pages.post("/journal/check/cancel")
@needs("journal.check")
def cancel_journal_check() -> Page:
    """Cancel the check that runs."""
    checking.cancel_check(require_caller().actor, now())
    return redirect_with_flash(url_for("pages.journal"), "check_cancelled")
