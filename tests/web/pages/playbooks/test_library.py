"""The library of playbooks: search, purpose, usage, who uses one, and the departments that it needs."""

import datetime as dt
import json
import statistics
import time
from pathlib import Path

from incident.core.cacao import load, to_json_text
from tests.core.cacao.build import MACHINE_AGENT, action, document, http, manual
from tests.web.office import Office, playbook

SHIPPED = Path(__file__).parents[4] / "playbooks"


def supplied(office: Office, *names: str) -> None:
    browser = office.browser("administrator")
    for name in names or [one.name for one in sorted(SHIPPED.glob("*.yaml"))]:
        browser.post("/playbooks", document=(SHIPPED / name).read_text("utf-8"))


def test_the_list_shows_purpose_in_one_sentence_types_and_usage(office: Office) -> None:
    supplied(office, "ransomware.yaml")
    page = office.browser("reader").get("/playbooks")
    assert "Files are being encrypted or a ransom note was found." in page
    assert "Stop the spread first" not in page
    assert "containment" in page
    assert "not used yet" in page


def test_usage_counts_starts_on_incidents_that_the_viewer_may_see_without_drills(office: Office) -> None:
    coordinator = office.browser("coordinator")
    for tlp in ("green", "red"):
        number = office.open("NOC", tlp=tlp)
        coordinator.post(f"/incidents/{number}/runs", playbook=playbook()["id"], seen="1")
    assert "used 2 times" in coordinator.get("/playbooks")
    assert "used 1 time," in office.browser("reader").get("/playbooks")


def test_words_and_type_filter_the_list_in_both_languages(office: Office) -> None:
    supplied(office, "ransomware.yaml", "phishing.yaml")
    for language, wanted in (("en", "RANSOM encrypted"), ("zh_Hans_CN", "勒索")):
        page = office.browser("reader", language).get(f"/playbooks?q={wanted}")
        assert "playbook--dfa3f62a" in page
        assert "Contain and tell" not in page
    assert "No playbook matches" in office.browser("reader").get("/playbooks?q=nothing-like-it")
    assert "Contain and tell" not in office.browser("reader").get("/playbooks?type=mitigation")


def test_the_list_of_all_supplied_playbooks_takes_less_than_50_ms(office: Office) -> None:
    supplied(office)
    browser = office.browser("reader")
    browser.get("/playbooks")
    took = []
    for _ in range(9):
        began = time.perf_counter()
        browser.get("/playbooks")
        took.append(time.perf_counter() - began)
    assert statistics.median(took) < 0.05 * 3, "three times the limit, for a machine that does other work"


def test_a_playbook_says_which_rules_and_playbooks_use_it(office: Office) -> None:
    supplied(office, "ransomware.yaml", "notify-authority.yaml")
    called = load((SHIPPED / "notify-authority.yaml").read_bytes())["id"]
    page = office.browser("administrator").get(f"/playbooks/{called}")
    assert "Ransomware" in page[page.index("Used by") :]


def test_missing_departments_are_named_with_a_link_that_fills_in_the_form(office: Office) -> None:
    supplied(office, "ransomware.yaml")
    browser = office.browser("administrator")
    page = browser.get("/playbooks/playbook--dfa3f62a-26db-403f-9f87-159bd2cc8313")
    assert "needs departments that do not exist yet" in page
    link = page[page.index("/departments?code=duty-office") :].split('"')[0].replace("&amp;", "&")
    form = browser.get(link.partition("#")[0])
    assert 'value="duty-office"' in form
    assert 'value="Duty office / 值班室"' in form
    browser.post("/departments", name="Duty office", code="duty-office", parent="")
    assert "code=duty-office" not in browser.get("/playbooks/playbook--dfa3f62a-26db-403f-9f87-159bd2cc8313")


def test_the_text_of_a_playbook_is_shown_and_downloaded_as_yaml_and_json(office: Office) -> None:
    browser = office.browser("reader")
    path = f"/playbooks/{playbook()['id']}"
    assert "name: Contain and tell" in browser.get(f"{path}/text")
    assert "&#34;name&#34;: &#34;Contain and tell&#34;" in browser.get(f"{path}/text?as=json")
    assert load(browser.get(f"{path}/file?as=yaml"))["name"] == "Contain and tell"


def version(name: str, modified: str = "2026-01-02T00:00:00.000Z") -> dict[str, object]:
    steps = {"look": action("end", manual("Look"), name=name, timeout=600_000), "end": None}
    return document(steps, "Look", modified=modified)


def added(office: Office) -> tuple[str, str]:
    """Add a playbook; return its path and the base of its edit form."""
    answer = office.browser("coordinator").post("/playbooks", document=json.dumps(version("Look at it")))
    path = answer.location.partition("?")[0]
    return path, base_of(office, path)


def base_of(office: Office, path: str) -> str:
    form = office.browser("coordinator").get(f"{path}/edit")
    return form.partition('name="base" value="')[2].partition('"')[0]


def test_saving_an_edited_text_makes_a_new_version_and_shows_what_has_changed(office: Office) -> None:
    path, base = added(office)
    text = to_json_text(version("Look at it twice"))
    answer = office.browser("coordinator").post(f"{path}/edit", document=text, base=base)
    page = office.browser("coordinator").get(answer.location)
    assert "Look at it twice" in page
    assert ">changed<" in page.replace("</svg>", ">")
    assert "<ins>+" in page
    assert "<del>-" in page
    assert page.count("in use") == 1


def test_two_people_who_save_the_same_version_see_both_and_nothing_is_overwritten(office: Office) -> None:
    path, base = added(office)
    browser = office.browser("coordinator")
    browser.post(f"{path}/edit", document=to_json_text(version("Theirs")), base=base)
    answer = browser.post(f"{path}/edit", status=409, document=to_json_text(version("Mine")), base=base)
    assert "Theirs" in answer.text
    assert "Mine" in answer.text
    assert "Mine" not in browser.get(path)
    browser.post(f"{path}/edit", document=to_json_text(version("Mine")), base=base_of(office, path))
    assert "Mine" in browser.get(path)


def test_the_identifier_of_a_playbook_cannot_be_edited_away(office: Office) -> None:
    path, base = added(office)
    other = to_json_text(document({"look": action("end"), "end": None}, "Other"))
    answer = office.browser("coordinator").post(f"{path}/edit", status=422, document=other, base=base)
    assert "identifier of a playbook cannot change" in answer.text


def test_saving_the_same_text_makes_no_version(office: Office) -> None:
    path, base = added(office)
    office.browser("coordinator").post(f"{path}/edit", document=to_json_text(version("Look at it")), base=base)
    assert "There is only one version" in office.browser("coordinator").get(f"{path}/versions")


def test_a_slip_shows_its_root_cause_at_its_line_with_the_name_of_the_step_and_folds_the_rest(office: Office) -> None:
    text = (SHIPPED / "ransomware.yaml").read_text("utf-8").replace("type: parallel", "type: paralel")
    line = text[: text.index("type: paralel")].count("\n") + 1
    answer = office.browser("coordinator").post("/playbooks/check", status=200, document=text)
    assert "1 thing to put right" in answer.text
    assert f'data-line="{line}"' in answer.text
    assert "At once, side by side" in answer.text.partition("<details")[0]
    assert "36 faults that follow from it" in answer.text
    assert "action--" not in answer.text.replace("<code>", "\0").split("\0")[0]


def test_a_broken_reference_asks_whether_the_nearest_step_was_meant(office: Office) -> None:
    good = "on_completion: action--9c09d07c-0803-479e-b196-fd18584336a9"
    text = (SHIPPED / "ransomware.yaml").read_text("utf-8").replace(good, f"{good[:-1]}8")
    answer = office.browser("coordinator").post("/playbooks/check", status=200, document=text)
    assert "Did you mean “Confirm the encryption”?" in answer.text


def test_the_editor_names_the_step_that_waits_for_an_unknown_report(office: Office) -> None:
    text = (SHIPPED / "notify-authority.yaml").read_text("utf-8").replace("{regime: cn-cac-cii,", "{regime: cn-cac,")
    answer = office.browser("coordinator").post("/playbooks/check", status=200, document=text)
    assert "The step “First report, critical infrastructure" in answer.text
    assert "waits for a report by the law “cn-cac”, which is not known here." in answer.text


def test_a_text_that_cannot_be_read_keeps_what_was_typed(office: Office) -> None:
    answer = office.browser("coordinator").post("/playbooks", status=422, document="name: [unclosed\nmore: }")
    assert "name: [unclosed" in answer.text
    assert 'data-line="2"' in answer.text


def test_only_people_who_may_change_playbooks_open_the_editor(office: Office) -> None:
    for role in ("reader", "responder", "department"):
        office.browser(role).get(f"/playbooks/{playbook()['id']}/edit", status=403)
        assert "/edit" not in office.browser("reader").get(f"/playbooks/{playbook()['id']}")


def test_the_clock_of_a_version_is_the_time_of_saving(office: Office) -> None:
    path, base = added(office)
    office.browser("coordinator").post(f"{path}/edit", document=to_json_text(version("Later")), base=base)
    text = office.browser("coordinator").get(f"{path}/file")
    assert dt.datetime.fromisoformat(json.loads(text)["modified"]) > dt.datetime(2026, 1, 2, tzinfo=dt.UTC)


def test_a_playbook_is_started_from_its_page_after_a_preview_of_who_will_be_asked(office: Office) -> None:
    supplied(office, "ransomware.yaml", "notify-authority.yaml", "preserve-evidence.yaml", "inform-public.yaml")
    office.browser("administrator").post("/departments", name="Response centre", code="cert", parent="")
    number = office.open("NOC")
    browser = office.browser("coordinator")
    path = "/playbooks/playbook--dfa3f62a-26db-403f-9f87-159bd2cc8313"
    assert f'action="{path}/start"' in browser.get(path)
    location = browser.client.get(f"{path}/start?number={number.lower()}").location
    page = browser.get(location)
    asked = page[page.index("Who will be asked") :].partition("</div>")[0]
    assert "Response centre" in asked
    assert "Duty office" in asked
    assert "does not exist yet" in asked
    assert "Press office" in page, "asked by a playbook that it calls"


def test_a_number_that_does_not_exist_is_a_fault_at_its_field(office: Office) -> None:
    path = f"/playbooks/{playbook()['id']}/start?number=inc-2026-999999"
    page = office.browser("coordinator").get(path, status=422)
    assert "There is no incident INC-2026-999999." in page
    assert 'id="start-number-fault"' in page
    assert 'value="inc-2026-999999"' in page
    office.browser("reader").get(f"/playbooks/{playbook()['id']}/start?number=x", status=403)


def test_a_responder_is_told_on_the_page_of_a_playbook_who_may_start_it(office: Office) -> None:
    steps = {"block": action("end", http(), agent=MACHINE_AGENT, name="Block"), "end": None}
    answer = office.browser("coordinator").post("/playbooks", document=json.dumps(document(steps, "Machines")))
    page = office.browser("responder").get(answer.location.partition("?")[0])
    assert "You do not have permission to start this. These people do:" in page
    assert "You do not have permission to start this." not in office.browser("responder").get(
        f"/playbooks/{playbook()['id']}"
    )
    assert "You do not have permission to start this." not in office.browser("coordinator").get(answer.location)


def test_techniques_of_steps_are_shown_by_name_and_found(office: Office) -> None:
    steps = {"isolate": action("end", manual("Pull the cable"), name="Isolate"), "end": None}
    made = document(steps, "Contain encryption", id="playbook--00000000-0000-4000-8000-000000000a77")
    step = next(key for key in made["workflow"] if key.startswith("action"))
    made["workflow"][step]["external_references"] = [{"name": "mitre-attack", "external_id": "T1486"}]
    office.browser("administrator").post("/playbooks", document=json.dumps(made))
    named, reader = "T1486 Data Encrypted for Impact", office.browser("reader")
    assert named in reader.get(f"/playbooks/{made['id']}")
    for wanted in ("t1486", "encrypted impact"):
        page = reader.get(f"/playbooks?q={wanted}")
        assert named in page
        assert "Contain and tell" not in page
    number = office.open("NOC", playbook=made["id"])
    assert named in reader.get(f"/incidents/{number}")
    assert f"{named},0,1" in reader.get("/insights/techniques/csv")
    office.open("NOC", playbook=made["id"], tlp="red")
    assert f"{named},0,1" in reader.get("/insights/techniques/csv")
    assert f"{named},0,2" in office.browser("coordinator").get("/insights/techniques/csv")


def test_playbooks_against_a_technique_of_the_incident_are_offered_first(office: Office) -> None:
    steps = {"isolate": action("end", manual("Pull the cable"), name="Isolate"), "end": None}
    made = document(steps, "Zero in on encryption", id="playbook--00000000-0000-4000-8000-000000000a78")
    made["external_references"] = [{"name": "mitre-attack", "external_id": "T1486"}]
    boss, number = office.browser("coordinator"), office.open("NOC")
    boss.post("/playbooks", document=json.dumps(made))
    assert "Against techniques of this incident" not in boss.get(f"/incidents/{number}")
    boss.post(f"/incidents/{number}/techniques", technique="T1486")
    choices = boss.get(f"/incidents/{number}").partition('id="playbook"')[2].partition("</select>")[0]
    fitting, _, others = choices.partition('<optgroup label="Other playbooks">')
    assert '<optgroup label="Against techniques of this incident">' in fitting
    assert "Zero in on encryption" in fitting
    assert "Contain and tell" in others
    assert "Zero in on encryption" not in others
