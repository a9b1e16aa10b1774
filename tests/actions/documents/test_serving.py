"""Service of documents on each database: attempts, the state that follows, terms, proofs of service."""

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest

from incident.actions.documents import sign_offs
from incident.actions.documents.series_settings import put_series
from incident.actions.documents.serving import draft_receipt, record_service
from incident.actions.merges.merge_incidents import MergeRequest, merge_incidents
from incident.actions.unit_of_work import transaction
from incident.core.documents.numbering import NumberSeries
from incident.core.documents.ways_of_service import WAY_FACTS, NewService
from incident.core.values.access import Viewer
from incident.core.values.faults import RuleError
from incident.data.document_kinds import shipped_kinds
from incident.store.db.database import db
from incident.store.documents.service_attempts import DocumentService, services_of
from incident.store.incidents.evidence import Evidence
from incident.store.incidents.incidents import Incident
from incident.store.queries.document_list import unserved_documents
from tests.actions.documents.test_documents import FOURTH, REVIEWER, SIGNER, row, take
from tests.actions.documents.test_documents import draft as drafted
from tests.world import BY, World, rows

ORDER = dict.fromkeys(("issuer", "addressee", "facts", "law", "basis", "requirements", "due", "remedies"), "甲")
BOSS = Viewer("coordinator", frozenset(), 1)


def sealed(world: World, incident: Incident | None = None, kind: str = "rectification-order") -> int:
    """A sealed order to rectify, which must be served."""
    put_series([NumberSeries(one, "X网信") for one in ("rectification", "report")], BY, world.now)
    more: dict[str, Any] = {"words": ORDER} if kind == "rectification-order" else {}
    its = incident or world.open(detected_at=world.now)
    document_id = drafted(world, its, kind=kind, **more)
    sign_offs.submit_draft(document_id, BY, world.now)
    take(world, document_id, "review", REVIEWER)
    if kind == "rectification-order":
        take(world, document_id, "legal_review", FOURTH)
    take(world, document_id, "sign", SIGNER)
    take(world, document_id, "seal", SIGNER)
    return document_id


def attempt(world: World, **more: object) -> NewService:
    """An attempt to serve a party in person, now."""
    return replace(NewService("in_person", "Y公司", world.now), **more)  # type: ignore[arg-type]


def serve(world: World, document_id: int, **more: object) -> DocumentService:
    """Record an attempt."""
    return record_service(document_id, attempt(world, **more), world.zone, BY, world.now)


def unserved(world: World) -> list[int]:
    """The documents that are not served, the oldest first."""
    found = [one.id for one, _its, _since in unserved_documents(BOSS, None, 10)]
    for last, _its, since in unserved_documents(BOSS, None, 1):
        assert [one.id for one, *_ in unserved_documents(BOSS, (since, last.id), 9)] == found[1:]
    return found


def test_an_order_waits_from_its_seal_until_it_is_served_and_only_then_is_archived(world: World) -> None:
    first = sealed(world)
    world.forward(hours=1)
    second = sealed(world)
    assert unserved(world) == [first, second]
    with pytest.raises(RuleError, match="is_unserved"):
        sign_offs.archive_official_document(first, SIGNER, world.now)
    serve(world, first)
    assert (row(first).state, row(first).unserved_at) == ("served", None)
    assert unserved(world) == [second]
    assert sign_offs.archive_official_document(first, SIGNER, world.now).state == "archived"
    with pytest.raises(RuleError, match="is_archived"):
        serve(world, first)


def test_a_serving_that_bounces_is_recorded_and_the_document_stays_unserved_with_its_age(world: World) -> None:
    document_id = sealed(world)
    since = row(document_id).unserved_at
    world.forward(days=3)
    serve(world, document_id, way="post", is_served=False, reason="returned to sender")
    assert (row(document_id).state, row(document_id).unserved_at) == ("sealed", since)
    world.forward(days=1)
    serve(world, document_id)
    assert row(document_id).state == "served"
    assert [(one.is_served, one.reason) for one in services_of(document_id)] == [
        (False, "returned to sender"),
        (True, None),
    ]


def test_one_party_that_is_not_reached_makes_a_served_document_unserved_until_it_is(world: World) -> None:
    document_id = sealed(world)
    serve(world, document_id, to="A")
    world.forward(hours=1)
    serve(world, document_id, to="B", is_served=False, reason="moved")
    assert (row(document_id).state, row(document_id).unserved_at) == ("sealed", world.now)
    serve(world, document_id, to="B", way="publication")
    assert (row(document_id).state, unserved(world)) == ("served", [])


def test_what_need_not_be_served_is_archived_without_and_waits_only_after_it_bounced(world: World) -> None:
    first, second = sealed(world, kind="request-for-instructions"), sealed(world, kind="request-for-instructions")
    assert unserved(world) == []
    assert sign_offs.archive_official_document(first, SIGNER, world.now).state == "archived"
    serve(world, second, way="channel", is_served=False, reason="refused by the exchange")
    assert unserved(world) == [second]
    sign_offs.void_official_document(second, "withdrawn", SIGNER, world.now)
    assert unserved(world) == []


def test_a_draft_is_not_served(world: World) -> None:
    document_id = drafted(world)
    with pytest.raises(RuleError, match="is_draft"):
        serve(world, document_id)
    assert rows(DocumentService) == []


def test_a_document_that_was_left_needs_a_photo_of_its_own_incident(world: World) -> None:
    incident = world.open(detected_at=world.now)
    document_id = sealed(world, incident)
    left = {"way": "left", "reason": "refused", "witness": "Qian"}
    with pytest.raises(RuleError, match="left_without_picture"):
        serve(world, document_id, **left)
    photo, elsewhere = picture(world, incident), picture(world, world.open())
    with pytest.raises(RuleError) as fault:
        serve(world, document_id, **left, evidence=(photo, elsewhere, 10**6))
    assert [one.pointer for one in fault.value.all] == ["/evidence/1", "/evidence/2"]
    assert [one["id"] for one in serve(world, document_id, **left, evidence=(photo,)).evidence] == [photo]


def picture(world: World, incident: Incident) -> int:
    """A photo that is kept as evidence of an incident."""
    with transaction(BY, world.now) as uow:
        row = uow.add(
            Evidence(
                incident_id=incident.id,
                name="door.jpg",
                size=1,
                received=1,
                state="stored",
                media_type="image/jpeg",
                sha256=f"{incident.id:064}",
                is_in_folder=False,
                uploader="person:1",
                uploaded_by=BY,
                begun_at=world.now,
                changed_at=world.now,
            )
        )
    return row.id


def test_a_term_is_counted_from_the_day_after_service_and_ends_with_a_day_that_is_worked(world: World) -> None:
    document_id = sealed(world)  # Monday 2 March 2026
    service = serve(world, document_id, term_days=12)
    assert service.due_at is not None
    ended = dt.datetime(2026, 3, 17, tzinfo=world.zone)  # the 14th is a Saturday: until the end of Monday
    assert service.due_at == ended
    failed = serve(world, document_id, to="B", is_served=False, reason="moved", term_days=12)
    assert (failed.due_at, failed.term_days) == (None, None)


def test_the_proof_of_service_is_drafted_once_and_filled_in(world: World) -> None:
    document_id = sealed(world)
    failed = serve(world, document_id, is_served=False, reason="moved")
    with pytest.raises(RuleError, match=r"document_service\.not_served"):
        draft_receipt(failed.id, world.zone, BY, world.now)
    service = serve(world, document_id, place="X路1号")
    receipt = draft_receipt(service.id, world.zone, BY, world.now)
    words = row(receipt.id).words
    assert (receipt.kind, words["served_number"], words["party"]) == (
        "service-receipt",
        row(document_id).number,
        "Y公司",
    )
    assert (words["way"], words["place"], words["issuer"]) == ("直接送达", "X路1号", "甲")
    sign_offs.submit_draft(receipt.id, BY, world.now)
    assert row(receipt.id).state == "in_review"
    with pytest.raises(RuleError, match=r"document_service\.has_receipt"):
        draft_receipt(service.id, world.zone, BY, world.now)


def test_each_way_fills_a_choice_of_the_proof_of_service() -> None:
    field = shipped_kinds()["service-receipt"].field("way")
    assert field is not None
    assert set(WAY_FACTS.values()) <= set(field.choices)


def test_two_who_serve_at_once_are_both_recorded(world: World) -> None:
    document_id = sealed(world)
    done = world.at_once(
        lambda: serve(world, document_id, to="A"),
        lambda: serve(world, document_id, to="B", is_served=False, reason="moved"),
    )
    assert not [one for one in done if isinstance(one, Exception)], done
    assert len(services_of(document_id)) == 2
    assert row(document_id).state == "sealed"


def test_files_that_a_merge_moved_prove_a_service_of_the_document_of_the_duplicate(world: World) -> None:
    duplicate, survivor, other = world.open(detected_at=world.now), world.open(), world.open()
    document_id, photo = sealed(world, duplicate), picture(world, duplicate)
    merge_incidents(MergeRequest(duplicate.id, survivor.id, "the same mail"), BY, world.now)
    assert db.session.get_one(Evidence, photo, populate_existing=True).incident_id == survivor.id
    left: dict[str, Any] = {"way": "left", "reason": "refused", "witness": "王五"}
    with pytest.raises(RuleError, match="evidence_unknown"):
        serve(world, document_id, **left, evidence=(picture(world, other),))
    assert [one["id"] for one in serve(world, document_id, **left, evidence=(photo,)).evidence] == [photo]
