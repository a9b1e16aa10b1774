"""The page of figures to check: one button each, and the mark that disappears wherever it was shown."""

from tests.web.office import Office

PATH = "/figures/cn-cac-guide/cac.infrastructure.3"
LINE = "Critical infrastructure down as a whole for 30 minutes or longer"


def test_an_administrator_confirms_a_figure_and_its_mark_disappears(office: Office) -> None:
    number, boss = office.open("CERT"), office.browser("administrator")
    grading = f"/incidents/{number}/grading"
    boss.post(grading, **{"number-cii_down_minutes": "35"})

    def is_marked() -> bool:
        line = boss.get(grading).partition(LINE)[2].partition("</li>")[0]
        return "check the original text" in line

    assert is_marked()
    page = boss.get("/figures")
    item = page.partition('id="figure-cn-cac-guide.cac.infrastructure.3"')[2].partition("</li>")[0]
    assert LINE in item
    assert "Read in a draft of the rule." in item
    mark = item.split('name="figure_hash" value="')[1].split('"')[0]
    of = "cn-cac-guide.cac.infrastructure.3"
    refused = boss.post(f"{PATH}/confirm", status=422, form=of, figure_hash=mark, read_in="").text
    assert f'id="read-in-{of}-fault"' in refused
    assert "changed since you read it" in boss.post(f"{PATH}/confirm", 409, figure_hash="0" * 64, read_in="x").text
    boss.post(f"{PATH}/confirm", figure_hash=mark, read_in="annex 1, official print")
    assert not is_marked()
    item = boss.get("/figures").partition(f'id="figure-{of}"')[2].partition("</li>")[0]
    assert "annex 1, official print" in item
    assert "Person administrator" in item
    assert "read in annex 1, official print" in boss.get("/journal")
    assert f'id="reason-{of}-fault"' in boss.post(f"{PATH}/withdraw", status=422, form=of, reason="").text
    boss.post(f"{PATH}/withdraw", reason="it was the draft")
    assert is_marked()


def test_the_figures_of_laws_say_their_period_and_others_only_read_them(office: Office) -> None:
    reader = office.browser("reader")
    page = reader.get("/figures")
    assert "72 hours" in page.partition('id="eu-gdpr-33"')[2].partition("</section>")[0]
    assert "I read this figure there" not in page
    reader.post(f"{PATH}/confirm", status=403, figure_hash="0" * 64, read_in="x")
    assert 'href="/figures"' in reader.get("/organization")
    assert "核对原文" in office.browser("reader", "zh_Hans_CN").get("/figures")
