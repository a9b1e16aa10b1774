"""What a form changes when somebody else changed the same thing meanwhile."""

from incident.core.values.form_merge import FormMerge, fingerprints, merge_form

SEEN = fingerprints({"title": "Disk full", "description": "One\nTwo", "grade": "2"})


def merged(typed: dict[str, str], present: dict[str, str], seen: str = SEEN) -> FormMerge:
    """The merge of a form whose other fields stayed as they were."""
    shown = {"title": "Disk full", "description": "One\nTwo", "grade": "2"}
    return merge_form(seen, shown | typed, shown | present)


def test_a_form_changes_only_the_fields_that_were_typed_into() -> None:
    assert merged({"title": "Disk is full"}, {}) == FormMerge(frozenset({"title"}), frozenset())


def test_other_line_ends_and_surrounding_blanks_are_no_change() -> None:
    assert merged({"description": "One\r\nTwo\r\n"}, {}).changed == frozenset()


def test_what_somebody_else_changed_in_another_field_stays_and_is_no_conflict() -> None:
    assert merged({"title": "Disk is full"}, {"grade": "1"}) == FormMerge(frozenset({"title"}), frozenset())


def test_a_field_that_two_people_changed_in_two_ways_is_a_conflict() -> None:
    found = merged({"title": "Mine", "grade": "3"}, {"title": "Theirs"})
    assert found == FormMerge(frozenset({"title", "grade"}), frozenset({"title"}))


def test_two_people_who_typed_the_same_do_not_conflict() -> None:
    assert merged({"title": "Same"}, {"title": "Same "}).conflicts == frozenset()


def test_a_form_that_does_not_say_what_was_seen_is_taken_as_typed() -> None:
    found = merged({"title": "Mine"}, {"title": "Theirs"}, "nonsense")
    assert found == FormMerge(frozenset({"title", "description", "grade"}), frozenset())
