"""Merging a duplicate: everything goes to the survivor, nothing is lost, and it can be undone."""

import datetime as dt
import json
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from incident.actions.deadlines import clock_events, profiles
from incident.actions.incidents import evidence_custody, incidents, techniques
from incident.actions.incidents import evidence_upload as uploads
from incident.actions.incidents.evidence_bundle import export_evidence
from incident.actions.incidents.evidence_upload import NewUpload
from incident.actions.incidents.evidence_vault import EvidenceVault
from incident.actions.journal.verifying import verify_journal
from incident.actions.merges.merge_incidents import MergeRequest, merge_incidents
from incident.actions.merges.undo_merge import undo_merge
from incident.actions.reports import reports
from incident.certifying import CertificateKey, short_of
from incident.cli import main
from incident.core.deadlines.regimes import OrganizationProfile
from incident.core.incidents.indicator import Indicator as Seen
from incident.core.values.faults import RuleError
from incident.formats.evidence_bundle import write_bundle
from incident.store.db.database import db
from incident.store.deadlines import clock_rows
from incident.store.incidents.evidence import Evidence, evidence_of
from incident.store.incidents.incidents import Alert, Incident, indicators_of
from incident.store.incidents.merges import IncidentMerge
from incident.store.incidents.techniques import techniques_of
from incident.store.journal.journal import Entry
from incident.store.notifications.notices import Notice
from incident.store.queries import search
from incident.store.queries.search_rebuild import rebuild
from incident.store.reports.reports import Report, reports_of
from tests.core.cacao.build import action, document
from tests.world import BY, World, notice_of, only, rows

WANG = "person:2:Wang Fang"
LOOK = document({"look": action("done", timeout=3_600_000), "done": None}, name="Look")


def merge(world: World, duplicate: Incident, survivor: Incident, by: str = BY, **more: Any) -> IncidentMerge:
    return merge_incidents(MergeRequest(duplicate.id, survivor.id, "the same mail", **more), by, world.now)


def code_of(use_case: partial) -> str:
    with pytest.raises(RuleError) as raised:
        use_case()
    return raised.value.code


def state_of(incident: Incident) -> dict[str, Any]:
    """What an incident has, as an undo must restore it."""
    db.session.rollback()
    row = db.session.get_one(Incident, incident.id, populate_existing=True)
    facts = {name: getattr(row, name) for name in ("status", "closed_at", "resolution", "is_unreached", "alert_key")}
    return facts | {
        "alerts": [one.id for one in rows(Alert, incident_id=row.id)],
        "indicators": [(one.kind, one.value) for one in indicators_of(incident.id)],
        "techniques": techniques_of(incident.id),
        "reports": [one.id for one in reports_of(incident.id)],
        "evidence": [one.id for one in evidence_of(incident.id)],
        "clocks": {
            (one.regime, one.stage): (one.state, one.due_at)
            for one in clock_rows.clocks_of(incident.id)
            if one.state not in ("waiting", "not_applicable")
        },
    }


def found(query: str, *, reads_journal: bool = True) -> set[int]:
    condition = search.search_filter(query, reads_journal=reads_journal)
    assert condition is not None
    ids = set(db.session.scalars(db.select(Incident.id).where(condition)))
    db.session.rollback()
    return ids


def upload(world: World, incident: Incident, name: str, content: bytes) -> int:
    vault = EvidenceVault(world.ring)
    row = uploads.begin_upload(incident.id, NewUpload(name, len(content), "person:1"), vault, 100, BY, world.now)
    uploads.add_part(row.id, 0, content, vault, BY, world.now)
    return uploads.complete_upload(row.id, vault, BY, world.now).evidence.id


def aware(world: World, incident: Incident, at: dt.datetime) -> None:
    clock_events.put_awareness(incident.id, at, "Li Wei", "alarm", None, BY, world.now)


@pytest.fixture
def pair(world: World) -> tuple[Incident, Incident]:
    """A survivor, and a duplicate with one of everything; both know one indicator and one file."""
    net = world.department("net", [("duty", 1)], waits=[15])
    survivor = world.open("net", title="Phishing wave", indicators=[Seen("domain", "both.test")])
    upload(world, survivor, "same.txt", b"both")
    world.alert(fingerprint="dup", indicators=(Seen("ipv4", "198.51.100.7"),), title="Odd login")
    duplicate = only(Incident, source="generic")
    duplicate = world.change(
        duplicate,
        title="Strange newsletter",
        departments=["net"],
        indicators=[Seen("domain", "both.test"), Seen("ipv4", "198.51.100.7")],
    )
    report = reports.submit_report(reports.NewReport(text="I got a mail"), "ABCDE", world.now)
    reports.link_report(duplicate.id, report.id, BY, world.now)
    for incident, its in ((survivor, ("T1566",)), (duplicate, ("T1486", "T1566"))):
        for one in its:
            techniques.add_technique(incident.id, one, BY, world.now)
    incidents.add_note(duplicate.id, "seen at the branch office", BY, world.now)
    upload(world, duplicate, "mail.eml", b"mail")
    upload(world, duplicate, "copy.txt", b"both")
    assert notice_of(duplicate, net).state == "open"
    return duplicate, survivor


def test_a_merge_moves_everything_and_closes_the_duplicate_with_its_reason(
    world: World, pair: tuple[Incident, Incident]
) -> None:
    duplicate, survivor = pair
    merge(world, duplicate, survivor)
    left, has = state_of(duplicate), state_of(survivor)
    assert (left["status"], left["resolution"]) == ("closed", "duplicate")
    assert (left["alerts"], left["reports"], left["indicators"]) == ([], [], [])
    assert (left["techniques"], has["techniques"]) == ([], ["T1486", "T1566"])
    assert [one.name for one in rows(Evidence, incident_id=duplicate.id)] == ["copy.txt"]  # the survivor has it
    assert (has["alerts"], has["reports"]) == ([1], [1])
    assert has["indicators"] == [("domain", "both.test"), ("ipv4", "198.51.100.7")]
    assert [one.name for one in rows(Evidence, incident_id=survivor.id)] == ["same.txt", "mail.eml"]
    notice = only(Notice, incident_id=duplicate.id, purpose="handling")
    assert (notice.state, only(Report).state) == ("withdrawn", "accepted")
    away, into = only(Entry, event_type="incident.merged_away"), only(Entry, event_type="incident.merged")
    assert (away.incident, json.loads(away.detail)) == (duplicate.number, {"merge": 1, "reason": "the same mail"})
    assert (into.incident, json.loads(into.detail)["duplicate"]) == (survivor.number, duplicate.number)
    assert verify_journal().fault is None


def test_the_words_of_the_duplicate_find_the_survivor_also_after_changes_and_a_restore(
    world: World, pair: tuple[Incident, Incident]
) -> None:
    duplicate, survivor = pair
    merge(world, duplicate, survivor)
    for _ in range(2):
        for query in ("newsletter", "branch office", duplicate.number, "198.51.100.7", "odd login"):
            assert survivor.id in found(query), query
        world.change(survivor, title="Phishing wave of March")
    rebuild()
    db.session.commit()
    assert found("newsletter") == {duplicate.id, survivor.id}
    assert found("newsletter", reads_journal=False) == {duplicate.id}  # a department may see only one of the two
    undo_merge(1, None, BY, world.now)
    assert found("newsletter") == {duplicate.id}


def test_an_undo_within_a_day_restores_both_exactly(world: World, pair: tuple[Incident, Incident]) -> None:
    duplicate, survivor = pair
    before = state_of(duplicate), state_of(survivor)
    merge(world, duplicate, survivor)
    world.forward(hours=23, minutes=59)
    undone = undo_merge(1, "two waves", BY, world.now)
    assert undo_merge(1, "two waves", BY, world.now).undone_at == undone.undone_at  # a double click
    assert (state_of(duplicate), state_of(survivor)) == before
    notice = only(Notice, incident_id=duplicate.id, purpose="handling")
    assert (notice.state, notice.opened_at) == ("open", world.now)
    assert len(rows(Entry, event_type="incident.merge_undone")) == 2
    merge(world, duplicate, survivor)  # and it may be merged once more
    assert state_of(survivor)["alerts"] == [1]


def test_after_a_day_an_undo_is_refused(world: World, pair: tuple[Incident, Incident]) -> None:
    merge(world, *pair)
    world.forward(hours=24)
    assert code_of(partial(undo_merge, 1, None, BY, world.now)) == "merge.too_late"
    assert code_of(partial(undo_merge, 9, None, BY, world.now)) == "merge.not_found"
    assert state_of(pair[0])["status"] == "closed"


def test_a_double_click_merges_once(world: World, pair: tuple[Incident, Incident]) -> None:
    duplicate, survivor = pair
    asked = MergeRequest(duplicate.id, survivor.id, "the same", duplicate.version + 3)
    first = merge(world, duplicate, survivor, version=rows(Incident, id=duplicate.id)[0].version)
    assert merge_incidents(asked, BY, world.now).id == first.id
    assert len(rows(IncidentMerge)) == len(rows(Entry, event_type="incident.merged")) == 1


def test_a_stale_version_merges_nothing(world: World, pair: tuple[Incident, Incident]) -> None:
    assert code_of(partial(merge, world, *pair, version=1)) == "version.stale"
    assert rows(IncidentMerge) == []


def test_a_live_run_must_end_first(world: World) -> None:
    world.playbook(LOOK)
    duplicate, survivor = world.open(playbook=LOOK["id"]), world.open()
    assert code_of(partial(merge, world, duplicate, survivor)) == "merge.has_live_work"
    assert state_of(duplicate)["status"] == "new"
    world.complete(1)
    merge(world, duplicate, survivor)


def test_what_may_not_be_merged_is_refused(world: World) -> None:
    one, two, three, closed = world.open(), world.open(tlp="red"), world.open(), world.open()
    drill = world.open(speed=60)
    world.close(closed)
    assert code_of(partial(merge, world, one, one)) == "merge.with_itself"
    assert code_of(partial(merge, world, one, closed)) == "merge.survivor_closed"
    assert code_of(partial(merge, world, closed, one)) == "merge.duplicate_closed"
    assert code_of(partial(merge, world, two, one)) == "merge.less_strict"
    assert code_of(partial(merge, world, one, drill)) == "merge.exercise"
    merge(world, one, two)
    assert code_of(partial(merge, world, three, one)) == "merge.survivor_merged"
    assert code_of(partial(merge, world, one, three)) == "merge.duplicate_merged"
    assert code_of(partial(incidents.reopen_incident, one.id, None, BY, world.now)) == "incident.is_merged"


def test_a_chain_of_merges_ends_at_the_last_survivor_and_is_undone_from_its_end(world: World) -> None:
    world.alert(fingerprint="a", indicators=(Seen("ipv4", "198.51.100.7"),))
    first = only(Incident)
    second, third = world.open(title="Second"), world.open(title="Third")
    file = upload(world, first, "a.eml", b"mail")
    before = [state_of(one) for one in (first, second, third)]
    merge(world, first, second)
    merge(world, second, third)
    decided = world.alert(fingerprint="a", labels={"host": "changed"})
    assert (decided.decision, decided.incident) == ("attached", third.number)
    assert {second.id, third.id} <= found("login from two countries")
    assert only(Evidence).incident_id == third.id
    assert code_of(partial(undo_merge, 1, None, BY, world.now)) == "merge.undo_later_first"
    undo_merge(2, None, BY, world.now)
    undo_merge(1, None, BY, world.now)
    after = [state_of(one) for one in (first, second, third)]
    assert after[2].pop("alerts") == [2]  # what came to the survivor since stays there
    before[2].pop("alerts")
    assert after == before
    moves = [one.incident for one in rows(Entry, event_type="evidence.moved")]
    assert moves == [second.number, third.number, second.number, first.number]
    assert rows(Evidence, id=file)[0].incident_id == first.id


def test_two_people_who_merge_each_into_the_other_leave_one_open(world: World) -> None:
    one, two = world.open(), world.open()
    done = world.at_once(partial(merge, world, one, two), partial(merge, world, two, one, WANG))
    refused = [result for result in done if isinstance(result, RuleError)]
    assert [fault.code for fault in refused] == ["merge.survivor_merged"] or [fault.code for fault in refused] == [
        "merge.duplicate_merged"
    ]
    assert sorted(row.status for row in rows(Incident)) == ["closed", "new"]
    assert len(rows(IncidentMerge)) == 1


def test_alerts_of_the_duplicate_that_come_later_go_to_the_survivor(world: World) -> None:
    survivor = world.open(title="Survivor")
    world.alert(fingerprint="dup")
    duplicate = only(Incident, source="generic")
    merge(world, duplicate, survivor)
    again = world.alert(fingerprint="dup", labels={"host": "other"})
    same = world.alert(fingerprint="dup", labels={"host": "other"})
    assert (again.decision, again.incident, same.incident) == ("attached", survivor.number, survivor.number)
    assert len(rows(Incident)) == 2
    world.close(survivor)
    opened = world.alert(fingerprint="dup", labels={"host": "third"})
    newest = only(Incident, number=opened.incident)
    assert (opened.decision, newest.earlier_id) == ("opened", survivor.id)
    undo_merge(1, None, BY, world.now)
    assert state_of(duplicate)["alert_key"] is None  # the new incident has it now
    assert state_of(duplicate)["status"] == "new"


def test_an_earlier_awareness_of_the_duplicate_is_one_of_the_survivor_and_no_clock_ends(world: World) -> None:
    profiles.put_profile(OrganizationProfile("cii"), BY, world.now)
    duplicate, survivor = world.open(), world.open()
    world.forward(hours=1)
    early, late = world.now - dt.timedelta(minutes=30), world.now - dt.timedelta(minutes=10)
    aware(world, duplicate, early)
    aware(world, survivor, late)
    clock_events.add_clock_event(duplicate.id, "paid", late, "wallet", BY, world.now)
    before = state_of(survivor)
    merge(world, duplicate, survivor)
    hour = dt.timedelta(hours=1)
    assert state_of(survivor)["clocks"]["cn-cac-cii", "first"] == ("undetermined", early + hour)
    assert state_of(duplicate)["clocks"]["cn-cac-cii", "first"] == ("undetermined", early + hour)
    assert {one.kind for one in clock_rows.clock_events_of(survivor.id)} == {"aware", "paid"}
    entry = rows(Entry, event_type="incident.awareness_recorded")[-1]
    assert (entry.incident, json.loads(entry.detail)["from"]) == (survivor.number, duplicate.number)
    undo_merge(1, None, BY, world.now)
    assert state_of(survivor) == before
    assert clock_rows.effective_awareness(clock_rows.clock_events_of(survivor.id)).happened_at == late  # type: ignore[union-attr]


def test_a_later_awareness_of_the_duplicate_changes_no_due(world: World) -> None:
    profiles.put_profile(OrganizationProfile("cii"), BY, world.now)
    duplicate, survivor = world.open(), world.open()
    aware(world, survivor, world.now)
    world.forward(minutes=20)
    aware(world, duplicate, world.now)
    before = state_of(survivor)
    merge(world, duplicate, survivor)
    assert state_of(survivor)["clocks"] == before["clocks"]
    assert world.fire() >= 0  # the timers of the duplicate's clocks go on
    world.forward(minutes=31)
    world.fire()
    warned = [one.incident for one in rows(Entry, event_type="clock.warned")]
    assert duplicate.number in warned


def test_the_custody_of_moved_files_is_whole_and_the_bundle_verifies_offline(
    world: World, pair: tuple[Incident, Incident], tmp_path: Path
) -> None:
    duplicate, survivor = pair
    mail = only(Evidence, name="mail.eml").id
    evidence_custody.record_download(mail, WANG, world.now)
    merge(world, duplicate, survivor)
    evidence_custody.release_evidence(mail, WANG, world.now)
    key, vault = CertificateKey.load(tmp_path / "evidence.key"), EvidenceVault(world.ring)
    exported = export_evidence(survivor.id, key, "http://incident.test", BY, world.now)
    its = {one["name"]: one for one in exported.manifest["certificate"]["files"]}
    assert [one["type"] for one in its["mail.eml"]["custody"]] == [
        "evidence.uploaded",
        "evidence.downloaded",
        "evidence.moved",
        "evidence.released",
    ]
    assert its["mail.eml"]["custody"][2]["detail"]["from"] == duplicate.number
    parts = [(its[row.name]["path"], vault.parts(row)) for row in evidence_of(survivor.id)]
    bundle = tmp_path / "bundle.zip"
    bundle.write_bytes(b"".join(write_bundle(exported.manifest, parts, world.now)))
    checked = CliRunner().invoke(main, ["evidence", "verify", str(bundle), "--key", short_of(key.public)])
    assert (checked.exit_code, "genuine and whole" in checked.output) == (0, True)
    undo_merge(1, None, BY, world.now)
    back = export_evidence(duplicate.id, key, "http://incident.test", BY, world.now).manifest["certificate"]["files"]
    assert [one["type"] for one in back[0]["custody"]][-2:] == ["evidence.exported", "evidence.moved"]
    assert verify_journal().fault is None


def test_an_upload_that_is_running_goes_to_the_survivor(world: World) -> None:
    duplicate, survivor, vault = world.open(), world.open(), EvidenceVault(world.ring)
    row = uploads.begin_upload(duplicate.id, NewUpload("a.txt", 4, "person:1"), vault, 100, BY, world.now)
    merge(world, duplicate, survivor)
    uploads.add_part(row.id, 0, b"text", vault, BY, world.now)
    uploads.complete_upload(row.id, vault, BY, world.now)
    assert only(Evidence).incident_id == survivor.id
    assert only(Entry, event_type="evidence.uploaded").incident == survivor.number
