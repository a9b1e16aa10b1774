"""Numbers in forms and addresses: one that cannot be read is never a fault of the server."""

import pytest

from tests.web.office import Office

NO_NUMBERS = ("²", "--5", "9" * 5_000)


@pytest.mark.parametrize("typed", NO_NUMBERS)
def test_what_is_no_number_in_an_address_is_left_out(office: Office, typed: str) -> None:
    browser = office.browser("coordinator")
    for path in (f"/incidents/new?report={typed}", f"/incidents?deleted_view={typed}", f"/rules?rule={typed}"):
        browser.get(path)


@pytest.mark.parametrize("typed", NO_NUMBERS)
def test_what_is_no_number_in_a_form_is_refused(office: Office, typed: str) -> None:
    number, browser = office.open("CERT"), office.browser("coordinator")
    browser.post("/incidents/bulk/undo", 200, undo=f"{number}:{typed}")
    browser.post("/incidents/bulk", 422, do="grade", grade=typed, numbers=[number])
    for step in ("preview", "save"):
        fields = {"step": step, "number-views": typed}
        page = browser.post(f"/incidents/{number}/grading", {"preview": 200, "save": 422}[step], **fields).text
        assert f'value="{typed}"' in page
    browser.post("/rules/move", 303, rule="0", to=typed)
