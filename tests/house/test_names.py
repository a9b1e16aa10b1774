"""Names of modules, classes and functions: meaningful and unique in their layer."""

import ast
import re

import pytest

from tests.house import source

SAY_NOTHING = {"utils", "util", "helpers", "helper", "common", "misc", "manager", "managers", "service", "services"}
TERMS = {"advisory_lock"}
"""Terms of external systems that contain a word with another meaning here."""


def not_called() -> dict[str, str]:
    """Words that the glossary does not use, each with the word that it uses instead."""
    found: dict[str, str] = {}
    for line in (source.ROOT / "docs" / "glossary.md").read_text("utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("| ") and len(cells) == 4 and cells[0] != "word":
            found |= {word.strip(): cells[0] for word in cells[3].split(",") if word.strip()}
    return found


def words(name: str) -> list[str]:
    parts = re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+", name)
    return [part.lower() for part in parts]


def test_no_file_or_folder_has_a_name_that_says_nothing() -> None:
    bad = [
        source.shown(file)
        for file in source.files()
        if SAY_NOTHING & {part.removesuffix(".py") for part in file.parts[-3:]}
    ]
    assert bad == []


def test_classes_and_functions_use_the_words_of_the_glossary() -> None:
    bad = []
    avoided = not_called()
    assert len(avoided) >= 10
    for file in source.files("incident"):
        for node in ast.walk(source.tree(file)):
            if isinstance(node, ast.ClassDef | ast.FunctionDef):
                bad += [
                    f"{source.shown(file)}:{node.lineno} {node.name}: say {avoided[word]}"
                    for word in words(node.name)
                    if word in avoided and node.name not in TERMS
                ]
    assert bad == []


def test_a_truth_a_moment_and_a_length_of_time_are_told_apart_by_their_names() -> None:
    bad = []
    for file in source.files("incident"):
        for node in ast.walk(source.tree(file)):
            if not isinstance(node, ast.AnnAssign) or not isinstance(node.target, ast.Name):
                continue
            name, kind = node.target.id, ast.unparse(node.annotation)
            if re.search(r"\bdatetime\b", kind) and "Mapped" in kind and not name.endswith(("_at", "at")):
                bad.append(f"{source.shown(file)}:{node.lineno} {name}: a moment ends in _at")
            if re.search(r"\bbool\b", kind) and "Mapped" in kind and not name.startswith(("is_", "has_")):
                bad.append(f"{source.shown(file)}:{node.lineno} {name}: a truth starts with is_ or has_")
    assert bad == []


def test_names_of_tests_are_sentences() -> None:
    bad = [
        f"{source.shown(file)}:{function.lineno} {function.name}"
        for file in source.files("tests")
        for function in source.functions(file)
        if function.name.startswith("test_") and function.name.count("_") < 3
    ]
    assert bad == []


SHARED_BY_DESIGN = {"N_", "make", "parse", "register"}
"""`N_` marks texts for translation, also in the playbook engine, which imports nothing else of core. The others are
interfaces: `make` makes a channel or executor, `parse` reads what a source sends, `register` adds a part of web.
"""

EARLIER = {
    "Deed", "Once", "AnsweredBefore", "OtherRequest", "KeptAnswer", "Straight", "Carried", "Inserting", "Turns",
    "Waiting", "Ahead", "Around", "Fact", "Manner", "Way", "Turn", "Reached", "Finder", "Found", "Looked",
    "Circumstances", "Tell", "Held", "Chosen", "Group", "Sending", "Ended", "Claim", "Post", "Trace", "Slots",
    "Together", "Pulses", "Lifeline", "Patience", "Pace", "Orders", "Teller", "Tried", "Hub", "Follower",
    "Matter", "Given", "Verdict", "Work", "Told", "Asked", "Places",
}  # fmt: skip
"""Former class names that new readers did not understand; `docs/glossary.md` has their replacements."""


def defined(layer: str) -> dict[str, list[str]]:
    """Public classes and functions of a layer, each with the modules that define it."""
    found: dict[str, list[str]] = {}
    for file in source.files(f"incident/{layer}"):
        for node in source.tree(file).body:
            if isinstance(node, ast.ClassDef | ast.FunctionDef) and not node.name.startswith("_"):
                found.setdefault(node.name, []).append(source.shown(file))
    return found


LAYERS = ("core", "store", "actions", "jobs", "web", "channels", "executors", "sources", "formats", "cli")


@pytest.mark.parametrize("layer", LAYERS)
def test_one_name_means_one_thing_in_a_layer(layer: str) -> None:
    twice = {name: files for name, files in defined(layer).items() if len(files) > 1 and name not in SHARED_BY_DESIGN}
    assert twice == {}


def test_no_class_has_a_name_that_needs_explaining() -> None:
    classes = {
        f"{source.shown(file)}: {node.name}"
        for file in source.files("incident")
        for node in ast.walk(source.tree(file))
        if isinstance(node, ast.ClassDef) and node.name in EARLIER
    }
    assert classes == set()


@pytest.mark.parametrize("layer", ["core", "store", "actions", "jobs", "web", "web/api", "web/pages"])
def test_modules_lie_in_areas(layer: str) -> None:
    beside = [file.name for file in (source.ROOT / "incident" / layer).glob("*.py")]
    assert len(beside) <= 12, beside
