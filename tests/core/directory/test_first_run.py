"""The steps of the first run."""

from incident.core.directory.first_run import FIRST_STEPS, steps_left


def test_what_is_left_is_neither_done_nor_skipped_and_in_order() -> None:
    assert steps_left({}, ()) == list(FIRST_STEPS)
    assert steps_left({"language": True, "drill": False}, {"organization", "rules"}) == [
        "playbooks",
        "departments",
        "contacts",
        "people",
        "drill",
    ]
