"""Names that say something, one word per thing."""

import ast
import re

from tests.house import source

SAY_NOTHING = {"utils", "util", "helpers", "helper", "common", "misc", "manager", "managers", "service", "services"}
# From the glossary: the word beside it is the one the project uses.
NOT_CALLED = {
    "complaint": "report", "whistleblower": "reporter", "informant": "reporter", "priority": "grade",
    "ioc": "indicator", "observable": "indicator", "attachment": "evidence", "runbook": "playbook", "todo": "task",
    "cron": "timer", "ticket": "report, receipt or incident", "bounty": "reward", "advisory": "bulletin",
    "simulation": "drill",
}  # fmt: skip


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
    for file in source.files("incident"):
        for node in ast.walk(source.tree(file)):
            if isinstance(node, ast.ClassDef | ast.FunctionDef):
                bad += [
                    f"{source.shown(file)}:{node.lineno} {node.name}: say {NOT_CALLED[word]}"
                    for word in words(node.name)
                    if word in NOT_CALLED
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
