"""Sealed contacts: asked for, approved by somebody else, read by the requester only."""

import base64
import datetime as dt
import hashlib
import json
import zipfile
from pathlib import Path

import pytest
from sqlalchemy import update

from incident.actions.operations.backup import make_backup
from incident.actions.operations.housekeeping import run_housekeeping
from incident.actions.reports import identity_refusals, identity_requests, mailbox, reports
from incident.actions.reports.identities import SealedContact, seal_contact
from incident.actions.reports.identity_requests import CreatedRequest
from incident.actions.reports.receipts import mark_new_receipt
from incident.actions.reports.sealed_texts import message_text
from incident.actions.unit_of_work import transaction
from incident.core.values.faults import RuleError
from incident.identity_key import BoxBroken, IdentityKey
from incident.receipt_hashing import ReceiptHasher
from incident.store.db.database import db
from incident.store.journal.journal import Entry
from incident.store.reports.identities import ReportIdentity
from incident.store.reports.identity_requests import IdentityBox, IdentityRefusal, IdentityRequest
from incident.store.reports.report_messages import ReportMessage, messages_of_report
from incident.store.reports.reports import Report
from tests.world import World, only, rows

CONTACT = {"name": "欧阳明月", "phone": "13987654321", "email": "ming@yue.example", "address": "长安街 77 号"}
RECEIPT = "4071223398150042"
REQUESTER, APPROVER, HANDLER = "person:1:Li Wei", "person:2:Wang Fang", "person:3:Zhao Lei"


@pytest.fixture
def key(world: World) -> IdentityKey:
    return IdentityKey.load(world.settings.home / "identity.key")


def seal(world: World, key: IdentityKey) -> SealedContact:
    return seal_contact(CONTACT, None, "sealed", key, world.now)


@pytest.fixture
def report(world: World, key: IdentityKey) -> Report:
    new = reports.NewReport(text="a bank that is none")
    mark = mark_new_receipt(RECEIPT, world.ring, ReceiptHasher(wait_limit=60), world.now)
    return reports.submit_report(new, mark, world.now, contact=seal(world, key))


def ask(world: World, report: Report, *fields: str, by: str = REQUESTER) -> CreatedRequest:
    return identity_requests.request_identity(report.id, "to call back", fields or ("phone",), by, world.now)


def approve(world: World, asked: CreatedRequest, key: IdentityKey, by: str = APPROVER) -> None:
    identity_requests.approve_identity(asked.row.id, by, key, world.now)


def read(world: World, asked: CreatedRequest, secret: str | None = None, by: str = REQUESTER) -> object:
    return identity_requests.read_identity(asked.row.id, secret or asked.secret, by, world.now).fields


def code_of(raised: pytest.ExceptionInfo[RuleError]) -> str:
    return raised.value.code


def test_a_requester_reads_exactly_what_was_approved(world: World, report: Report, key: IdentityKey) -> None:
    asked = ask(world, report)
    assert read(world, asked) is None
    approve(world, asked, key)
    assert read(world, asked) == {"phone": CONTACT["phone"]}
    assert read(world, asked) == {"phone": CONTACT["phone"]}
    assert [one.event_type for one in rows(Entry)[-4:]] == [
        "identity.requested",
        "identity.approved",
        "identity.read",
        "identity.read",
    ]


def test_nobody_else_reads_it_and_not_without_the_secret(world: World, report: Report, key: IdentityKey) -> None:
    asked = ask(world, report)
    approve(world, asked, key)
    with pytest.raises(RuleError) as raised:
        read(world, asked, by=APPROVER)
    assert code_of(raised) == "identity_request.unknown"
    with pytest.raises(RuleError) as raised:
        read(world, asked, ask(world, report).secret)
    assert code_of(raised) == "identity_request.wrong_secret"


@pytest.mark.parametrize(
    ("by", "code"),
    [
        (REQUESTER, "identity_request.own"),
        ("person:1:Another name", "identity_request.own"),
        (HANDLER, "identity_request.approver_handles"),
        ("token:9:Robot", "approval.not_by_person"),
    ],
)
def test_requester_handler_and_program_approve_nothing(
    world: World, report: Report, key: IdentityKey, by: str, code: str
) -> None:
    mailbox.write_as_desk(report.id, "We look at it.", HANDLER, world.now)
    asked = ask(world, report)
    with pytest.raises(RuleError) as raised:
        approve(world, asked, key, by)
    assert code_of(raised) == code
    assert rows(IdentityBox) == []


def test_who_made_the_token_of_a_program_does_not_approve_its_request(
    world: World, report: Report, key: IdentityKey
) -> None:
    with transaction(APPROVER, world.now) as uow:
        uow.record("token.created", "token:9", {"name": "Robot"})
    asked = ask(world, report, by="token:9:Robot")
    with pytest.raises(RuleError) as raised:
        approve(world, asked, key)
    assert code_of(raised) == "identity_request.own"


def test_an_approval_is_accepted_once(world: World, report: Report, key: IdentityKey) -> None:
    asked = ask(world, report)
    approve(world, asked, key)
    for by in (APPROVER, "person:4:Chen Jing"):
        with pytest.raises(RuleError) as raised:
            approve(world, asked, key, by)
        assert code_of(raised) == "identity_request.answered"


def test_one_refusal_ends_a_request_for_sealed_details(world: World, report: Report, key: IdentityKey) -> None:
    asked = ask(world, report)
    identity_refusals.refuse_identity(asked.row.id, " not needed ", APPROVER, world.now)
    assert read(world, asked) is None
    row = only(IdentityRequest)
    assert (row.ended_as, row.sealed_private_key, only(IdentityRefusal).reason) == ("refused", None, "not needed")
    with pytest.raises(RuleError) as raised:
        approve(world, asked, key, "person:4:Chen Jing")
    assert code_of(raised) == "identity_request.answered"
    assert rows(Entry)[-1].event_type == "identity.refused"


@pytest.mark.parametrize(
    ("by", "reason", "code"),
    [
        (REQUESTER, "x", "identity_request.own"),
        ("token:9:Robot", "x", "approval.not_by_person"),
        (APPROVER, " ", "document.missing"),
    ],
)
def test_who_may_not_approve_may_not_refuse_and_a_reason_is_needed(
    world: World, report: Report, by: str, reason: str, code: str
) -> None:
    asked = ask(world, report)
    with pytest.raises(RuleError) as raised:
        identity_refusals.refuse_identity(asked.row.id, reason, by, world.now)
    assert code_of(raised) == code
    assert only(IdentityRequest).ended_as is None


@pytest.mark.parametrize("is_approved", [False, True])
def test_a_requester_withdraws_a_request_and_reads_nothing_from_then_on(
    world: World, report: Report, key: IdentityKey, is_approved: bool
) -> None:
    asked = ask(world, report)
    if is_approved:
        approve(world, asked, key)
        assert read(world, asked) == {"phone": CONTACT["phone"]}
    with pytest.raises(RuleError) as raised:
        identity_refusals.withdraw_identity_request(asked.row.id, HANDLER, world.now)
    assert code_of(raised) == "identity_request.not_own"
    for _ in range(2):
        identity_refusals.withdraw_identity_request(asked.row.id, REQUESTER, world.now)
    assert (read(world, asked), rows(IdentityBox)) == (None, [])
    assert [one.event_type for one in rows(Entry)].count("identity.withdrawn") == 1


def test_a_request_expires_and_its_boxes_are_deleted(world: World, report: Report, key: IdentityKey) -> None:
    approved, late = ask(world, report), ask(world, report)
    approve(world, approved, key)
    world.forward(days=7)
    assert read(world, approved) is None
    with pytest.raises(RuleError) as raised:
        approve(world, late, key)
    assert code_of(raised) == "identity_request.expired"
    run_housekeeping(world.now)
    assert rows(IdentityBox) == []
    assert [one.sealed_private_key for one in rows(IdentityRequest)] == [None, None]


@pytest.mark.parametrize(
    "changed",
    [
        {"fields": ["phone", "name"]},
        {"purpose": "something else"},
        {"requester": "person:8"},
        {"expires_at": dt.datetime(2030, 1, 1, tzinfo=dt.UTC)},
    ],
)
def test_a_request_that_was_changed_in_the_database_opens_nothing(
    world: World, report: Report, key: IdentityKey, changed: dict[str, object]
) -> None:
    asked = ask(world, report)
    approve(world, asked, key)
    db.session.execute(update(IdentityRequest).values(**changed))
    db.session.commit()
    by = f"{changed.get('requester', 'person:1')}:Li Wei"
    with pytest.raises(RuleError) as raised:
        read(world, asked, by=by)
    assert code_of(raised) == "identity_request.wrong_secret"


def test_a_sealed_field_that_was_moved_does_not_open(world: World, report: Report, key: IdentityKey) -> None:
    asked = ask(world, report)
    name = only(ReportIdentity, field="name").sealed
    db.session.execute(update(ReportIdentity).where(ReportIdentity.field == "phone").values(sealed=name))
    db.session.commit()
    with pytest.raises(BoxBroken):
        approve(world, asked, key)
    assert rows(IdentityBox) == []


def test_killed_at_the_end_of_an_approval_nothing_is_opened(
    world: World, report: Report, key: IdentityKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = ask(world, report)
    for step in ("approve_in", "box_in", "open_request_in", "tell_reporter_in"):
        real = getattr(identity_requests, step)

        def killed(*given: object, real: object = real) -> None:
            real(*given)  # type: ignore[operator]
            raise KeyboardInterrupt

        with monkeypatch.context() as patched:
            patched.setattr(identity_requests, step, killed)
            with pytest.raises(KeyboardInterrupt):
                approve(world, asked, key)
        assert (rows(IdentityBox), rows(ReportMessage), read(world, asked)) == ([], [], None)
    approve(world, asked, key)
    assert read(world, asked) == {"phone": CONTACT["phone"]}


def test_the_reporter_is_told_which_details_were_opened(world: World, report: Report, key: IdentityKey) -> None:
    approve(world, ask(world, report, "name", "phone"), key)
    [message] = messages_of_report(report.id, world.now)
    assert (
        message.sender,
        "姓名、电话" in message_text(message),
        "name, telephone number" in message_text(message),
    ) == (
        "desk",
        True,
        True,
    )


def test_an_anonymous_report_has_nothing_to_request(world: World) -> None:
    report = reports.submit_report(reports.NewReport(text="x"), "a mark", world.now)
    assert report.protection == "anonymous"
    with pytest.raises(RuleError) as raised:
        ask(world, report)
    assert code_of(raised) == "identity_request.no_such_field"


@pytest.mark.parametrize(("asked", "usual"), [("protected", "sealed"), (None, "protected")])
def test_what_must_be_protected_is_never_sealed_lower(
    world: World, key: IdentityKey, asked: str | None, usual: str
) -> None:
    with pytest.raises(RuleError) as raised:
        seal_contact(CONTACT, asked, usual, key, world.now)
    assert code_of(raised) == "custody.not_set_up"
    assert seal_contact({}, asked, usual, key, world.now).protection == "anonymous"


def traces(secret: str) -> list[bytes]:
    """A secret as a thief may look for it: plain, base64, hex, and its SHA-256."""
    plain = secret.encode()
    digest = hashlib.sha256(plain)
    forms = [plain, base64.b64encode(plain).rstrip(b"="), plain.hex().encode()]
    forms += [plain.hex().upper().encode(), digest.digest(), digest.hexdigest().encode()]
    return [*forms, base64.b64encode(digest.digest()).rstrip(b"="), json.dumps(secret).strip('"').encode()]


def test_nothing_on_disk_tells_who_reported(world: World, report: Report, key: IdentityKey, tmp_path: Path) -> None:
    asked = ask(world, report, *CONTACT)
    approve(world, asked, key)
    assert read(world, asked) == CONTACT
    file = tmp_path / "backup.zip"
    make_backup(file, world.settings.home, None, None, world.now)
    kept = b"".join(path.read_bytes() for path in world.settings.home.rglob("*") if path.is_file())
    with zipfile.ZipFile(file) as backup:
        kept += b"".join(backup.read(name) for name in backup.namelist())
    assert b"to call back" in kept
    for secret in (*CONTACT.values(), RECEIPT, asked.secret):
        assert [one for one in traces(secret) if one in kept] == [], secret


def test_the_key_is_private_and_made_once(world: World, key: IdentityKey) -> None:
    path = world.settings.home / "identity.key"
    assert path.stat().st_mode & 0o777 == 0o600
    assert IdentityKey.load(path).private.private_bytes_raw() == key.private.private_bytes_raw()
