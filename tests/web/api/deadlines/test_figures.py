"""Figures in the API: marked wherever they are shown until an administrator has confirmed them."""

from typing import Any

from tests.plugins.app import Api
from tests.web.api.deadlines.test_decisions import person, refused
from tests.web.office import Office

PLACE = "/figures/cn-cac-guide/cac.infrastructure.3"
STAGE = "/figures/us-sec-8k/report"


def figure(api: Api, cell: str) -> Any:
    return next(one for one in api.seen("/figures")["items"] if one["cell"] == cell)


def test_a_confirmed_figure_is_marked_nowhere_and_a_withdrawn_one_again(office: Office) -> None:
    boss, number = person(office, "administrator"), office.open("CERT")
    boss.put(f"/incidents/{number}/grading/answers", {"answers": {"cii_down_minutes": 35}})
    found = figure(boss, "cac.infrastructure.3")
    assert (found["kind"], found["grade"], found["evidence"], found["confirmed"]) == ("rule_set", 3, "draft", None)
    [line] = boss.seen(f"/incidents/{number}/grading")["lines"]
    assert line["is_verified"] is False
    given = {"figure_hash": found["figure_hash"], "read_in": "annex 1, official print"}
    confirmed = boss.made(f"{PLACE}/confirm", given)
    assert figure(boss, "cac.infrastructure.3")["confirmed"] == confirmed
    [line] = boss.seen(f"/incidents/{number}/grading")["lines"]
    assert (line["is_verified"], line["evidence"]) == (True, "draft")
    assert refused(boss.post(f"{PLACE}/confirm", given)) == (409, "figure.is_confirmed")
    assert boss.post(f"{PLACE}/withdraw", {"reason": "it was the draft"}).status_code == 204
    [line] = boss.seen(f"/incidents/{number}/grading")["lines"]
    assert line["is_verified"] is False
    assert refused(boss.post(f"{PLACE}/withdraw", {"reason": "again"})) == (409, "figure.not_confirmed")


def test_the_question_is_verified_once_all_its_figures_are(office: Office) -> None:
    boss, number = person(office, "administrator"), office.open("CERT")

    def is_verified() -> bool:
        questions = boss.seen(f"/incidents/{number}/grading")["questions"]
        [found] = [one["is_verified"] for one in questions if one["key"] == "cii_down_minutes"]
        return bool(found)

    cells = ("cac.infrastructure.2", "cac.infrastructure.3")
    for cell in cells:
        assert is_verified() is False
        given = {"figure_hash": figure(boss, cell)["figure_hash"], "read_in": "annex 1"}
        boss.made(f"/figures/cn-cac-guide/{cell}/confirm", given)
    assert is_verified() is True


def test_the_stage_of_a_regime_is_verified_in_the_regime_and_on_its_clocks(office: Office) -> None:
    boss = person(office, "administrator")
    boss.put("/organization/profile", {"operator_class": "other", "regimes": ["sg-pdpa"]})
    number = office.open("CERT")
    aware = {"at": office.hand.at.isoformat(), "who": "Li Wei", "how": "an alarm"}
    boss.put(f"/incidents/{number}/awareness", aware)

    def marks() -> set[bool]:
        clocks = boss.seen(f"/incidents/{number}/clocks")["items"]
        [regime] = [one for one in boss.seen("/regimes")["items"] if one["id"] == "sg-pdpa"]
        mine = [one for one in clocks if one["regime"] == "sg-pdpa"]
        return {one["is_verified"] for one in (*regime["stages"], *mine)}

    assert marks() == {False}
    for one in boss.seen("/figures")["items"]:
        if one["source"] == "sg-pdpa":
            given = {"figure_hash": one["figure_hash"], "read_in": "section 26D"}
            boss.made(f"/figures/sg-pdpa/{one['cell']}/confirm", given)
    assert marks() == {True}


def test_only_an_administrator_confirms_and_only_what_is_there(office: Office) -> None:
    one, boss = person(office, "coordinator"), person(office, "administrator")
    given = {"figure_hash": figure(one, "cac.infrastructure.3")["figure_hash"], "read_in": "annex 1"}
    assert one.post(f"{PLACE}/confirm", given).status_code == 403
    assert one.post(f"{PLACE}/withdraw", {"reason": "x"}).status_code == 403
    assert refused(boss.post(f"{PLACE}/confirm", {**given, "figure_hash": "0" * 64})) == (409, "figure.is_stale")
    assert refused(boss.post(f"{PLACE}x/confirm", given)) == (404, "figure.not_found")
    assert boss.post(f"{PLACE}/confirm", {"figure_hash": given["figure_hash"]}).status_code == 422
