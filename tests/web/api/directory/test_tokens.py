"""Tokens and people over the API."""

from tests.plugins.app import Api, Speaker


def test_a_token_works_until_it_is_revoked(speak: Speaker) -> None:
    administrator = speak("administrator")
    made = administrator.made("/tokens", {"name": "prometheus", "role": "source"})
    program = Api(administrator.client.application.test_client(), made["token"])
    alert = {"title": "x", "fingerprint": "y", "status": "firing"}
    assert program.post("/alerts/generic", alert).status_code == 202
    assert program.get("/incidents").status_code == 403
    assert administrator.delete(f"/tokens/{made['id']}").status_code == 204
    assert program.post("/alerts/generic", alert).status_code == 401


def test_a_token_is_told_once(speak: Speaker) -> None:
    administrator = speak("administrator")
    made = administrator.made("/tokens", {"name": "prometheus", "role": "source"})
    listed = administrator.get("/tokens")
    assert listed.json is not None
    assert made["token"] not in listed.text
    assert listed.json["items"][0]["name"] == "prometheus"


def test_a_token_of_a_department_needs_one(speak_sqlite: Speaker) -> None:
    administrator = speak_sqlite("administrator")
    assert administrator.post("/tokens", {"name": "x", "role": "department"}).status_code == 422
    administrator.made("/departments", {"code": "CERT", "name": "Response"})
    made = administrator.made("/tokens", {"name": "x", "role": "department", "department": "CERT"})
    assert made["department"] == "CERT"


def test_a_person_is_added_and_the_password_is_nowhere(speak: Speaker) -> None:
    administrator = speak("administrator")
    given = {"login": "li.wei", "name": "李伟", "role": "coordinator", "password": "correct horse battery"}
    made = administrator.made("/people", given)
    assert (made["login"], made["name"], made["role"], made["is_active"]) == ("li.wei", "李伟", "coordinator", True)
    listed = administrator.get("/people")
    assert "correct horse" not in listed.text
    assert "argon2" not in listed.text
    assert administrator.post("/people", given).status_code == 409
    short = administrator.post("/people", given | {"login": "b", "password": "short"})
    assert short.status_code == 422


def test_no_token_and_a_wrong_one_are_told_to_show_one(speak_sqlite: Speaker) -> None:
    stranger = speak_sqlite()
    for headers in (
        {},
        {"Authorization": "Bearer int_wrong"},
        {"Authorization": "Bearer "},
        {"Authorization": "Basic eDp5"},
        {"Authorization": "Bearer \u00e9\u00e9"},
    ):
        answer = stranger.get("/incidents", headers=headers)
        assert answer.status_code == 401, headers
        assert answer.headers["WWW-Authenticate"].lower().startswith("bearer")
        assert answer.content_type == "application/problem+json"
        assert answer.json is not None
        assert "Bearer" in answer.json["detail"]
