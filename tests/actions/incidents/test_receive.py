"""Alerts: opened, attached or ignored; two simultaneous alerts open one incident."""

from functools import partial

from incident.actions.directory import departments
from incident.actions.incidents import incidents
from incident.actions.journal.verifying import verify_journal
from incident.core.incidents.indicator import Indicator as Seen
from incident.core.incidents.routing_document import read_rules
from incident.store.incidents.incidents import Alert, Incident, Indicator
from incident.store.journal.journal import Entry
from incident.store.notifications.notices import Notice
from incident.store.playbooks.runs import Run
from tests.core.cacao.build import action, document
from tests.world import BY, World, only, rows

LOOK = document({"look": action("done"), "done": None}, name="Look")


def route(world: World, **outcome: object) -> None:
    book = {"rules": [{"when": {"source": "generic"}, "set": outcome}], "default": {"departments": []}}
    departments.put_rules(read_rules(book), None, BY, world.now)


def test_an_alert_opens_an_incident_as_the_rule_that_matched_says(world: World) -> None:
    world.department("net", [("duty", 1)])
    world.playbook(LOOK)
    route(world, departments=["net"], playbook=LOOK["id"], category="MI", grade=2)
    decided = world.alert(indicators=(Seen("ipv4", "198.51.100.7"),))
    assert (decided.decision, decided.incident, decided.reason) == ("opened", "INC-2026-000001", "new")
    incident = only(Incident)
    assert (incident.grade, incident.category, incident.source, incident.is_unreached) == (2, "MI", "generic", False)
    assert incident.matched is not None
    assert incident.matched["rule"] == 0
    assert (only(Run).incident_id, only(Notice).incident_id, only(Indicator).value) == (1, 1, "198.51.100.7")


def test_an_alert_without_a_matching_rule_opens_an_untold_incident_and_starts_no_run(world: World) -> None:
    world.alert()
    assert only(Incident).is_unreached is True
    assert (rows(Run), rows(Notice)) == ([], [])


def test_a_rule_whose_department_or_playbook_is_not_here_any_more_loses_no_alert(world: World) -> None:
    world.department("net", [("duty", 1)])
    world.playbook(LOOK)
    route(world, departments=["net"], playbook=LOOK["id"])
    from incident.actions.unit_of_work import transaction
    from incident.store.db.database import db
    from incident.store.playbooks.playbooks import Playbook

    with transaction(BY, world.now):
        db.session.delete(db.session.get_one(Playbook, 1))
    assert world.alert().decision == "opened"
    assert rows(Run) == []


def test_the_same_alert_again_joins_its_incident_without_an_entry(world: World) -> None:
    world.alert()
    entries = len(rows(Entry))
    again = world.alert()
    assert (again.decision, again.incident, again.reason) == ("attached", "INC-2026-000001", "repeated")
    assert (len(rows(Entry)), len(rows(Incident)), len(rows(Alert))) == (entries, 1, 2)


def test_an_alert_with_news_adds_an_entry_and_its_indicators_once(world: World) -> None:
    seen = Seen("domain", "evil.test")
    world.alert(indicators=(seen,))
    world.alert(indicators=(seen, Seen("domain", "worse.test")))
    assert [row.value for row in rows(Indicator)] == ["evil.test", "worse.test"]
    assert only(Incident).version == 2
    assert "worse.test" in only(Entry, event_type="alert.attached").detail


def test_a_resolved_alert_adds_an_entry_and_never_closes(world: World) -> None:
    world.alert()
    world.forward(minutes=1)
    decided = world.alert(status="resolved")
    assert (decided.decision, decided.reason) == ("attached", "resolved")
    assert (only(Incident).status, only(Entry, event_type="alert.resolved").incident) == ("new", "INC-2026-000001")


def test_a_resolved_alert_of_no_open_incident_is_ignored_and_says_why(world: World) -> None:
    decided = world.alert(status="resolved")
    assert (decided.decision, decided.incident, decided.reason) == ("ignored", None, "nothing_open")
    assert (rows(Incident), only(Alert).decision) == ([], "ignored")


def test_firing_again_after_closing_opens_a_new_incident_that_names_the_old_one(world: World) -> None:
    world.alert()
    world.close(only(Incident))
    decided = world.alert()
    assert (decided.decision, decided.incident, decided.reason) == ("opened", "INC-2026-000002", "again_after_closing")
    assert rows(Incident)[1].earlier_id == 1
    assert '"earlier":"INC-2026-000001"' in only(Entry, event_type="incident.opened", incident="INC-2026-000002").detail


def test_an_incident_reopened_beside_a_newer_one_leaves_the_alerts_to_that(world: World) -> None:
    world.alert()
    world.close(only(Incident))
    world.alert()
    incidents.reopen_incident(1, None, BY, world.now)
    assert [row.status for row in rows(Incident)] == ["handling", "new"]
    assert world.alert(title="more").incident == "INC-2026-000002"


def test_a_reopened_incident_gets_its_alerts_again(world: World) -> None:
    world.alert()
    world.close(only(Incident))
    incidents.reopen_incident(1, None, BY, world.now)
    assert world.alert(title="more").incident == "INC-2026-000001"


def test_fingerprints_of_two_sources_are_two_things(world: World) -> None:
    world.alert()
    assert world.alert(source="suricata").decision == "opened"
    assert len(rows(Incident)) == 2


def test_the_same_alert_many_times_at_the_same_moment_makes_one_incident(world: World) -> None:
    world.department("net", [("duty", 1)])
    route(world, departments=["net"])
    done = world.at_once(*[world.alert] * 8)
    assert sorted(one.decision for one in done) == ["attached"] * 7 + ["opened"]
    assert {one.incident for one in done} == {only(Incident).number}
    assert (len(rows(Alert)), len(rows(Notice))) == (8, 1)
    assert verify_journal().is_intact


def test_news_that_comes_at_the_same_moment_is_all_kept(world: World) -> None:
    world.alert()
    done = world.at_once(*[partial(world.alert, title=f"news {number}") for number in range(6)])
    assert {one.decision for one in done} == {"attached"}
    assert len(rows(Entry, event_type="alert.attached")) == 6
    assert only(Incident).version == 7


def test_an_alert_that_comes_while_its_incident_is_closed_is_not_lost(world: World) -> None:
    for turn in range(4):
        world.alert(fingerprint=f"f{turn}")
        standing = rows(Incident)[-1]
        decided, closed = world.at_once(
            partial(world.alert, fingerprint=f"f{turn}", title="more"), partial(world.close, standing)
        )
        assert closed.status == "closed"
        if decided.decision == "attached":
            attached = only(Entry, event_type="alert.attached", incident=standing.number)
            assert attached.seq < only(Entry, event_type="incident.closed", incident=standing.number).seq
        else:
            assert (decided.decision, rows(Incident)[-1].earlier_id) == ("opened", standing.id)


def test_reopening_while_the_alert_fires_again_leaves_one_incident_for_its_alerts(world: World) -> None:
    for turn in range(4):
        key = f"f{turn}"
        world.alert(fingerprint=key)
        old = rows(Incident)[-1]
        world.close(old)
        done = world.at_once(
            partial(world.alert, fingerprint=key), partial(incidents.reopen_incident, old.id, None, BY, world.now)
        )
        assert not [one for one in done if isinstance(one, Exception)], done
        holding = [row for row in rows(Incident) if row.alert_key == f"generic:{key}" and row.status != "closed"]
        assert len(holding) == 1
