"""What is counted of an incident, on which day, and in which sums."""

import datetime as dt
import json
from collections import Counter
from zoneinfo import ZoneInfo

from incident.core.insights.counting import (
    EVERYWHERE,
    ActionHistory,
    CountedFact,
    CountedIncident,
    Happening,
    IncidentHistory,
    count_incident,
    sums_of,
)
from incident.core.insights.durations import letter_of

SHANGHAI = ZoneInfo("Asia/Shanghai")
OPENED = dt.datetime(2026, 11, 30, 15, 30, tzinfo=dt.UTC)  # half past eleven at night in Shanghai, a Monday
NET, WEB = 4, 7


def hours(count: float) -> dt.datetime:
    return OPENED + dt.timedelta(hours=count)


def counted(zone: ZoneInfo = SHANGHAI, *happenings: Happening, **facts: object) -> CountedIncident:
    history = IncidentHistory(OPENED, departments=(NET, WEB), happenings=happenings, **facts)  # type: ignore[arg-type]
    return count_incident(history, zone)


def of(found: CountedIncident, measure: str) -> list[CountedFact]:
    return [one for one in found.facts if one.measure == measure]


def letter(**length: float) -> str:
    return letter_of(dt.timedelta(**length))


def test_a_fact_belongs_to_the_day_and_hour_of_the_zone_in_which_it_happened() -> None:
    (opened,), (elsewhere,) = (of(counted(zone), "opened") for zone in (SHANGHAI, ZoneInfo("Asia/Tokyo")))
    assert (str(opened.day), opened.item) == ("2026-11-30", "023")
    assert (str(elsewhere.day), elsewhere.item) == ("2026-12-01", "100")


def test_a_late_acknowledgement_counts_in_the_month_in_which_it_came_and_never_before() -> None:
    late = Happening("acknowledged", hours(30), 1, NET)
    assert of(counted(), "acknowledged") == []
    of_incident, of_department = of(counted(SHANGHAI, late), "acknowledged")
    assert str(of_incident.day) == "2026-12-02"
    assert (of_incident.departments, of_department.departments) == ((EVERYWHERE,), (NET,))


def test_the_first_acknowledgement_counts_and_each_notice_from_when_it_was_opened() -> None:
    found = counted(
        SHANGHAI,
        Happening("noticed", hours(0), 1, NET),
        Happening("noticed", hours(2), 2, WEB),
        Happening("acknowledged", hours(3), 2, WEB),
        Happening("taken", hours(4)),
        Happening("noticed", hours(5), 2, WEB),
        Happening("acknowledged", hours(6), 2, WEB),
        Happening("acknowledged", hours(8), 1, NET),
    )
    assert [(one.departments, one.letter) for one in of(found, "acknowledged")] == [
        ((EVERYWHERE,), letter(hours=3)),
        ((WEB,), letter(hours=1)),
        ((NET,), letter(hours=8)),
    ]


def test_an_open_incident_is_not_resolved_and_one_closed_again_took_the_whole_time() -> None:
    again = Happening("reopened", hours(3))
    assert of(counted(SHANGHAI, again), "resolved") == []
    (resolved,) = of(counted(SHANGHAI, again, closed_at=hours(40)), "resolved")
    assert (str(resolved.day), resolved.letter) == ("2026-12-02", letter(hours=40))
    assert [one.departments for one in of(counted(SHANGHAI, again), "reopened")] == [(EVERYWHERE, NET, WEB)]


def test_an_end_of_handling_before_the_opening_took_no_time() -> None:
    (contained,) = of(counted(handled_at=hours(-5)), "contained")
    assert (str(contained.day), contained.letter) == ("2026-11-30", "!")


def test_the_hours_of_a_drill_are_those_of_its_clock() -> None:
    drill = counted(speed=60, closed_at=hours(1))
    assert drill.is_drill
    assert of(drill, "resolved")[0].letter == letter(hours=60)


def test_a_step_of_a_red_playbook_is_red_also_on_an_incident_that_is_not() -> None:
    found = counted(SHANGHAI, Happening("timed_out", hours(1), department_id=NET, item="Contain\nIsolate", is_red=True))
    assert {(one.measure, one.is_red) for one in found.facts} == {("opened", False), ("timed_out", True)}


def test_a_fact_is_in_the_sums_of_all_and_of_each_department_by_what_they_are_divided() -> None:
    found = sums_of(counted(category="NASCAN"))
    keys = Counter((key.dimension, key.department_id, key.item, str(key.day)) for key, _ in found)
    of_month = (("month", ""), ("category", "NASCAN"), ("hour", "023"))
    assert set(keys) == {
        (dimension, place, item, day)
        for place in (EVERYWHERE, NET, WEB)
        for dimension, item, day in (("day", "", "2026-11-30"), *((*one, "2026-11-01") for one in of_month))
    }


def test_what_was_counted_is_read_as_it_was_written() -> None:
    found = counted(SHANGHAI, Happening("escalated", hours(1), 1, NET), category="NASCAN", closed_at=hours(9))
    assert CountedIncident.from_json(json.loads(json.dumps(found.to_json()))) == found


def test_a_review_counts_since_the_closing_and_its_later_changes_do_not() -> None:
    closed = counted(closed_at=hours(10))
    assert [str(one.day) for one in of(closed, "unreviewed")] == ["2026-12-01"]
    assert of(closed, "reviewed") == []
    first, changed = Happening("reviewed", hours(34)), Happening("reviewed", hours(80))
    reviewed = counted(SHANGHAI, first, changed, closed_at=hours(10))
    (found,) = of(reviewed, "reviewed")
    assert (str(found.day), found.letter, found.departments) == ("2026-12-02", letter(hours=24), (EVERYWHERE, NET, WEB))
    assert of(reviewed, "unreviewed") == []


def test_a_review_from_before_the_last_closing_counts_without_a_time() -> None:
    (found,) = of(counted(SHANGHAI, Happening("reviewed", hours(5)), closed_at=hours(10)), "reviewed")
    assert found.letter == letter()
    (found,) = of(counted(SHANGHAI, Happening("reviewed", hours(5))), "reviewed")
    assert found.letter == letter()
    assert of(counted(), "unreviewed") == []


def test_the_time_to_review_is_real_also_in_a_drill() -> None:
    (found,) = of(counted(SHANGHAI, Happening("reviewed", hours(34)), closed_at=hours(10), speed=10), "reviewed")
    assert found.letter == letter(hours=24)


def test_an_action_is_due_on_its_day_and_kept_when_it_was_done_by_then() -> None:
    kept = ActionHistory(hours(1), hours(100), hours(100))
    late = ActionHistory(hours(1), hours(100), hours(101))
    still_open = ActionHistory(hours(1), hours(100))
    found = counted(closed_at=hours(0), actions=(kept, late, still_open))
    numbers = Counter(one.measure for one in found.facts if one.measure.startswith("action"))
    assert numbers == {"action_added": 3, "action_due": 3, "action_done": 2, "action_kept": 1}
    assert {str(one.day) for one in of(found, "action_due") + of(found, "action_kept")} == {"2026-12-05"}
