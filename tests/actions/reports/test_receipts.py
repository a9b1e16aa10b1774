"""Receipts of 16 digits: how they are kept, found and deleted."""

import datetime as dt
import json

import pytest

from incident.actions.operations import housekeeping, keys
from incident.actions.reports import mailbox, receipts, reports
from incident.actions.reports.public_request import PublicRequest
from incident.actions.reports.sealed_texts import message_text
from incident.actions.unit_of_work import IdempotencyKeyReused, ResponseReplay, StoredResponse, transaction
from incident.core.values.faults import RuleError
from incident.receipt_hashing import ReceiptHasher
from incident.store.db.database import db
from incident.store.journal.journal import Entry
from incident.store.operations.instance import InstanceSetting
from incident.store.reports.public_answers import PublicAnswer
from incident.store.reports.report_messages import ReportMessage
from incident.store.reports.reports import Report
from tests.world import BY, World, only, rows

DIGITS = "4071223398150042"
HASHER = ReceiptHasher(wait_limit=60)


def submit(world: World, digits: str = DIGITS, once: PublicRequest | None = None) -> Report:
    mark = receipts.mark_new_receipt(digits, world.ring, HASHER, world.now)
    return reports.submit_report(reports.NewReport(text="a bank that is none"), mark, world.now, once)


def find(world: World, typed: str) -> Report:
    return receipts.report_of_receipt(typed, world.ring, HASHER, world.now)


@pytest.fixture
def report(world: World) -> Report:
    return submit(world)


def test_receipts_are_sixteen_random_digits() -> None:
    drawn = {receipts.new_receipt() for _ in range(50)}
    assert len(drawn) == 50
    assert all(len(one) == 16 and one.isdigit() for one in drawn)


def test_a_report_is_found_by_its_receipt_and_nothing_kept_contains_it(world: World, report: Report) -> None:
    assert find(world, " 4071-2233 9815 0042").id == report.id
    kept = json.dumps([[str(value) for value in vars(row).values()] for row in [*rows(Report), *rows(Entry)]])
    assert DIGITS not in kept
    assert str(only(Report).receipt_hash).startswith("1~")


@pytest.mark.parametrize("typed", ["4071223398150043", "", "x", "4071223398150042" * 3])
def test_another_receipt_finds_nothing(world: World, report: Report, typed: str) -> None:
    with pytest.raises(RuleError) as raised:
        find(world, typed)
    assert (raised.value.code, raised.value.kind) == ("receipt.unknown", "not_found")


def test_a_wrong_receipt_costs_the_same_hash_as_a_right_one(
    world: World, report: Report, monkeypatch: pytest.MonkeyPatch
) -> None:
    hashed = list[str]()
    real = HASHER.hash

    def counted(digits: str, salt: bytes, *, is_look_up: bool) -> bytes:
        hashed.append(digits)
        return real(digits, salt, is_look_up=is_look_up)

    monkeypatch.setattr(HASHER, "hash", counted)
    find(world, DIGITS)
    with pytest.raises(RuleError):
        find(world, "4071223398150043")
    assert hashed == [DIGITS, "4071223398150043"]


def test_a_receipt_of_letters_from_before_still_opens_its_report(world: World) -> None:
    mark = receipts.old_receipt_hash("4KQ2M7XJ3APP5CWQH6TZ")
    old = reports.submit_report(reports.NewReport(text="old"), mark, world.now)
    assert find(world, "4kq2m-7xj3a-pp5cw-qh6tz").id == old.id


def test_a_receipt_is_found_after_the_keys_are_rotated_and_its_key_is_not_retired(world: World, report: Report) -> None:
    keys.rotate(world.ring, BY, world.now)
    assert find(world, DIGITS).id == report.id
    later = submit(world, "1111222233334444")
    assert str(only(Report, id=later.id).receipt_hash).startswith("2~")
    with pytest.raises(keys.StillInUse, match="1 values"):
        keys.retire(world.ring, "1", BY, world.now)
    assert find(world, DIGITS).id == report.id


def test_the_salt_is_drawn_once_for_the_instance(world: World, report: Report) -> None:
    submit(world, "1111222233334444")
    assert len(rows(InstanceSetting, name=receipts.SALT)) == 1


def test_when_all_places_are_taken_the_answer_is_that_it_is_busy(world: World, report: Report) -> None:
    hasher = ReceiptHasher(wait_limit=0)
    with hasher.place(), hasher.place(), pytest.raises(RuleError) as raised:
        receipts.report_of_receipt(DIGITS, world.ring, hasher, world.now)
    assert (raised.value.code, raised.value.kind) == ("report.busy", "unavailable")


def test_a_receipt_is_deleted_some_time_after_the_end_of_its_report(world: World, report: Report) -> None:
    incident = world.open(reports=[report.id])
    world.close(incident)
    housekeeping.run_housekeeping(world.now + receipts.RECEIPT_KEPT_FOR - dt.timedelta(days=1))
    assert find(world, DIGITS).id == report.id
    housekeeping.run_housekeeping(world.now + receipts.RECEIPT_KEPT_FOR + dt.timedelta(days=1))
    with pytest.raises(RuleError, match=r"receipt\.unknown"):
        find(world, DIGITS)
    with pytest.raises(RuleError, match=r"receipt\.deleted"):
        mailbox.write_as_desk(report.id, "too late", BY, world.now)


def once(request: bytes = b"the report", key: str = "k" * 22, body: str = DIGITS) -> PublicRequest:
    return PublicRequest(key, request, lambda _: StoredResponse(201, body))


def test_the_same_request_gets_the_same_answer_of_which_nothing_readable_is_kept(world: World) -> None:
    submit(world, once=once())
    with pytest.raises(ResponseReplay) as replay:
        submit(world, "1111222233334444", once(body="another"))
    assert replay.value.answer == StoredResponse(201, DIGITS)
    assert len(rows(Report)) == 1
    with pytest.raises(IdempotencyKeyReused):
        submit(world, "1111222233334444", once(b"another report"))
    kept = only(PublicAnswer)
    everything = f"{kept.key_digest} {kept.request_mark}".encode() + kept.sealed
    assert DIGITS.encode() not in everything
    assert b"kkkk" not in everything


def test_a_kept_answer_of_the_public_goes_after_a_quarter_of_an_hour(world: World) -> None:
    submit(world, once=once())
    housekeeping.run_housekeeping(world.now + dt.timedelta(minutes=14))
    assert len(rows(PublicAnswer)) == 1
    housekeeping.run_housekeeping(world.now + dt.timedelta(minutes=16))
    assert rows(PublicAnswer) == []


def test_four_equal_requests_at_once_make_one_report(world: World) -> None:
    submit(world, "1111222233334444")
    same = once()
    done = world.at_once(*[lambda: submit(world, once=same)] * 4)
    assert [type(one) for one in done].count(ResponseReplay) == 3, done
    assert len(rows(Report)) == 2


def test_desk_and_reporter_write_to_each_other(world: World, report: Report) -> None:
    mailbox.write_as_reporter(report.id, "addition", "the page moved\u202e", world.now)
    mailbox.write_as_desk(report.id, "thank you", BY, world.now)
    mailbox.write_as_reporter(report.id, "objection", "no", world.now)
    found = [(one.sender, one.kind, message_text(one), one.written_by) for one in rows(ReportMessage)]
    assert found == [
        ("reporter", "addition", "the page moved", None),
        ("desk", "message", "thank you", BY),
        ("reporter", "objection", "no", None),
    ]
    told = [entry.detail for entry in rows(Entry) if entry.event_type.startswith("report.message")]
    assert not any("page" in one or "thank" in one for one in told)


def test_a_withdrawal_ends_the_mailbox_once(world: World, report: Report) -> None:
    for _ in range(2):
        mailbox.withdraw_report(report.id, "I was wrong", world.now)
    assert [one.kind for one in rows(ReportMessage)] == ["withdrawal"]
    assert len(rows(Entry, event_type="report.withdrawn")) == 1
    with pytest.raises(RuleError, match=r"report\.withdrawn"):
        mailbox.write_as_reporter(report.id, "message", "but", world.now)


def test_a_mailbox_is_full_at_some_time(world: World, report: Report) -> None:
    with transaction(BY, world.now):
        for _ in range(mailbox.MOST_MESSAGES):
            db.session.add(
                ReportMessage(report_id=report.id, sender="reporter", kind="message", sealed_text="", sent_at=world.now)
            )
    with pytest.raises(RuleError, match=r"mailbox\.full"):
        mailbox.write_as_reporter(report.id, "message", "one more", world.now)


def test_answers_of_the_desk_take_no_room_from_the_reporter(
    world: World, report: Report, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mailbox, "MOST_MESSAGES", 1)
    mailbox.write_as_desk(report.id, "where was it?", BY, world.now)
    written = mailbox.write_as_reporter(report.id, "message", "at the station", world.now)
    assert message_text(written) == "at the station"
    with pytest.raises(RuleError, match=r"mailbox\.full"):
        mailbox.write_as_reporter(report.id, "message", "platform 2", world.now)
