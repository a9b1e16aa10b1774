"""A storm of alerts and faults: what was answered is stored, a resend doubles nothing, two processes agree."""

import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.stories.served import Served, wait_until
from tests.stories.test_kill import every_number, verify

pytestmark = pytest.mark.slow
STORM = 300
ANSWERED = 20
NAMES, EACH = 6, 20
TRIES = 3


def group(fingerprints: list[str], names: int = 0) -> dict[str, Any]:
    """A message of Alertmanager; its alerts have as many names as given, each its own by default."""
    alerts = [
        {
            "status": "firing",
            "labels": {"alertname": f"Alert {at % names if names else one}", "instance": one},
            "startsAt": "2026-11-21T08:00:00Z",
            "fingerprint": one,
        }
        for at, one in enumerate(fingerprints)
    ]
    return {"version": "4", "status": "firing", "receiver": "incident", "groupKey": "{}", "alerts": alerts}


def sent(served: Served, token: str, message: dict[str, Any]) -> requests.Response:
    return requests.post(
        f"{served.url}/api/v1/alerts/alertmanager",
        json=message,
        headers={"Authorization": f"Bearer {token}"},
        timeout=60,
    )


def post(served: Served, token: str, message: dict[str, Any]) -> list[dict[str, Any]]:
    return items_of(sent(served, token, message))


def items_of(answer: requests.Response) -> list[dict[str, Any]]:
    assert answer.status_code == 202, answer.text
    return list(answer.json()["items"])


@pytest.fixture(params=["sqlite", "postgresql"])
def served(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Served]:
    """A serving program on each database, in which no alert is grouped because of a storm."""
    url = request.getfixturevalue("postgres_url") if request.param == "postgresql" else None
    made = Served(tmp_path / "home", url, INCIDENT_STORM_INCIDENTS="0")
    with made.serving():
        yield made


def test_killing_the_program_amid_300_alerts_loses_no_answered_one_and_a_resend_doubles_none(served: Served) -> None:
    token = served.token()
    answered = post(served, token, group([f"before-{at}" for at in range(ANSWERED)]))
    assert {one["decision"] for one in answered} == {"opened"}
    storm = group([f"storm-{at}" for at in range(STORM)])
    outcome: list[Any] = []

    def send() -> None:
        try:
            outcome.append(post(served, token, storm))
        except requests.RequestException as cut_off:
            outcome.append(cut_off)

    sender = threading.Thread(target=send)
    sender.start()
    wait_until(lambda: newest(served, token) > ANSWERED + 8, 30, "some of the storm is stored", every=0.001)
    served.kill()
    sender.join(60)
    assert isinstance(outcome[0], requests.RequestException), "the kill came after the answer"
    served.start()

    kept = set(every_number(served, token))
    assert {one["incident"] for one in answered} <= kept
    assert ANSWERED < len(kept) < ANSWERED + STORM, "the kill was in the middle"
    resent = post(served, token, storm)
    counts = Counter(one["decision"] for one in resent)
    assert counts["attached"] == len(kept) - ANSWERED
    assert counts["opened"] == STORM - counts["attached"]
    assert len({one["incident"] for one in resent}) == STORM
    assert len(set(every_number(served, token))) == ANSWERED + STORM
    verify(served)


def newest(served: Served, token: str) -> int:
    """The count in the number of the newest incident."""
    items = served.call("GET", "/incidents?limit=1", token).json()["items"]
    return int(items[0]["number"].rpartition("-")[2]) if items else 0


def test_two_processes_that_receive_one_storm_open_one_incident_for_each_group(
    tmp_path: Path, postgres_url: str
) -> None:
    pair = [Served(tmp_path / "home", postgres_url) for _ in range(2)]
    token = pair[0].token()
    storm = group([f"f{at}" for at in range(NAMES * EACH)], NAMES)
    answers: dict[int, list[dict[str, Any]]] = {}
    tries = [0, 0]
    with pair[0].serving(), pair[1].serving():
        rules = {"rules": [{"when": {}, "set": {}, "group_by": ["labels.alertname"]}]}
        assert pair[0].call("PUT", "/rules", token, rules).status_code == 200
        start = threading.Barrier(2)

        def send(which: int) -> None:
            start.wait()
            for _ in range(TRIES):  # a busy program may ask the sender to come again
                answer = sent(pair[which], token, storm)
                tries[which] += 1
                if answer.status_code != 503:
                    break
            answers[which] = items_of(answer)

        senders = [threading.Thread(target=send, args=(which,)) for which in range(2)]
        began_at = time.monotonic()
        for one in senders:
            one.start()
        for one in senders:
            one.join(180)
        assert set(answers) == {0, 1}, f"no answer within {time.monotonic() - began_at:.0f} s"
        assert [one["incident"] for one in answers[0]] == [one["incident"] for one in answers[1]]
        opened = Counter(one["decision"] for one in answers[0] + answers[1])["opened"]
        assert opened == NAMES or (opened < NAMES and sum(tries) > 2)
        numbers = list(every_number(pair[0], token))
        assert len(numbers) == NAMES
        for number in numbers:
            listed = pair[0].call("GET", f"/incidents/{number}/alerts?limit=200", token).json()["items"]
            assert len(listed) == EACH
            assert {one["count"] for one in listed} <= set(range(2, sum(tries) + 1))
    verify(pair[0])
