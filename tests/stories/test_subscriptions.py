"""Events of a served instance: kill -9 loses none, and a repeated one has the same id."""

import random
import time
from collections import Counter
from pathlib import Path

import pytest

from tests.stories.served import Served, sink, wait_until
from tests.stories.test_kill import Load, every_number, verify

pytestmark = pytest.mark.slow
KILLS = 5


def test_kills_between_commit_and_delivery_lose_no_event_and_double_none_under_another_id(tmp_path: Path) -> None:
    served = Served(tmp_path / "home")
    token = served.token()
    dice = random.Random(3)
    load = Load([served], token)
    with sink() as receiver, served.serving():
        assert served.call("POST", "/departments", token, {"code": "net", "name": "Network"}).status_code == 201
        wanted = {"name": "SOC", "url": receiver.url, "events": ["incident.*", "notice.*"]}
        made = served.call("POST", "/subscriptions", token, wanted)
        assert made.status_code == 201, made.text
        with load.running():
            for _ in range(KILLS):
                time.sleep(dice.uniform(0.3, 1.2))
                served.kill()
                served.start()
        place = f"/subscriptions/{made.json()['id']}"
        numbers = set(every_number(served, token))

        def opened() -> Counter[str]:
            return Counter(
                body["data"]["incident"]["number"]
                for _, body in list(receiver.got)
                if body["type"] == "incident.opened"
            )

        wait_until(lambda: set(opened()) >= numbers, 90, "an event of every incident", 0.25)
        wait_until(lambda: served.call("GET", place, token).json()["waiting"] == 0, 60, "nothing waits", 0.25)
        ids: dict[int, set[str]] = {}
        for webhook_id, body in receiver.got:
            ids.setdefault(body["data"]["seq"], set()).add(webhook_id)
        assert {len(its) for its in ids.values()} == {1}
        assert len(load.opened) > KILLS
        for number in numbers:
            of_incident = [
                body["data"]["seq"]
                for _, body in receiver.got
                if (body["data"]["incident"] or {}).get("number") == number
            ]
            assert list(dict.fromkeys(of_incident)) == sorted(set(of_incident))
    verify(served)
