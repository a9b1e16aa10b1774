"""The chain of migrations: one line from the first to the newest, read from the files alone."""

import ast
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

VERSIONS = Path(__file__).parents[2] / "migrations" / "versions"


def revisions(folder: Path = VERSIONS) -> Iterator[tuple[str, object, object]]:
    """Each migration's file, its revision and the one before it; None where a file does not say."""
    for file in sorted(folder.glob("*.py")):
        said = {
            name: value.value if isinstance(value, ast.Constant) else ast.unparse(value)
            for node in ast.parse(file.read_text("utf-8")).body
            for name, value in _assigned(node)
        }
        yield file.name, said.get("revision"), said.get("down_revision")


def _assigned(node: ast.stmt) -> Iterator[tuple[str, ast.expr]]:
    if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
        for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
            if isinstance(target, ast.Name):
                yield target.id, node.value


def faults(chain: list[tuple[str, object, object]]) -> list[str]:
    """What keeps migrations from being one line."""
    known, before = [one for _, one, _ in chain], [one for _, _, one in chain]
    found = [f"{name}: has no revision" for name, one, _ in chain if not isinstance(one, str)]
    found += [f"{one}: is the revision of {count} files" for one, count in Counter(known).items() if count > 1]
    found += [f"{one}: is followed by {count} files" for one, count in Counter(before).items() if one and count > 1]
    found += [f"{name}: follows {one}, which does not exist" for name, _, one in chain if one and one not in known]
    for what, ends in (("first", [one for _, one, after in chain if after is None]), ("last", {*known} - {*before})):
        if len(ends) != 1:
            found.append(f"the {what} is not one but {sorted(map(str, ends))}")
    return found


def test_migrations_are_one_line_without_gaps_and_doubles() -> None:
    chain = list(revisions())
    assert chain
    assert faults(chain) == []


@pytest.mark.parametrize(
    ("third", "says"),
    [
        (("c.py", "2", "1"), "2: is the revision of 2 files"),
        (("c.py", "3", "1"), "1: is followed by 2 files"),
        (("c.py", "4", "3"), "c.py: follows 3, which does not exist"),
        (("c.py", "3", None), "the first is not one but ['1', '3']"),
        (("c.py", "3", "1"), "the last is not one but ['2', '3']"),
        (("c.py", None, "2"), "c.py: has no revision"),
    ],
)
def test_a_chain_that_forks_breaks_or_repeats_is_found(third: tuple[str, object, object], says: str) -> None:
    assert says in faults([("a.py", "1", None), ("b.py", "2", "1"), third])
