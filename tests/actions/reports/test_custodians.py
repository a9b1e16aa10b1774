"""Protected contacts: a ceremony, shares of several custodians, and changes of the set."""

import datetime as dt
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from incident import custodian_key
from incident.actions.directory.members import NamedMember, put_members
from incident.actions.directory.people import add_person
from incident.actions.operations.backup import make_backup
from incident.actions.reports import (
    custodian_approvals,
    custodians,
    custody_rotation,
    identity_refusals,
    identity_requests,
    mailbox,
    passages,
    reports,
)
from incident.actions.reports.identities import seal_contact
from incident.actions.reports.identity_requests import CreatedRequest, LegalReason
from incident.actions.reports.offline_approvals import approve_offline, private_key_of
from incident.actions.reports.passages import ChosenPassage
from incident.actions.reports.report_units import add_report_unit
from incident.actions.reports.sealed_texts import message_text, texts_of
from incident.core.values.faults import RuleError
from incident.custodian_key import BadPaper, WrongPassphrase, open_private_key, paper_of, read_paper
from incident.identity_key import BoxBroken, IdentityKey
from incident.store.db.database import db
from incident.store.journal.journal import Entry
from incident.store.reports.custodians import Custodian, CustodianSet, IdentityShare, current_set
from incident.store.reports.identities import ReportIdentity
from incident.store.reports.identity_requests import IdentityBox, IdentityRequest
from incident.store.reports.report_messages import messages_of_report
from incident.store.reports.reports import Report
from tests.actions.reports.test_identity_requests import CONTACT, traces
from tests.world import BY, World, only, rows

NOTICE = dt.timedelta(hours=24)
REQUESTER = "person:77:Li Wei"
NAMES = ("ann", "bob", "cai", "dan")


def passphrase(name: str) -> str:
    return f"{name} keeps seven lamps burning"


@pytest.fixture
def people(world: World, monkeypatch: pytest.MonkeyPatch) -> dict[str, int]:
    """The number of each custodian's person; their keys are derived in no time."""
    monkeypatch.setattr(custodian_key, "MEMORY_KIB", 64)
    monkeypatch.setattr(custodian_key, "PASSES", 1)
    return {name: add_person(name, name, "reader", None, None, "en", BY, world.now).id for name in NAMES}


def actor(people: dict[str, int], name: str) -> str:
    return f"person:{people[name]}:{name}"


def become(world: World, people: dict[str, int], *names: str) -> list[int]:
    """Let people become custodians and open the test seal; return their numbers."""
    found = []
    for name in names:
        made = custodians.add_custodian(people[name], passphrase(name), actor(people, name), world.now)
        custodians.open_test_seal(made.row.id, passphrase(name), actor(people, name), world.now)
        found.append(made.row.id)
    return found


@pytest.fixture
def ceremony(world: World, people: dict[str, int]) -> list[int]:
    """Two of three custodians: ann, bob and cai."""
    found = become(world, people, "ann", "bob", "cai")
    custodians.propose_set(2, found, BY, world.now)
    return found


def seal(world: World, number: int = 1) -> Report:
    key = IdentityKey.load(world.settings.home / "identity.key")
    contact = seal_contact(CONTACT, "protected", None, key, world.now)
    return reports.submit_report(reports.NewReport(text="A bribe"), f"mark {number}", world.now, contact=contact)


@pytest.fixture
def report(world: World, ceremony: list[int]) -> Report:
    return seal(world)


def ask(world: World, report: Report, by: str = REQUESTER, legal: LegalReason | None = None) -> CreatedRequest:
    return identity_requests.request_identity(report.id, "to call back", ["phone"], by, world.now, legal=legal)


def approve(world: World, people: dict[str, int], asked: CreatedRequest, name: str, typed: str = "") -> None:
    by, typed = actor(people, name), typed or passphrase(name)
    custodian_approvals.approve_with_passphrase(asked.row.id, typed, by, NOTICE, world.now)


def read(world: World, asked: CreatedRequest) -> object:
    return identity_requests.read_identity(asked.row.id, asked.secret, asked.row.requested_by, world.now).fields


def refused(use_case: Callable[[], object]) -> str:
    with pytest.raises(RuleError) as raised:
        use_case()
    return raised.value.code


def test_two_custodians_open_exactly_what_was_asked_for_a_day_later(
    world: World, people: dict[str, int], report: Report
) -> None:
    assert report.protection == "protected"
    asked = ask(world, report)
    approve(world, people, asked, "ann")
    assert read(world, asked) is None
    approve(world, people, asked, "cai")
    assert read(world, asked) is None
    [message] = messages_of_report(report.id, world.now)
    assert "电话" in message_text(message)
    world.forward(hours=24)
    assert read(world, asked) == {"phone": CONTACT["phone"]}


def test_one_custodian_alone_or_twice_opens_nothing(world: World, people: dict[str, int], report: Report) -> None:
    asked = ask(world, report)
    approve(world, people, asked, "ann")
    assert refused(lambda: approve(world, people, asked, "ann")) == "identity_request.answered_before"
    world.forward(days=2)
    assert read(world, asked) is None
    assert len(rows(IdentityBox)) == 1


def test_a_request_ends_when_too_few_custodians_are_left_to_approve(
    world: World, people: dict[str, int], report: Report
) -> None:
    asked = ask(world, report)

    def refuse(name: str) -> None:
        identity_refusals.refuse_identity(asked.row.id, "no reason given", actor(people, name), world.now)

    refuse("ann")
    assert only(IdentityRequest).ended_as is None
    assert refused(lambda: approve(world, people, asked, "ann")) == "identity_request.answered_before"
    assert refused(lambda: refuse("dan")) == "identity_request.no_custodian"
    refuse("bob")
    assert only(IdentityRequest).ended_as == "refused"
    assert refused(lambda: approve(world, people, asked, "cai")) == "identity_request.answered"


def test_a_refusal_ends_a_request_of_a_custodian_when_too_few_others_are_left(
    world: World, people: dict[str, int], report: Report
) -> None:
    asked = ask(world, report, actor(people, "ann"))
    identity_refusals.refuse_identity(asked.row.id, "no reason given", actor(people, "bob"), world.now)
    assert only(IdentityRequest).ended_as == "refused"


def test_a_custodian_of_the_department_that_a_report_is_about_answers_nothing(
    world: World, people: dict[str, int], report: Report
) -> None:
    unit = world.department("net")
    put_members(unit.id, [NamedMember("ann", "member")], None, BY, world.now)
    add_report_unit(report.id, unit.id, BY, world.now)
    asked = ask(world, report)
    assert refused(lambda: approve(world, people, asked, "ann")) == "identity_request.no_custodian"
    approve(world, people, asked, "bob")
    approve(world, people, asked, "cai")


def test_who_is_no_custodian_or_types_a_wrong_passphrase_approves_nothing(
    world: World, people: dict[str, int], report: Report
) -> None:
    asked = ask(world, report)
    assert refused(lambda: approve(world, people, asked, "dan")) == "identity_request.no_custodian"
    assert refused(lambda: approve(world, people, asked, "ann", "not this one")) == "custodian.wrong_passphrase"
    key = IdentityKey.load(world.settings.home / "identity.key")
    by = actor(people, "dan")
    sealed = refused(lambda: identity_requests.approve_identity(asked.row.id, by, key, world.now))
    assert sealed == "identity_request.needs_custodians"
    assert rows(IdentityBox) == []


def test_requester_handler_and_custodians_are_different_people(
    world: World, people: dict[str, int], report: Report
) -> None:
    own = ask(world, report, actor(people, "ann"))
    assert refused(lambda: approve(world, people, own, "ann")) == "identity_request.own"
    mailbox.write_as_desk(report.id, "We look at it.", actor(people, "bob"), world.now)
    assert refused(lambda: ask(world, report, actor(people, "bob"))) == "identity_request.by_handler"
    assert refused(lambda: approve(world, people, own, "bob")) == "identity_request.approver_handles"


def test_a_third_approval_is_not_accepted(world: World, people: dict[str, int], report: Report) -> None:
    asked = ask(world, report)
    for name in ("ann", "bob"):
        approve(world, people, asked, name)
    assert refused(lambda: approve(world, people, asked, "cai")) == "identity_request.answered"


def test_a_reason_in_law_opens_at_once_and_the_reporter_is_notified_when_it_ends(
    world: World, people: dict[str, int], report: Report
) -> None:
    reason = LegalReason("danger to others", "No. 7", world.now + dt.timedelta(days=3))
    asked = ask(world, report, legal=reason)
    for name in ("ann", "bob"):
        approve(world, people, asked, name)
    assert read(world, asked) == {"phone": CONTACT["phone"]}
    assert messages_of_report(report.id, world.now) == []
    world.forward(days=3)
    assert len(messages_of_report(report.id, world.now)) == 1


def test_a_share_that_was_made_up_opens_nothing(world: World, people: dict[str, int], report: Report) -> None:
    asked = ask(world, report)
    approve(world, people, asked, "ann")
    by = actor(people, "bob")
    missing = {"name": "AAAA"}
    code = refused(lambda: custodian_approvals.approve_with_shares(asked.row.id, missing, by, NOTICE, world.now))
    assert code == "identity_request.shares_missing"
    custodian_approvals.approve_with_shares(asked.row.id, {"phone": "AAAA"}, by, NOTICE, world.now)
    world.forward(days=1)
    assert refused(lambda: read(world, asked)) == "identity_request.shares_do_not_fit"


def test_a_custodian_approves_offline_with_the_passphrase_or_from_paper(
    world: World, people: dict[str, int], report: Report
) -> None:
    asked = ask(world, report)
    for name, is_paper in (("ann", False), ("bob", True)):
        by = actor(people, name)
        file = custodian_approvals.offline_request(asked.row, by, world.now)
        row = only(Custodian, person_id=people[name])
        paper = paper_of(open_private_key(row.sealed_private_key, row.public_key, passphrase(name)))
        private = private_key_of(file, paper.lower() if is_paper else passphrase(name), is_paper=is_paper)
        shares = approve_offline(file, private)["shares"]
        custodian_approvals.approve_with_shares(asked.row.id, shares, by, NOTICE, world.now)
    world.forward(days=1)
    assert read(world, asked) == {"phone": CONTACT["phone"]}


def test_a_file_for_another_custodian_or_of_another_kind_is_not_approved(
    world: World, people: dict[str, int], report: Report
) -> None:
    asked = ask(world, report)
    ann, bob = (
        custodian_approvals.offline_request(asked.row, actor(people, name), world.now) for name in ("ann", "bob")
    )
    private = private_key_of(ann, passphrase("ann"), is_paper=False)
    with pytest.raises(WrongPassphrase):
        private_key_of(bob, passphrase("ann"), is_paper=False)
    with pytest.raises(BoxBroken):
        approve_offline(bob, private)
    with pytest.raises(ValueError, match="kind"):
        approve_offline(ann | {"type": "x"}, private)
    with pytest.raises(ValueError, match="something else"):
        approve_offline(ann | {"shares": {}}, private)


@pytest.mark.parametrize("typed", ["", "AAAA", "A" * 56, "not a key"])
def test_what_is_no_private_key_on_paper_is_recognized(typed: str) -> None:
    with pytest.raises(BadPaper):
        read_paper(typed)


def test_the_first_set_begins_when_all_its_custodians_have_opened_a_test_seal(
    world: World, people: dict[str, int]
) -> None:
    tested = become(world, people, "ann")
    made = custodians.add_custodian(people["bob"], passphrase("bob"), actor(people, "bob"), world.now)
    custodians.propose_set(2, [*tested, made.row.id], BY, world.now)
    assert current_set() is None
    wrong = refused(lambda: custodians.open_test_seal(made.row.id, "not this one", BY, world.now))
    assert wrong == "custodian.wrong_passphrase"
    custodians.open_test_seal(made.row.id, passphrase("bob"), BY, world.now)
    assert only(CustodianSet).begun_at == world.now


def test_leave_and_overdue_tests_are_counted(world: World, ceremony: list[int]) -> None:
    custodians.set_leave(ceremony[0], BY, world.now, is_away=True)
    now = custodians.current_quorum(world.now)
    assert now is not None
    assert (now.threshold, now.count, now.reachable, now.overdue, now.is_reached) == (2, 3, 2, 0, True)
    later = custodians.current_quorum(world.forward(days=93))
    assert later is not None
    assert later.overdue == 3


@pytest.mark.parametrize(("threshold", "count"), [(1, 3), (3, 2), (2, 1)])
def test_a_set_that_one_alone_could_open_or_nobody_is_refused(
    world: World, people: dict[str, int], threshold: int, count: int
) -> None:
    found = become(world, people, *NAMES[:count])
    assert refused(lambda: custodians.propose_set(threshold, found, BY, world.now)) == "custody.threshold"
    assert refused(lambda: custodians.propose_set(2, [found[0]] * 2, BY, world.now)) == "custody.named_twice"
    assert refused(lambda: custodians.propose_set(2, [98, 99], BY, world.now)) == "custodian.unknown"


def test_two_keys_of_one_person_are_one_custodian(world: World, people: dict[str, int]) -> None:
    found = become(world, people, "ann", "ann")
    assert refused(lambda: custodians.propose_set(2, found, BY, world.now)) == "custody.named_twice"


def test_a_removed_custodian_approves_nothing_while_the_change_goes_on(
    world: World, people: dict[str, int], ceremony: list[int], report: Report
) -> None:
    custodians.propose_set(2, ceremony[1:], BY, world.now)
    custody_rotation.begin_proposed_set(private_keys(people, "ann", "bob"), BY, world.now)
    asked = ask(world, report)
    assert refused(lambda: approve(world, people, asked, "ann")) == "identity_request.no_custodian"


def test_a_short_passphrase_is_refused(world: World, people: dict[str, int]) -> None:
    by = actor(people, "ann")
    assert refused(lambda: custodians.add_custodian(people["ann"], "short", by, world.now)) == "password.short"
    assert refused(lambda: custodians.add_custodian(99, passphrase("ann"), by, world.now)) == "person.unknown"


def private_keys(people: dict[str, int], *names: str) -> custody_rotation.PrivateKeys:
    found = [only(Custodian, person_id=people[name], ended_at=None) for name in names]
    return custody_rotation.keys_by_public(
        [
            open_private_key(one.sealed_private_key, one.public_key, passphrase(name))
            for one, name in zip(found, names, strict=True)
        ]
    )


def rotate(world: World, keys: custody_rotation.PrivateKeys) -> list[int]:
    custody_rotation.begin_proposed_set(keys, BY, world.now)
    return list(custody_rotation.rewrite_identities(keys, BY, world.now))


def test_after_a_change_the_removed_custodian_opens_nothing_and_the_new_one_does(
    world: World, people: dict[str, int], ceremony: list[int], report: Report
) -> None:
    pending = ask(world, report)
    approve(world, people, pending, "ann")
    before = {row.id: row.sealed for row in rows(ReportIdentity)}
    custodians.propose_set(2, [*ceremony[1:], *become(world, people, "dan")], BY, world.now)
    assert rotate(world, private_keys(people, "ann", "bob")) == [3, 2, 1, 0]
    assert {row.id for row in rows(ReportIdentity) if row.sealed != before[row.id]} == set(before)
    assert read(world, pending) is None
    asked = ask(world, report)
    assert refused(lambda: approve(world, people, asked, "ann")) == "identity_request.no_custodian"
    for name in ("bob", "dan"):
        approve(world, people, asked, name)
    world.forward(days=1)
    assert read(world, asked) == {"phone": CONTACT["phone"]}


def test_a_change_needs_as_many_custodians_as_an_opening(
    world: World, people: dict[str, int], ceremony: list[int], report: Report
) -> None:
    custodians.propose_set(2, ceremony[1:], BY, world.now)
    alone = private_keys(people, "ann", "ann")
    assert refused(lambda: rotate(world, alone)) == "custody.too_few"
    assert refused(lambda: rotate(world, {})) == "custody.too_few"
    assert {row.custodian_set for row in rows(ReportIdentity)} == {1}


def test_a_custodian_who_has_not_opened_a_test_seal_joins_no_set(
    world: World, people: dict[str, int], ceremony: list[int]
) -> None:
    made = custodians.add_custodian(people["dan"], passphrase("dan"), actor(people, "dan"), world.now)
    custodians.propose_set(2, [*ceremony, made.row.id], BY, world.now)
    assert refused(lambda: rotate(world, private_keys(people, "ann", "bob"))) == "custody.not_tested"


@pytest.mark.parametrize("step", ["unprotect", "protect", "store_shares", "end_requests_of"])
def test_killed_in_any_step_of_a_change_it_goes_on_where_it_stopped(
    world: World,
    people: dict[str, int],
    ceremony: list[int],
    report: Report,
    monkeypatch: pytest.MonkeyPatch,
    step: str,
) -> None:
    custodians.propose_set(2, ceremony[1:], BY, world.now)
    keys = private_keys(people, "ann", "bob")
    real, count = getattr(custody_rotation, step), iter(range(10))

    def killed(*given: object) -> object:
        if next(count) == 2:
            raise KeyboardInterrupt
        return real(*given)

    with monkeypatch.context() as patched:
        patched.setattr(custody_rotation, step, killed)
        with pytest.raises(KeyboardInterrupt):
            rotate(world, keys)
    assert sorted(row.custodian_set or 0 for row in rows(ReportIdentity)) == [1, 1, 2, 2]
    assert rotate(world, keys) == [1, 0]
    assert len(rows(IdentityShare)) == 8
    asked = ask(world, report)
    for name in ("bob", "cai"):
        approve(world, people, asked, name)
    world.forward(days=1)
    assert read(world, asked) == {"phone": CONTACT["phone"]}


@pytest.mark.parametrize("step", ["approve_in", "box_in", "open_request_in"])
def test_killed_in_any_step_of_an_approval_nothing_is_left(
    world: World, people: dict[str, int], report: Report, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    asked = ask(world, report)
    approve(world, people, asked, "ann")
    real = getattr(custodian_approvals, step)

    def killed(*given: object) -> None:
        real(*given)
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(custodian_approvals, step, killed)
        with pytest.raises(KeyboardInterrupt):
            approve(world, people, asked, "bob")
    assert len(rows(IdentityBox)) == 1
    approve(world, people, asked, "bob")
    world.forward(days=1)
    assert read(world, asked) == {"phone": CONTACT["phone"]}


def test_neither_the_database_nor_a_key_file_tells_who_reported(
    world: World, people: dict[str, int], report: Report, tmp_path: Path
) -> None:
    asked = ask(world, report)
    for name in ("ann", "bob"):
        approve(world, people, asked, name)
    world.forward(days=1)
    assert read(world, asked) == {"phone": CONTACT["phone"]}
    key = IdentityKey.load(world.settings.home / "identity.key")
    for row in rows(ReportIdentity):
        with pytest.raises(BoxBroken):
            key.open(row.sealed, b"{}")
    file = tmp_path / "backup.zip"
    make_backup(file, world.settings.home, None, None, world.now)
    kept = b"".join(path.read_bytes() for path in world.settings.home.rglob("*") if path.is_file())
    with zipfile.ZipFile(file) as backup:
        kept += b"".join(backup.read(name) for name in backup.namelist())
    for secret in (*CONTACT.values(), asked.secret, *map(passphrase, NAMES)):
        assert [one for one in traces(secret) if one in kept] == [], secret
    db.session.rollback()
    assert {"custody.set_begun", "identity.read"} <= {entry.event_type for entry in rows(Entry)}


def test_a_passage_that_is_marked_later_is_split_among_the_custodians_as_the_contact_was(
    world: World, people: dict[str, int], report: Report
) -> None:
    key = IdentityKey.load(world.settings.home / "identity.key")
    done = passages.mark_passage(report.id, ChosenPassage("bribe"), None, key, REQUESTER, world.now)
    row = only(ReportIdentity, field=done.row.field)
    assert row.custodian_set is not None
    assert len(rows(IdentityShare, identity_id=row.id)) == 3
    assert texts_of(only(Report)).text == "A 〔已封存 1〕"
    asked = identity_requests.request_identity(report.id, "to call", ["passage_1"], "person:78:Wu", world.now)
    for name in ("ann", "bob"):
        approve(world, people, asked, name)
    world.now += NOTICE
    assert read(world, asked) == {"passage_1": "bribe"}
