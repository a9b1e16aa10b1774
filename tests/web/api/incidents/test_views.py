"""Saved views over the API."""

from tests.plugins.app import Speaker


def test_a_program_shares_views_and_deletes_them_and_undoes_it(speak: Speaker) -> None:
    boss = speak("coordinator")
    made = boss.made("/views", {"name": "Grave", "query": "grade=1&q=", "is_shared": True})
    assert (made["query"], made["is_shared"], made["is_own"]) == ("grade=1", True, False)
    reader = speak("reader")
    assert reader.seen("/views")["items"] == [made]
    assert reader.delete(f"/views/{made['id']}").status_code == 403
    assert boss.delete(f"/views/{made['id']}").status_code == 204
    assert reader.seen("/views")["items"] == []
    boss.done(f"/views/{made['id']}/restore")
    assert reader.seen("/views")["items"] == [made]


def test_who_may_not_share_saves_nothing_for_others(speak: Speaker) -> None:
    assert speak("responder").post("/views", {"name": "Ours", "is_shared": True}).status_code == 403
    assert speak("coordinator").post("/views", {"name": "Own"}).status_code == 403, "a program has no own views"
    assert speak("coordinator").post("/views", {"name": " ", "is_shared": True}).status_code == 422
