"""Maintenance windows by the API."""

from typing import Any

from tests.plugins.app import Api, Speaker

PATH = "/maintenance-windows"
ALERT = {"fingerprint": "a", "title": "Disk is full", "status": "firing"}


def planned(boss: Api, **more: Any) -> dict[str, Any]:
    known = {"reason": "Update", "ends_at": "2026-11-22T08:00:00Z", "source": "generic"}
    made: dict[str, Any] = boss.made(PATH, known | more)
    return made


def test_a_window_is_planned_holds_an_alert_and_is_ended(furnished: Speaker) -> None:
    boss, sender = furnished("coordinator"), furnished("administrator")
    made = planned(boss)
    [decided] = sender.post("/alerts/generic", ALERT).json["items"]  # type: ignore[index]
    assert (decided["decision"], decided["code"], decided["maintenance_window"]) == (
        "ignored",
        "in_maintenance",
        made["id"],
    )
    assert f"window {made['id']}" in decided["reason"]
    one = f"{PATH}/{made['id']}"
    [held] = boss.seen(f"{one}/alerts")["items"]
    assert (held["title"], held["state"], held["count"], held["payload"]) == ("Disk is full", "firing", 1, ALERT)
    assert boss.seen(PATH)["items"][0]["alerts"] == 1
    assert boss.patch(one, {"reason": "x"}).status_code == 428
    changed = boss.patch(one, {"ends_at": "2026-11-23"}, headers={"If-Match": "*"})
    assert changed.json["ends_at"].startswith("2026-11-24T00")  # type: ignore[index]
    ended = boss.post(f"{one}/end", {})
    assert ended.json["ended_by"].startswith("token:")  # type: ignore[index]
    assert boss.post(f"{one}/end", {}).status_code == 409


def test_every_fault_has_its_place(boss: Api) -> None:
    for body, place in (
        ({"reason": "x", "ends_at": "2026-11-22"}, "/source"),
        ({"reason": "x", "ends_at": "2020-11-22", "source": "a"}, "/ends_at"),
        ({"reason": "x", "ends_at": "2027-11-22", "source": "a"}, "/ends_at"),
        ({"reason": "x", "ends_at": "2026-11-22", "system": "NO"}, "/system"),
    ):
        refused = boss.post(PATH, body)
        assert refused.status_code == 422, refused.text
        assert refused.json["errors"][0]["pointer"] == place  # type: ignore[index]
    assert boss.seen(PATH)["items"] == []
