"""Departments as authorities: the form of what a department receives reports as, and the words of recipients."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import request, url_for

from incident.actions.directory.departments import change_department
from incident.actions.report_recipients import RecipientDirectory
from incident.core.deadlines.authorities import Resolution, Territory, read_authority
from incident.core.deadlines.regimes import Recipient, Stage
from incident.store.directory.departments import Department
from incident.web import i18n
from incident.web.instance import now
from incident.web.pages.areas import region_words, sector_words
from incident.web.pages.blueprint import pages
from incident.web.pages.directory.departments import show_department
from incident.web.pages.forms import Form, words_of
from incident.web.pages.frame import Page, submit
from incident.web.security import access
from incident.web.security.auth import needs, require_caller


@dataclass(frozen=True)
class RecipientView:
    """A recipient as pages show it: its role, the departments that have it, and where none has."""

    role: str
    departments: Sequence[Department]
    missing: Sequence[str]
    is_ambiguous: bool
    is_asked: bool

    @property
    def names(self) -> Sequence[str]:
        """The names to report to: those of the departments, or the role where there is none."""
        return [i18n.spoken(one.name) for one in self.departments] or [self.role]


@pages.post("/departments/<code>/authority")
@needs("department.write")
def change_authority(code: str) -> Page:
    """Set as what a department receives reports."""
    found = access.visible_department(code)

    def use_case() -> None:
        form = Form()
        version = form.number("version")
        form.finish()
        changes = {"authority": _typed()}
        change_department(found.id, changes, version, require_caller().actor, now())

    return submit(
        use_case,
        lambda: show_department(code),
        lambda: url_for("pages.department", code=code, _anchor="authority"),
        "changed",
    )


def _typed() -> dict[str, Any] | None:
    """Return the chosen roles, sectors and regions; None for a department that is no authority."""
    document: dict[str, Any] = {
        "roles": request.form.getlist("authority_roles"),
        "regions": words_of(request.form.get("authority_regions", "")),
        "sectors": request.form.getlist("authority_sectors")
        + words_of(request.form.get("authority_other_sectors", "")),
    }
    if not document["roles"]:
        return None
    return read_authority({name: values for name, values in document.items() if values}, "/authority").to_json()


def recipient_views(stage: Stage, directory: RecipientDirectory) -> list[RecipientView]:
    """Return the recipients of a stage with the departments that they resolve to."""
    return [_view(one, directory) for one in directory.resolutions(stage)]


def _view(resolution: Resolution, directory: RecipientDirectory) -> RecipientView:
    return RecipientView(
        role=_role_words(resolution.recipient, directory.regions),
        departments=[directory.departments[code] for code in resolution.departments],
        missing=[_place_words(one) for one in resolution.missing],
        is_ambiguous=resolution.is_ambiguous,
        is_asked=resolution.is_asked,
    )


def recipient_words(views: Sequence[RecipientView]) -> str:
    """Return the names of recipients on one line, each department once."""
    comma = i18n.comma()
    return comma.join(dict.fromkeys(name for one in views for name in one.names))


def _role_words(recipient: Recipient, regions: Sequence[str]) -> str:
    is_chinese = i18n.current().startswith("zh")
    comma, language, brackets = ("、", "zh", "（{}）") if is_chinese else (", ", "en", " ({})")
    where = comma.join(map(region_words, regions)) if recipient.is_local else ""
    return recipient.name[language] + (brackets.format(where) if where else "")


def _place_words(place: Territory) -> str:
    """Return the sector and the region of a gap; an empty text for an organisation that names neither."""
    sector = "" if place.sector is None else sector_words(place.sector)
    region = "" if place.region is None else region_words(place.region)
    return " · ".join(filter(None, (sector, region)))
