"""Pages of custodians: the key ceremony, the quarterly test, leave, and the set."""

from flask import g, request, url_for

from incident.actions.reports import custodians as use_cases
from incident.core.directory.password import MAX_PASSWORD
from incident.core.reports.custodian_sets import is_test_due
from incident.core.values.access import may
from incident.core.values.faults import RuleError
from incident.data import demonstration
from incident.store.db.database import db
from incident.store.directory.people import Person
from incident.store.reports import custodians as store
from incident.store.reports.custodians import CustodianSet
from incident.web.http.errors import status_of
from incident.web.instance import now
from incident.web.pages.blueprint import pages
from incident.web.pages.forms import Form
from incident.web.pages.frame import Page, render, submit
from incident.web.security.auth import needs, require_caller


@pages.get("/custodians")
@needs("custody.hold")
def custodians_page() -> Page:
    """Show one's own key, and to those who may see them the custodians."""
    return _page()


@pages.post("/custodians")
@needs("custody.hold")
def become_custodian_form() -> Page:
    """Draw one's own key; the page that follows is printed for the envelope, once."""
    asking, typed = require_caller(), request.form.get("passphrase", "")[:MAX_PASSWORD]
    try:
        if typed != request.form.get("again", "")[:MAX_PASSWORD]:
            raise RuleError("custodian.passphrases_differ", pointer="/again")
        made = use_cases.add_custodian(asking.person_id or 0, typed, asking.actor, now())
    except RuleError as fault:
        g.faults = fault.all
        return _page(status_of(fault))
    return render("reports/custodian_paper.html", 201, name=asking.name, number=made.row.id, paper=made.paper)


@pages.post("/custodians/<int(max=2147483647):custodian_id>/test")
@needs("custody.hold")
def test_custodian_form(custodian_id: int) -> Page:
    """Open a test seal with one's own passphrase."""

    def use_case() -> None:
        by = require_caller().actor
        use_cases.require_own_key(custodian_id, by)
        use_cases.open_test_seal(custodian_id, request.form.get("test", "")[:MAX_PASSWORD], by, now())

    return submit(use_case, _page, lambda: url_for("pages.custodians_page"), "custodian_tested")


@pages.post("/custodians/<int(max=2147483647):custodian_id>/leave")
@needs("custody.hold")
def custodian_leave_form(custodian_id: int) -> Page:
    """Say that one is on leave, or back."""

    def use_case() -> None:
        by = require_caller().actor
        use_cases.require_own_key(custodian_id, by)
        use_cases.set_leave(custodian_id, by, now(), is_away=request.form.get("is_away") == "1")

    return submit(use_case, _page, lambda: url_for("pages.custodians_page"), "custodians_saved")


@pages.post("/custodians/threshold")
@needs("custody.write")
def propose_custodians_form() -> Page:
    """Name the custodians and how many are needed."""

    def use_case() -> None:
        form = Form()
        threshold, chosen = form.number("threshold"), form.numbers("custodians")
        if threshold is None and not form.has_fault("threshold"):
            form.faults.append(RuleError("document.missing", pointer="/threshold"))
        version = form.number("version")
        form.finish()
        use_cases.propose_set(threshold or 0, chosen, require_caller().actor, now(), version)

    return submit(use_case, _page, lambda: url_for("pages.custodians_page"), "custodians_saved")


def _page(status: int = 200) -> Page:
    asking = require_caller()
    newest, current = store.newest_set(), store.current_set()
    live = store.live_custodians() if may(asking.viewer.role, "custody.read") else []
    proposed = newest if newest is not None and newest.begun_at is None else None
    return render(
        "reports/custodians.html",
        status,
        passphrase=demonstration()["custodians"]["passphrase"],
        own=store.custodian_of_person(asking.person_id or 0),
        rows=[(one, _name(one.person_id), is_test_due(one.tested_at, now())) for one in live],
        current=_names(current),
        proposed=_names(proposed),
        threshold=None if proposed is None else proposed.threshold,
        quorum=use_cases.current_quorum(now()),
        version=0 if newest is None else newest.id,
        given=request.form,
        chosen=request.form.getlist("custodians"),
    )


def _name(person_id: int) -> str:
    return db.session.get_one(Person, person_id).name


def _names(row: CustodianSet | None) -> list[str]:
    return [] if row is None else [_name(one.person_id) for _, one in store.members_of_set(row.id)]
