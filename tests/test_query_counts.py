"""The number of statements on the busiest paths, to prevent a query per row."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event

from incident import clock
from incident.actions.delivery import deliver
from incident.actions.directory import departments, people, tokens
from incident.actions.incidents.receive import receive_alerts
from incident.actions.operations import timers
from incident.actions.playbooks import commands
from incident.app import create_app
from incident.core.incidents.alert import Alert
from incident.core.incidents.grouping import StormLimits
from incident.core.incidents.routing_document import read_rules
from incident.core.notifications.message import Accepted
from incident.store.db.database import db
from incident.web.security.auth import SESSION_COOKIE
from tests.core.cacao.build import action, document
from tests.staff import staffed
from tests.world import BY, World

LOOK = document({"look": action("done", timeout=60_000), "done": None}, name="Look")
TURNS = ("BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "SELECT PG_CATALOG", "SHOW ", "NOTIFY")


@contextmanager
def counted() -> Iterator[list[str]]:
    """The statements sent to the database during the block, without transaction control."""
    sent: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if not statement.upper().startswith(TURNS):
            sent.append(statement)

    engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(engine, "before_cursor_execute", note)


def count_of(use_case: Callable[[], object]) -> int:
    """The number of statements of a transaction with warm caches."""
    db.session.remove()
    with counted() as sent:
        use_case()
    return len(sent)


@pytest.fixture
def office(world: World) -> World:
    """A world with a department of two levels and a playbook, in which everything has been done once."""
    world.department("net", [("first", 1), ("second", 2)], waits=[1, 1])
    world.playbook(LOOK)
    world.open("net", playbook=LOOK["id"])
    world.after(minutes=2)
    world.after(minutes=2)
    return world


def test_an_incident_with_its_run_task_timers_notice_and_message_takes_few_statements(office: World) -> None:
    needed = count_of(lambda: office.open("net", playbook=LOOK["id"]))
    assert needed <= 26


def test_an_incident_without_a_playbook_takes_fewer(office: World) -> None:
    assert count_of(lambda: office.open("net")) <= 20


def test_each_further_timer_of_a_batch_costs_a_few_statements(office: World) -> None:
    def fire(count: int) -> int:
        for _ in range(count):
            office.open("net")
        office.forward(minutes=1)
        needed = count_of(lambda: timers.fire_due(office.now))
        office.after(minutes=3)
        return needed

    few, many = fire(2), fire(12)
    assert (many - few) / 10 <= 3


def test_each_further_timer_of_a_run_costs_a_few_statements(office: World) -> None:
    def fire(count: int) -> int:
        for _ in range(count):
            office.open(playbook=LOOK["id"])
        office.forward(minutes=1)
        return count_of(lambda: timers.fire_due(office.now))

    few, many = fire(2), fire(12)
    assert (many - few) / 10 <= 6


def test_a_tick_with_nothing_to_do_takes_a_handful(office: World) -> None:
    office.send()

    def tick() -> None:
        timers.fire_due(office.now)
        deliver.claim_due(office.now, 32, [], office.post)
        commands.claim_commands(office.now, 8, lambda _kind, _order: True)

    assert count_of(tick) <= 6


def test_sending_a_message_takes_few_statements(office: World) -> None:
    office.send()

    def sent(count: int) -> int:
        for _ in range(count):
            office.open("net")

        def send() -> None:
            for sending in deliver.claim_due(office.now, 32, [], office.post):
                deliver.record_results(
                    [deliver.DeliveryResult(sending.delivery_ids, Accepted("200"), 0.0, office.now)], office.now
                )

        return count_of(send)

    one, many = sent(1), sent(11)
    assert (many - one) / 10 <= 10


def test_messages_that_go_together_take_no_more_statements_than_one(office: World) -> None:
    office.send()

    def sent(count: int) -> int:
        for _ in range(count):
            office.open("net")

        def send() -> None:
            begun = deliver.claim_due(office.now, 32, [], office.post)
            ended = [deliver.DeliveryResult(one.delivery_ids, Accepted("200"), 0.0, office.now) for one in begun]
            deliver.record_results(ended, office.now)

        return count_of(send)

    assert sent(2) <= sent(1) + 1 <= 22  # two fill the slots of their contact: one more query looks for others


@pytest.fixture
def reader(office: World) -> FlaskClient:
    """A program that reads, on an application with doors on the same database."""
    token = tokens.make_token("reads", "coordinator", None, BY, office.now).secret
    client = create_app(office.settings, has_clock=True).test_client()
    client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {token}"
    return client


@contextmanager
def counted_at(client: FlaskClient) -> Iterator[list[str]]:
    """The statements of the application that a client speaks to."""
    with client.application.app_context(), counted() as sent:
        yield sent


def needed_for(client: FlaskClient, path: str) -> int:
    """The number of statements of the second identical request."""
    assert client.get(path).status_code == 200
    with counted_at(client) as sent:
        assert client.get(path).status_code == 200
    return len(sent)


def test_a_page_of_incidents_needs_as_many_statements_as_one_incident(office: World, reader: FlaskClient) -> None:
    short = needed_for(reader, "/api/v1/incidents?limit=1")
    for _ in range(24):
        office.open("net", playbook=LOOK["id"])
    assert needed_for(reader, "/api/v1/incidents?limit=25") == short <= 5


def test_one_incident_needs_as_many_statements_however_much_is_on_it(office: World, reader: FlaskClient) -> None:
    small = office.open("net", playbook=LOOK["id"])
    few = needed_for(reader, f"/api/v1/incidents/{small.number}")
    codes = []
    for number in range(8):
        codes.append(f"d{number}")
        office.department(codes[-1], [("duty", 1)])
    large = office.open(*codes, playbook=LOOK["id"])
    assert needed_for(reader, f"/api/v1/incidents/{large.number}") == few <= 14


@pytest.mark.parametrize("path", ["/api/v1/notices", "/api/v1/tasks", "/api/v1/incidents/INC-2026-000001/journal"])
def test_other_lists_need_as_many_statements_however_long_they_are(
    office: World, reader: FlaskClient, path: str
) -> None:
    office.open("net", playbook=LOOK["id"])
    short = needed_for(reader, f"{path}?limit=1")
    for _ in range(9):
        office.open("net", playbook=LOOK["id"])
    assert needed_for(reader, f"{path}?limit=50") <= short + 1 <= 9


@pytest.mark.parametrize("query", ["", "?tab=mine", "?tab=unanswered", "?sort=grade", "?q=scan&tab=open"])
def test_the_page_of_incidents_needs_as_many_statements_however_long_it_is(office: World, query: str) -> None:
    client = create_app(office.settings, has_clock=True).test_client()
    someone = people.add_person("boss", "Boss", "responder", None, None, "en", BY, office.now)
    client.set_cookie(SESSION_COOKIE, people.open_session(someone, clock.now()))
    few = needed_for(client, f"/incidents{query}")
    for _ in range(24):
        office.open("net", playbook=LOOK["id"])
    # a search asks once more where its words are common
    assert needed_for(client, f"/incidents{query}") - ("q=" in query) <= few <= 17


def test_the_list_of_departments_needs_as_many_statements_however_many_there_are(world: World) -> None:
    first = staffed(world, "d0")
    client = create_app(world.settings, has_clock=True).test_client()
    someone = people.add_person("boss", "Boss", "administrator", None, None, "en", BY, world.now)
    client.set_cookie(SESSION_COOKIE, people.open_session(someone, clock.now()))
    few = needed_for(client, "/departments")
    for number in range(1, 9):
        staffed(world, f"d{number}", first.code)
    assert needed_for(client, "/departments") == few <= 17


def test_the_inbox_of_all_departments_needs_as_many_statements_however_much_waits(world: World) -> None:
    staffed(world, "d0")
    world.playbook(LOOK)
    world.open("d0", playbook=LOOK["id"])
    client = create_app(world.settings, has_clock=True).test_client()
    someone = people.add_person("boss", "Boss", "coordinator", None, None, "en", BY, world.now)
    client.set_cookie(SESSION_COOKIE, people.open_session(someone, clock.now()))
    few = needed_for(client, "/inbox")
    for number in range(1, 9):
        staffed(world, f"d{number}")
        world.open(f"d{number}", "d0", playbook=LOOK["id"])
    assert needed_for(client, "/inbox") == few <= 28


def test_the_inbox_of_a_department_needs_as_many_statements_however_much_waits(world: World) -> None:
    staffed(world, "d0")
    world.playbook(LOOK)
    for _ in range(2):
        world.open("d0", playbook=LOOK["id"])
    client = signed_in(world, "department", "d0")
    few = needed_for(client, "/inbox")
    for _ in range(8):
        world.open("d0", playbook=LOOK["id"])
    assert needed_for(client, "/inbox") == few <= 47


@pytest.mark.parametrize(("role", "most"), [("coordinator", 33), ("responder", 34)])
def test_the_page_of_an_incident_needs_as_many_statements_however_much_is_on_it(
    world: World, role: str, most: int
) -> None:
    world.department("d0", [("duty", 1)])
    for number in range(2):
        world.playbook(calling(number))
    world.playbook(LOOK)
    small = world.open("d0", playbook=LOOK["id"])
    client = signed_in(world, role)
    few = needed_for(client, f"/incidents/{small.number}")
    for number in range(2, 8):
        world.playbook(calling(number))
    codes = [world.department(f"d{number}", [("duty", 1)]).code for number in range(1, 8)]
    large = world.open("d0", *codes, playbook=LOOK["id"])
    assert needed_for(client, f"/incidents/{large.number}") == few <= most


def calling(number: int) -> dict[str, Any]:
    """A playbook that calls another one."""
    call = {"type": "playbook-action", "playbook_id": LOOK["id"], "on_completion": "done"}
    named = document({"call": call, "done": None}, name=f"Calls {number}")
    return named | {"id": f"playbook--00000000-0000-4000-8000-{number:012d}"}


def signed_in(world: World, role: str, department: str | None = None) -> FlaskClient:
    """A browser in which a person of a role is signed in."""
    client = create_app(world.settings, has_clock=True).test_client()
    someone = people.add_person("boss", "Boss", role, department, None, "en", BY, world.now)
    client.set_cookie(SESSION_COOKIE, people.open_session(someone, clock.now()))
    return client


@pytest.fixture
def grouping(office: World) -> World:
    """A world whose rule groups alerts of one name, in which each way of an alert was taken once."""
    rule = {"when": {}, "set": {"departments": ["net"]}, "group_by": ["labels.alertname"]}
    departments.put_rules(read_rules({"rules": [rule]}), None, BY, office.now)
    for fingerprint in ("a", "a", "b", "b"):
        receive_one(office, fingerprint)
    return office


def receive_one(world: World, fingerprint: str, name: str = "CpuHigh", **facts: Any) -> None:
    world.alert(fingerprint=fingerprint, labels={"alertname": name}, **facts)


@pytest.mark.parametrize(
    ("alert", "most"),
    [
        ({"fingerprint": "new", "name": "DiskFull"}, 18),
        ({"fingerprint": "a"}, 3),
        ({"fingerprint": "a", "status": "resolved"}, 15),
        ({"fingerprint": "grouped"}, 13),
    ],
    ids=["opens", "repeats", "ends", "is-grouped"],
)
def test_an_alert_takes_few_statements(grouping: World, alert: dict[str, Any], most: int) -> None:
    assert count_of(lambda: receive_one(grouping, **alert)) <= most


def test_an_alert_takes_as_many_statements_however_many_are_in_its_group(grouping: World) -> None:
    few = count_of(lambda: receive_one(grouping, "c"))
    for number in range(40):
        receive_one(grouping, f"many {number}")
    assert count_of(lambda: receive_one(grouping, "d")) <= few


def test_alerts_that_share_a_transaction_share_statements(grouping: World) -> None:
    def received(count: int) -> int:
        alerts = [
            Alert(source="generic", fingerprint=f"{count}-{number}", title=f"Alert {number}") for number in range(count)
        ]
        return count_of(
            lambda: receive_alerts(alerts, "token:1:prometheus", grouping.now, grouping.zone, StormLimits(0))
        )

    assert (received(8) - received(2)) / 6 <= 20
