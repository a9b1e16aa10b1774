"""Selection of categories in forms: searched for by name, submitted as a name or a code."""

from collections.abc import Iterable, Iterator
from functools import cache

from werkzeug.datastructures import MultiDict

from incident.data import categories


@cache
def _codes_by_name() -> dict[str, str]:
    """Return the code of each category by its names in both languages, case folded."""
    return {one.name(language).casefold(): one.code for one in categories() for language in ("en", "zh_Hans_CN")}


def typed_category(typed: str | None) -> str | None:
    """Return the code of a category typed as its name or its code; a sender's own word unchanged."""
    return typed and _codes_by_name().get(typed.strip().casefold(), typed.strip())


def picked_categories(form: MultiDict[str, str], name: str) -> list[str]:
    """Return the categories that were selected or typed, each once; several are separated by commas."""
    return list(dict.fromkeys(_each(form.getlist(name))))


def _each(values: Iterable[str]) -> Iterator[str]:
    for value in values:
        is_name = value.strip().casefold() in _codes_by_name()
        parts = [value] if is_name else value.replace("，", ",").split(",")
        yield from (code for part in parts if (code := typed_category(part)))
