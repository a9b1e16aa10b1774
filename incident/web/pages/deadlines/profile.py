"""The page of the organisation's profile, and of the reporting regimes that follow from it."""

from collections.abc import Mapping, Sequence

from flask import request, url_for

from incident.actions.deadlines import profiles as use_cases
from incident.actions.report_recipients import recipient_directory
from incident.core.deadlines.regimes import OPERATOR_CLASSES, OrganizationProfile, regimes_of
from incident.core.values.affiliation import require_area
from incident.core.values.faults import RuleError
from incident.data.reporting_regimes import has_calendar, shipped_regimes
from incident.store.deadlines import profiles
from incident.store.queries.waiting_gradings import waits_for_grading
from incident.web.instance import now
from incident.web.pages import areas
from incident.web.pages.blueprint import pages
from incident.web.pages.deadlines.authorities import recipient_views
from incident.web.pages.deadlines.clock_words import OPERATOR_WORDS, choices_of, period_words
from incident.web.pages.directory.set_up_next import next_step_url
from incident.web.pages.forms import Form
from incident.web.pages.frame import Page, is_permitted, render, submit
from incident.web.security.auth import needs, require_caller


@pages.get("/organization")
@needs("organization.read")
def organization() -> Page:
    """Show the profile and the regimes."""
    return _show(None)


@pages.post("/organization")
@needs("organization.write")
def put_profile_form() -> Page:
    """Store the profile."""

    def use_case() -> None:
        form = Form()
        kind = form.raw("operator_class")
        if kind not in OPERATOR_CLASSES:
            form.faults.append(RuleError("document.missing", pointer="/operator_class"))
        sectors = request.form.getlist("sectors")
        regions = form.checked("regions", lambda: [require_area(one, "/regions") for one in _lines("regions")]) or []
        form.finish()
        chosen = [one for one in request.form.getlist("regimes") if one in shipped_regimes()]
        profile = OrganizationProfile(kind, sectors, regions, chosen)  # type: ignore[arg-type]
        use_cases.put_profile(profile, require_caller().actor, now(), form.number("version"))

    to = next_step_url if request.form.get("first") else lambda: url_for("pages.organization")
    return submit(use_case, lambda: _show(request.form), to, "changed")


def _lines(name: str) -> Sequence[str]:
    return request.form.get(name, "").replace(",", " ").replace("，", " ").split()


def _show(given: Mapping[str, str] | None) -> Page:
    row = profiles.latest_profile()
    known = shipped_regimes()
    if given is None:
        kind = "" if row is None else row.operator_class
        sectors: Sequence[str] = [] if row is None else row.sectors
        regions = "" if row is None else "\n".join(row.regions)
        chosen: Sequence[str] = [] if row is None else row.regimes
    else:
        kind, sectors, regions = given.get("operator_class", ""), request.form.getlist("sectors"), given["regions"]
        chosen = request.form.getlist("regimes")
    directory = recipient_directory()
    return render(
        "deadlines/profile.html",
        applying=[] if row is None else regimes_of(row.profile, known),
        can_change=is_permitted("organization.write"),
        chosen=chosen,
        classes=choices_of(OPERATOR_WORDS),
        has_calendar=has_calendar,
        is_waiting=waits_for_grading(),
        kind=kind,
        period_words=period_words,
        optional=[one for one in known.values() if not one.operator_classes],
        recipients=lambda stage: recipient_views(stage, directory),
        regions=regions,
        row=row,
        sectors=areas.sector_choices(),
        sectors_chosen=sectors,
    )
