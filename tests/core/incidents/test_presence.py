"""Who is shown that somebody looks at an incident."""

from incident.core.incidents.presence import may_see_viewer
from incident.core.values.access import Viewer


def test_nobody_is_shown_themselves() -> None:
    assert not may_see_viewer(Viewer("administrator", frozenset({4}), 7), 7, 4)
    assert may_see_viewer(Viewer("administrator", frozenset({4}), 7), 8, 4)


def test_without_the_journal_one_is_shown_only_people_of_the_own_departments() -> None:
    member = Viewer("department", frozenset({4}), 7)
    assert may_see_viewer(member, 8, 4)
    assert not may_see_viewer(member, 8, 5)
    assert not may_see_viewer(member, 8, None)
    assert may_see_viewer(Viewer("reader", frozenset(), 7), 8, None)
