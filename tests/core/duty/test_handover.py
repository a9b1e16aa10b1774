"""Rules of handing over a shift."""

import datetime as dt

import pytest

from incident.core.duty.handover import require_confirmable, require_receiver
from incident.core.values.access import Role
from incident.core.values.faults import RuleError

AT = dt.datetime(2026, 3, 2, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("receiver", "role", "is_active", "code"),
    [
        (1, "responder", True, "handover.to_oneself"),
        (2, "reader", True, "handover.cannot_answer"),
        (2, "responder", False, "handover.cannot_answer"),
    ],
)
def test_a_shift_goes_to_somebody_else_who_can_answer(receiver: int, role: Role, is_active: bool, code: str) -> None:
    with pytest.raises(RuleError) as fault:
        require_receiver(1, receiver, role, is_active=is_active)
    assert (fault.value.code, fault.value.pointer) == (code, "/to")
    require_receiver(1, 2, "department", is_active=True)


def test_only_the_named_person_confirms_and_once() -> None:
    require_confirmable(2, 2, None)
    for person_id, confirmed_at, code in (
        (1, None, "handover.for_another"),
        (None, None, "handover.for_another"),
        (1, AT, "handover.for_another"),
        (2, AT, "handover.confirmed"),
    ):
        with pytest.raises(RuleError) as fault:
            require_confirmable(2, person_id, confirmed_at)
        assert fault.value.code == code
