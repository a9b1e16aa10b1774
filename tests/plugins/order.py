"""Runs the slowest files first, so that all workers end at the same time."""

from typing import Final

import pytest

SLOWEST_FIRST: Final = ("tests/browser/", "tests/stories/", "tests/web/test_planted_words.py", "tests/web/test_fuzz.py")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Sort the tests by how slow their folder or file is, and keep their order otherwise."""
    items.sort(key=_place)


def _place(item: pytest.Item) -> int:
    found = (place for place, path in enumerate(SLOWEST_FIRST) if item.nodeid.startswith(path))
    return next(found, len(SLOWEST_FIRST))
