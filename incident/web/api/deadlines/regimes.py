"""Reporting regimes, and the profile of the organisation that decides which apply."""

from typing import Any, Final

from flask import Response
from marshmallow import Schema, fields

from incident.actions.deadlines import profiles as use_cases
from incident.actions.report_recipients import RecipientDirectory, recipient_directory
from incident.core.deadlines.regimes import (
    OPERATOR_CLASSES,
    OrganizationProfile,
    Regime,
    Stage,
    regimes_of,
)
from incident.data.reporting_regimes import has_calendar, shipped_regimes
from incident.store.deadlines import profiles
from incident.store.deadlines.figures import confirmed_hashes
from incident.store.deadlines.profiles import ProfileVersion
from incident.web.api import schema_parts
from incident.web.api.arguments import Arguments
from incident.web.api.document_parts import Document, moment
from incident.web.api.endpoint import noun
from incident.web.api.fields import Choice, Items, Text, area
from incident.web.http.conditional import read_version, respond
from incident.web.instance import now
from incident.web.security.auth import needs, require_caller

blueprint = noun("regimes", "What laws ask to be reported within which time, and which of them apply here.")
MAX_AREAS: Final = 50
_BILINGUAL: Final = {"additionalProperties": {"type": "string"}, "example": {"en": "First report", "zh": "首次报告"}}


class AuthorityOut(Schema):
    """A department that a report goes to."""

    code = schema_parts.text()
    name = schema_parts.text()


class PlaceOut(Schema):
    """A sector and a region of the organisation."""

    sector = schema_parts.maybe()
    region = schema_parts.maybe()


class RecipientOut(Schema):
    """An authority, by its role; one that is local is found by the regions of the organisation.

    `departments` are those here that have the role; where there is none, `missing` says for which sector and region.
    """

    role = schema_parts.text(example="provincial_cac")
    name = fields.Dict(required=True, metadata=_BILINGUAL)
    is_local = schema_parts.truth()
    departments = schema_parts.list_of(AuthorityOut)
    missing = schema_parts.list_of(PlaceOut)
    is_ambiguous = schema_parts.truth("more than one department fits equally well")


class StageOut(Schema):
    """One duty of a regime."""

    key = schema_parts.text(example="first")
    title = fields.Dict(required=True, metadata=_BILINGUAL)
    kind = schema_parts.text(enum=["notify", "supplement", "progress", "final", "inform_persons", "upward"])
    hop = schema_parts.number("2 when the recipient reports onward, which is only watched")
    start = schema_parts.text("the event from which it is counted", example="aware")
    due = schema_parts.text("minutes, hours, days, months or working days (BD)", example="PT4H")
    caps = schema_parts.list_of(fields.Dict(), "further limits `{due, start}`; the earliest counts")
    is_target = schema_parts.truth("the law gives no figure; this one is a target")
    to = schema_parts.list_of(RecipientOut)
    evidence = schema_parts.text(
        "where the figure is from",
        enum=["primary", "read", "secondary", "recalled"],
    )
    is_verified = schema_parts.truth("read in the law, or confirmed; others must be checked against the original text")
    note = fields.Dict(required=True, allow_none=True, metadata=_BILINGUAL)


class RegimeOut(Schema):
    """A reporting regime. This is not legal advice."""

    id = schema_parts.text(example="cn-cac-cii")
    title = fields.Dict(required=True, metadata=_BILINGUAL)
    ref = schema_parts.text("the law that it cites")
    trigger = fields.Dict(required=True, metadata=_BILINGUAL)
    content_hash = schema_parts.text("SHA-256 of its data")
    operator_classes = schema_parts.list_of(fields.String(), "classes for which it follows; empty: it is chosen")
    zone = schema_parts.text(example="Asia/Shanghai")
    counting = schema_parts.text(enum=["elapsed", "cn-civil", "eu-1182-71"])
    has_calendar = schema_parts.truth("whether the country's working calendar is known; else Monday to Friday")
    applies_from = schema_parts.maybe("a day")
    status = fields.Dict(required=True, allow_none=True, metadata=_BILINGUAL)
    events = schema_parts.list_of(fields.String(), "events to record for it")
    applies = schema_parts.truth("whether it applies to this organisation")
    stages = schema_parts.list_of(StageOut)


class RegimesOut(Schema):
    """All regimes that are known."""

    items = schema_parts.list_of(RegimeOut)


class ProfileOut(Schema):
    """The profile of the organisation; `applies` are the regimes that follow."""

    operator_class = schema_parts.maybe("null before anybody has entered it", enum=[*OPERATOR_CLASSES, None])
    sectors = schema_parts.list_of(fields.String())
    regions = schema_parts.list_of(fields.String())
    regimes = schema_parts.list_of(fields.String(), "chosen besides those that follow from the class")
    applies = schema_parts.list_of(fields.String(), "ids of all regimes that apply")
    changed_at = schema_parts.maybe_at()
    changed_by = schema_parts.maybe()


class ProfileIn(Arguments):
    """The whole profile. The class of the operator sets the deadlines; regimes add up."""

    operator_class = Choice(OPERATOR_CLASSES, required=True)
    sectors = Items(area("energy"), MAX_AREAS, load_default=list)
    regions = Items(area("330000"), MAX_AREAS, load_default=list)
    regimes = Items(Text(60, is_line=True), MAX_AREAS, load_default=list, metadata={"example": ["cn-pipl-57"]})


@blueprint.route("/regimes", methods=["GET"])
@needs("organization.read")
@blueprint.response(200, RegimesOut)
def list_regimes() -> Response:
    """List the reporting regimes that are known, with the source of each figure. This is not legal advice."""
    present = profiles.latest_profile()
    applying, confirmed, directory = _applying(present), confirmed_hashes(), recipient_directory()
    known = shipped_regimes().values()
    return respond({"items": [regime_document(one, one.id in applying, confirmed, directory) for one in known]})


@blueprint.route("/organization/profile", methods=["GET"])
@needs("organization.read")
@blueprint.response(200, ProfileOut)
def read_profile() -> Response:
    """Read the profile of the organisation."""
    return _respond(profiles.latest_profile())


@blueprint.route("/organization/profile", methods=["PUT"])
@needs("organization.write")
@blueprint.arguments(ProfileIn)
@blueprint.response(200, ProfileOut)
def put_profile(given: dict[str, Any]) -> Response:
    """Replace the profile of the organisation; clocks that run keep the one that they started with."""
    present = profiles.latest_profile()
    version = read_version(0 if present is None else present.id)
    profile = OrganizationProfile(**given)
    return _respond(use_cases.put_profile(profile, require_caller().actor, now(), version))


def _respond(row: ProfileVersion | None) -> Response:
    return respond(profile_document(row), 0 if row is None else row.id)


def _applying(row: ProfileVersion | None) -> list[str]:
    return [] if row is None else [one.id for one in regimes_of(row.profile, shipped_regimes())]


def profile_document(row: ProfileVersion | None) -> Document:
    """Serialize the profile; every member is empty before anybody has entered it."""
    return {
        "operator_class": None if row is None else row.operator_class,
        "sectors": [] if row is None else row.sectors,
        "regions": [] if row is None else row.regions,
        "regimes": [] if row is None else row.regimes,
        "applies": _applying(row),
        "changed_at": None if row is None else moment(row.changed_at),
        "changed_by": None if row is None else row.changed_by,
    }


def regime_document(
    regime: Regime, applies: bool, confirmed: frozenset[str], directory: RecipientDirectory
) -> Document:
    """Serialize a regime; `confirmed` are the SHA-256 of figures that administrators confirmed."""
    return {
        "id": regime.id,
        "title": regime.title,
        "ref": regime.ref,
        "trigger": regime.trigger,
        "content_hash": regime.content_hash,
        "operator_classes": list(regime.operator_classes),
        "zone": regime.zone.key,
        "counting": regime.counting,
        "has_calendar": has_calendar(regime),
        "applies_from": None if regime.applies_from is None else regime.applies_from.isoformat(),
        "status": regime.status,
        "events": list(regime.events),
        "applies": applies,
        "stages": [_stage_document(one, confirmed, directory) for one in regime.stages],
    }


def _stage_document(stage: Stage, confirmed: frozenset[str], directory: RecipientDirectory) -> Document:
    return {
        "key": stage.key,
        "title": stage.title,
        "kind": stage.kind,
        "hop": stage.hop,
        "start": stage.start,
        "due": stage.period.text,
        "caps": [{"due": one.period.text, "start": one.start} for one in stage.caps],
        "is_target": stage.is_target,
        "to": recipient_documents(stage, directory),
        "evidence": stage.evidence,
        "is_verified": stage.is_verified or stage.figure_hash in confirmed,
        "note": stage.note,
    }


def recipient_documents(stage: Stage, directory: RecipientDirectory) -> list[Document]:
    """Serialize the recipients of a stage, with the departments that they resolve to."""
    return [
        {
            "role": one.recipient.role,
            "name": one.recipient.name,
            "is_local": one.recipient.is_local,
            "departments": [{"code": code, "name": directory.departments[code].name} for code in one.departments],
            "missing": [{"sector": place.sector, "region": place.region} for place in one.missing],
            "is_ambiguous": one.is_ambiguous,
        }
        for one in directory.resolutions(stage)
    ]
