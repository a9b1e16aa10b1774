"""Names and queries of saved views."""

import pytest

from incident.core.incidents.listing.view import MAX_VIEWS, require_query, require_room, require_view_name
from incident.core.values.faults import RuleError


def test_a_query_is_kept_without_empty_parameters_and_without_a_place_in_the_list() -> None:
    assert require_query("?tab=open&q=&grade=1&cursor=abc&said=changed") == "tab=open&grade=1"


@pytest.mark.parametrize(
    ("check", "code"),
    [
        (lambda: require_view_name("  "), "view.unnamed"),
        (lambda: require_query("q=" + "x" * 2_000), "view.query_too_long"),
        (lambda: require_query("q=%00"), "text.unfit"),
        (lambda: require_room(MAX_VIEWS), "view.too_many"),
    ],
    ids=["no name", "long", "control character", "no room"],
)
def test_a_view_is_refused_with_its_reason(check: object, code: str) -> None:
    with pytest.raises(RuleError) as refused:
        check()  # type: ignore[operator]
    assert refused.value.code == code
