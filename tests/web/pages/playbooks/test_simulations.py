"""The simulation page: a run at once, another from the form, every path with failures first."""

from tests.web.office import Office, playbook


def where() -> str:
    return f"/playbooks/{playbook()['id']}/simulate"


def test_the_page_of_a_playbook_leads_to_its_simulation(office: Office) -> None:
    browser = office.browser("reader")
    assert where() in browser.get(where().removesuffix("/simulate"))
    page = browser.get(where())
    assert page.index("Paths that fail") < page.index("Paths that succeed")
    assert "Ended: " in page


def test_nobody_answers_and_the_page_shows_what_follows(office: Office) -> None:
    page = office.browser("reader").post(where(), 200, nobody_answers="1", seed="0").text
    assert "No one answered “Isolate the hosts” in time" in page
    assert 'name="nobody_answers" value="1" checked' in page


def test_an_answer_for_a_task_decides_the_play(office: Office) -> None:
    [step] = [key for key, one in playbook()["workflow"].items() if one.get("name") == "Isolate the hosts"]
    answer = {f"result:{step}": "failed", f"after:{step}": "3", "seed": "0"}
    page = office.browser("reader").post(where(), 200, **answer).text
    assert "“Isolate the hosts” could not be done" in page
    assert "00:03" in page


def test_what_cannot_be_read_is_told_and_what_was_typed_stays(office: Office) -> None:
    [step] = [key for key, one in playbook()["workflow"].items() if one.get("name") == "Isolate the hosts"]
    page = office.browser("reader").post(
        where(), 422, **{f"result:{step}": "succeeded", f"after:{step}": "soon", "seed": "7"}
    )
    assert "Enter a length of time" in page.text
    assert 'value="soon"' in page.text
    assert "Ended: " not in page.text
    office.browser("reader").post(where(), 422, seed="-1")


def test_the_page_speaks_chinese(office: Office) -> None:
    page = office.browser("reader", "zh_Hans_CN").post(where(), 200, nobody_answers="1", seed="0").text
    assert "超时，无人答复" in page
    assert "全部路径" in page
