"""Pages of authorities: the form of a department, gaps before any incident, and names where reports go."""

import re

from tests.web.office import Browser, Office

PROFILE = {"operator_class": "cii", "sectors": "energy", "regions": "330100"}


def declare(browser: Browser, code: str, status: int = 303, **typed: object) -> str:
    page = browser.get(f"/departments/{code}")
    version = page.partition('id="change-authority"')[2].partition('name="version" value="')[2].partition('"')[0]
    given = {"authority_regions": "", "authority_other_sectors": ""} | typed
    return browser.post(f"/departments/{code}/authority", status=status, version=version, **given).text


def test_a_department_is_declared_an_authority_by_names_and_taken_off_again(office: Office) -> None:
    browser = office.browser("administrator")
    assert "Not an authority" in browser.get("/departments/NOC")
    declare(browser, "NOC", authority_roles=["police"], authority_regions="33", authority_sectors=["energy"])
    page = browser.get("/departments/NOC").partition('id="authority"')[2]
    assert "<dd>Police</dd>" in page
    assert "Zhejiang 33" in page
    assert "公安机关" in office.browser("administrator", "zh_Hans_CN").get("/departments/NOC")
    refused = declare(browser, "NOC", 422, authority_roles=["police"], authority_regions="x" * 61)
    assert "must be 1 to 60 characters" in refused
    assert 'value="' + "x" * 61 in refused
    assert "No law names an authority “wizard”" in declare(browser, "NOC", 422, authority_roles=["wizard"])
    declare(browser, "NOC")
    assert "Not an authority" in browser.get("/departments/NOC")
    assert "change-authority" not in office.browser("reader").get("/departments/NOC")


def test_gaps_are_shown_before_any_incident_and_go_when_a_department_has_the_role(office: Office) -> None:
    boss = office.browser("administrator")
    boss.post("/organization", **PROFILE)
    before = boss.get("/organization").partition('id="regimes"')[2]
    assert "no department here for Energy · Zhejiang 330100" in before
    assert "该地区和行业" not in before
    declare(boss, "NOC", authority_roles=["police"], authority_regions="3301")
    declare(boss, "CERT", authority_roles=["protection_department"], authority_sectors=["energy"])
    first = boss.get("/organization").partition('id="regimes"')[2].partition("First report")[2].partition("</li>")[0]
    assert 'href="/departments/NOC#authority"' in first
    assert "no department here" not in first
    declare(boss, "CERT", authority_roles=["protection_department", "police"], authority_regions="3301")
    assert "more than one fits" in boss.get("/organization")


def test_clocks_forms_and_the_print_name_the_department(office: Office) -> None:
    boss = office.browser("administrator")
    boss.post("/organization", **PROFILE)
    declare(boss, "NOC", authority_roles=["police"], authority_regions="3301")
    number = office.open("CERT")
    browser = office.browser("responder")
    browser.post(f"/incidents/{number}/awareness", at="2026-11-21 00:00", form="aware", who="Li", how="alarm")
    page = browser.get(f"/incidents/{number}/clocks")
    name = re.search(r"<h1>([^<]+?) <span", browser.get("/departments/NOC"))
    assert name is not None
    named = f"Department for the protection of critical infrastructure, {name[1]}"
    assert f'value="{named}"' in page
    assert named in browser.get(f"/incidents/{number}/clocks/report")
    assert named in browser.get("/clocks")
