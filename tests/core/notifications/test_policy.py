"""The escalation policy document."""

from datetime import time, timedelta
from typing import Any

import pytest
from hypothesis import given

from incident.core.duty.daytime import Span
from incident.core.notifications.policy import Level, Policy, Quiet, Wait
from incident.core.values.faults import RuleError
from tests.core.notifications.policies import PLAIN, POLICIES

MINUTE = timedelta(minutes=1)


@given(POLICIES)
def test_a_policy_reads_back_from_what_it_writes(policy: Policy) -> None:
    assert Policy.from_json(policy.to_json()) == policy


@given(PLAIN)
def test_a_policy_of_plain_levels_is_written_as_ever(policy: Policy) -> None:
    written = policy.to_json()
    assert set(written) == {"levels", "repeat"}
    assert all(set(level) == {"wait"} for level in written["levels"])
    assert Policy.from_json(written) == policy


def test_a_policy_is_written_as_the_interface_has_it() -> None:
    level = Level(
        90 * MINUTE,
        (Wait(2 * MINUTE, (1, 2), "off"), Wait(5 * MINUTE, hours=Span(time(12), time(13, 30)))),
        ("duty", "parent"),
        ("wecom", "sms"),
        2 * MINUTE,
    )
    policy = Policy((level, Level(5 * MINUTE)), 2, "accepted", 30 * MINUTE, Quiet(Span(time(22), time(7)), (3, 4)))
    assert policy.to_json() == {
        "levels": [
            {
                "wait": "PT1H30M",
                "waits": [
                    {"grades": [1, 2], "hours": "off", "wait": "PT2M"},
                    {"hours": {"from": "12:00", "until": "13:30"}, "wait": "PT5M"},
                ],
                "notify": ["duty", "parent"],
                "channels": ["wecom", "sms"],
                "in_turn": "PT2M",
            },
            {"wait": "PT5M"},
        ],
        "repeat": 2,
        "until": "accepted",
        "reminder": "PT30M",
        "quiet": {"from": "22:00", "until": "07:00", "grades": [3, 4]},
    }


@pytest.mark.parametrize(
    ("document", "code", "pointer"),
    [
        ({"levels": []}, "policy.levels", "/levels"),
        ({"levels": [{"wait": "PT1M"}] * 21}, "policy.levels", "/levels"),
        ({"levels": [{"wait": "PT0S"}]}, "policy.wait", "/levels/0/wait"),
        ({"levels": [{"wait": "PT1S"}, {"wait": "P7DT1S"}]}, "policy.wait", "/levels/1/wait"),
        ({"levels": [{"wait": "soon"}]}, "duration.malformed", "/levels/0/wait"),
        ({"levels": [{}]}, "document.missing", "/levels/0/wait"),
        ({"levels": [{"wait": "PT1M", "level": 1}]}, "document.unknown_field", "/levels/0/level"),
        ({"levels": ["PT1M"]}, "document.not_an_object", "/levels/0"),
        ({"levels": [{"wait": "PT1M"}], "repeat": 21}, "policy.repeat", "/repeat"),
        ({"levels": [{"wait": "PT1M"}], "repeat": -1}, "policy.repeat", "/repeat"),
        ({"levels": [{"wait": "PT1M"}], "repeat": True}, "policy.repeat", "/repeat"),
        ({"repeat": 1}, "document.missing", "/levels"),
        ([], "document.not_an_object", ""),
        ({"levels": [{"wait": "PT1M"}], "rounds": 3}, "document.unknown_field", "/rounds"),
        ({"levels": [{"wait": "PT1M", "notify": ["chef"]}]}, "document.not_a_choice", "/levels/0/notify/0"),
        ({"levels": [{"wait": "PT1M", "notify": [["duty"]]}]}, "document.not_a_choice", "/levels/0/notify/0"),
        ({"levels": [{"wait": "PT1M", "notify": ["duty", "duty"]}]}, "policy.named_twice", "/levels/0/notify/1"),
        ({"levels": [{"wait": "PT1M", "notify": "duty"}]}, "document.not_a_list", "/levels/0/notify"),
        ({"levels": [{"wait": "PT1M", "channels": ["Sms!"]}]}, "policy.channel", "/levels/0/channels/0"),
        ({"levels": [{"wait": "PT1M", "channels": [7]}]}, "policy.channel", "/levels/0/channels/0"),
        ({"levels": [{"wait": "PT1M", "in_turn": "PT2M"}]}, "policy.in_turn", "/levels/0/in_turn"),
        ({"levels": [{"wait": "PT1M", "channels": ["sms"], "in_turn": "PT0S"}]}, "policy.wait", "/levels/0/in_turn"),
        ({"levels": [{"wait": "PT1M", "waits": [{}]}]}, "document.missing", "/levels/0/waits/0/wait"),
        ({"levels": [{"wait": "PT1M", "waits": [{"wait": "P8D"}]}]}, "policy.wait", "/levels/0/waits/0/wait"),
        (
            {"levels": [{"wait": "PT1M", "waits": [{"wait": "PT1M", "grades": [5]}]}]},
            "document.not_a_choice",
            "/levels/0/waits/0/grades/0",
        ),
        (
            {"levels": [{"wait": "PT1M", "waits": [{"wait": "PT1M", "hours": "night"}]}]},
            "policy.hours",
            "/levels/0/waits/0/hours",
        ),
        (
            {"levels": [{"wait": "PT1M", "waits": [{"wait": "PT1M", "hours": {"from": "8:00", "until": "09:00"}}]}]},
            "daytime.malformed",
            "/levels/0/waits/0/hours/from",
        ),
        ({"levels": [{"wait": "PT1M"}], "until": "done"}, "document.not_a_choice", "/until"),
        ({"levels": [{"wait": "PT1M"}], "reminder": "PT30S"}, "policy.wait", "/reminder"),
        ({"levels": [{"wait": "PT1M"}], "quiet": {}}, "document.missing", "/quiet/from"),
        (
            {"levels": [{"wait": "PT1M"}], "quiet": {"from": "22:00", "until": "07:00", "grades": []}},
            "policy.quiet_for_nothing",
            "/quiet/grades",
        ),
        (
            {"levels": [{"wait": "PT1M"}], "quiet": {"from": "22:00", "until": "07:00", "grades": [3, 1]}},
            "policy.quiet_grade",
            "/quiet/grades/1",
        ),
        (
            {"levels": [{"wait": "PT1M"}], "quiet": {"from": "22:00", "until": "22:00", "grades": [3]}},
            "daytime.empty",
            "/quiet/until",
        ),
    ],
)
def test_a_bad_policy_is_refused_with_the_place(document: Any, code: str, pointer: str) -> None:
    with pytest.raises(RuleError) as caught:
        Policy.from_json(document)
    assert (code, pointer) in {(fault.code, fault.pointer) for fault in caught.value.all}


def test_every_fault_of_a_policy_is_told_at_once() -> None:
    with pytest.raises(RuleError) as caught:
        Policy.from_json({"levels": [{"wait": "x", "notify": ["y"]}], "until": "z", "quiet": {"from": "25:00"}})
    assert [fault.pointer for fault in caught.value.all] == [
        "/levels/0/wait",
        "/levels/0/notify/0",
        "/until",
        "/quiet/from",
        "/quiet/until",
        "/quiet/grades",
    ]
