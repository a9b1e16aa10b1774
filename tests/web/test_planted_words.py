"""Derived texts have the visibility of their object: a word planted in each text is searched for everywhere.

Every GET route of the URL map is read as every caller, with every id that there is. A route with an argument that is
not known here fails: say in `planted.TABLES` where its values come from.
"""

import io
import itertools
import re
import zipfile
from collections import defaultdict
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
from flask import Flask
from werkzeug.routing import Rule

from incident.web.pages.directory import set_up
from incident.web.streams import sse
from tests.plugins.app import Api, Speaker
from tests.web.planted import CALLERS, FOUND_BY, SEEN_BY, Planted, open_playbook, plant, red_playbook

NOT_WALKED = {"static"}
"""Files that come with the program."""

UNKNOWN = {"number": "INC-2026-999999", "playbook_id": "playbook--99999999-9999-4999-8999-999999999999"}
TOKENS = ("token",)
"""Arguments of links that need no sign-in: their holders are not among the callers of this test."""

QUERIES = {
    "/api/v1/drills": [f"playbook={red_playbook()['id']}"],
    "/api/v1/incidents": ["exercise=true", "status=closed"],
    "/api/v1/insights": ["by=category", "by=step", "by=step&exercise=true", "by=department"],
    "/api/v1/insights.csv": ["by=category", "by=step", "by=step&exercise=true"],
    "/api/v1/notices": ["state=declined"],
    "/api/v1/reports": ["state=accepted"],
    "/api/v1/tasks": ["state=all"],
    "/drills": [f"playbook={red_playbook()['id']}"],
    "/drills/new": [f"playbook={red_playbook()['id']}", f"playbook={open_playbook()['id']}"],
    "/inbox": ["department=CERT"],
    "/incidents": ["exercise=true", "status=closed"],
    "/incidents/<number>": ["journal=all"],
    "/incidents/<number>/live": ["journal=all"],
    "/incidents/<number>/runs/new": [f"playbook={one['id']}" for one in (red_playbook(), open_playbook())],
    "/incidents/new": ["report=1", "report=2"],
    "/reports": ["state=accepted"],
    "/rules": ["try=1&category=malware&source=manual", "rule=0"],
}
"""Optional parts of a page that must be requested."""

LIVE = ("/departments", "/inbox", "/incidents")
"""Pages of which htmx reloads a part."""

SEARCHES = (
    *("/incidents", "/reports", "/departments", "/pick/departments", "/search", "/search/results"),
    *("/api/v1/incidents", "/api/v1/reports"),
)
NOTHING = "qz" * 4
"""A word that was never planted."""

WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

HEAD = 2
"""The number of stream events read: the initial ones and the missed ones."""


@pytest.fixture
def planted(sqlite_app: Flask, furnished_sqlite: Speaker, monkeypatch: pytest.MonkeyPatch) -> Planted:
    """The instance with its words; its streams may be opened."""
    monkeypatch.setattr(set_up, "shipped_playbooks", list)  # files that come with the program, slow to read
    sqlite_app.extensions[sse.EXTENSION].fit(9, lambda: True)
    return plant(sqlite_app, furnished_sqlite)


def walked(app: Flask) -> list[Rule]:
    """The rules of the URL map that can be read."""
    rules = [rule for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ())]
    return sorted((rule for rule in rules if rule.endpoint not in NOT_WALKED), key=lambda rule: rule.rule)


def plain(rule: Rule) -> str:
    """The address of a rule, its arguments without their converters."""
    return re.sub(r"<(?:[^<>:]+(?:\([^)]*\))?:)?([^<>:]+)>", r"<\1>", rule.rule)


def values_of(planted: Planted, argument: str) -> list[str]:
    if argument in TOKENS:
        return ["nonsense"]
    assert argument in planted.values, f"say in planted.TABLES which values <{argument}> has"
    return [str(one) for one in planted.values[argument]]


def addresses(planted: Planted, rule: Rule) -> Iterator[tuple[str, dict[str, str]]]:
    """Every address of a rule, and the values in it."""
    names = sorted(rule.arguments)
    for chosen in itertools.product(*(values_of(planted, name) for name in names)):
        filled = plain(rule)
        for name, value in zip(names, chosen, strict=True):
            filled = filled.replace(f"<{name}>", quote(value, safe=""))
        yield filled, dict(zip(names, chosen, strict=True))


def read(asking: Api, address: str, **headers: str) -> tuple[int, str]:
    """Read an address, an error page without its reference; of a stream only its beginning."""
    answer = asking.client.get(address, headers=asking.headers | headers)
    if answer.mimetype == "text/event-stream":
        beginning = b"".join(itertools.islice(answer.iter_encoded(), HEAD))
        answer.close()
        return answer.status_code, beginning.decode()
    if answer.mimetype == "application/zip":  # of evidence: its files are stored as they are
        return answer.status_code, answer.get_data().decode("latin-1")
    if answer.mimetype == WORKBOOK and answer.status_code == 200:
        with zipfile.ZipFile(io.BytesIO(answer.get_data())) as book:
            return answer.status_code, "".join(book.read(name).decode() for name in book.namelist())
    text = re.sub(r'id="reference">[^<]*<', 'id="reference"><', answer.get_data(as_text=True))
    return answer.status_code, text + str(answer.headers)


def variants(rule: Rule, address: str) -> Iterator[tuple[str, dict[str, str]]]:
    """An address with each of its queries, and as htmx asks for it."""
    yield from ((address + query, {}) for query in ("", *(f"?{one}" for one in QUERIES.get(plain(rule), ()))))
    if plain(rule) in LIVE:
        yield address, {"HX-Request": "true"}


def test_each_word_is_read_by_whom_it_is_for_and_what_is_hidden_has_never_been(planted: Planted) -> None:
    found: dict[str, dict[str, str]] = defaultdict(dict)
    leaked: list[str] = []
    for name in CALLERS:
        asking, never = planted.caller(name), Never()
        for rule in walked(planted.app):
            for address, chosen in addresses(planted, rule):
                for target, headers in variants(rule, address):
                    status, text = read(asking, target, **headers)
                    assert status != 500, (name, target, text[:500])
                    lowered = text.lower()
                    for word in SEEN_BY:
                        if word in lowered:
                            found[word].setdefault(name, target)
                    leaked += [f"{what}: {name} {target}" for what, one in planted.secrets.items() if one in text]
                    if status == 404 and chosen and target == address:
                        assert without(text, address) == never.answer(asking, rule, address, chosen), (name, address)
    wrong = {
        word: {name: found[word].get(name, "not seen") for name in sorted(set(found[word]) ^ seen_by)}
        for word, seen_by in SEEN_BY.items()
        if set(found[word]) != seen_by
    }
    assert not wrong, wrong
    assert not leaked, leaked


class Never:
    """The response for an object that never existed, requested once for each rule."""

    def __init__(self) -> None:
        self.known: dict[str, str] = {}

    def answer(self, asking: Api, rule: Rule, address: str, chosen: dict[str, str]) -> str:
        """The answer to an address like this one."""
        if rule.rule not in self.known:
            other = address
            for name, value in chosen.items():
                other = other.replace(f"/{quote(value, safe='')}", f"/{UNKNOWN.get(name, '999999')}")
            status, text = read(asking, other)
            assert status == 404, other
            self.known[rule.rule] = without(text, other)
        return self.known[rule.rule]


def without(text: str, address: str) -> str:
    """A text without the requested address and without numbers, which may be times and lengths."""
    return re.sub(r"\d+", "0", text.replace(quote(address, safe=""), "ADDRESS").replace(address, "ADDRESS"))


def test_a_search_finds_no_word_that_is_not_for_who_asks(planted: Planted) -> None:
    assert set(SEARCHES) <= {plain(rule) for rule in walked(planted.app)}
    for name in CALLERS:
        asking = planted.caller(name)
        for path in SEARCHES:
            nothing = sized(read(asking, f"{path}?q={NOTHING}")[1].replace(NOTHING, "WORD"))
            for word, seen_by in (SEEN_BY | FOUND_BY).items():
                for asked in () if name in seen_by else (word, word[:-1]):
                    assert sized(read(asking, f"{path}?q={asked}")[1].replace(asked, "WORD")) == nothing, (
                        name,
                        path,
                        asked,
                    )
        for word, seen_by in FOUND_BY.items():
            if name in seen_by:
                assert asking.seen(f"/incidents?q={word}")["items"], (name, word)


def sized(text: str) -> str:
    """A text without parts that differ between any two responses: times, and the length of the word."""
    return re.sub(r"Content-Length: \d+|Date: .*|\d{9,}", "", text)


def test_no_refusal_tells_a_word_that_is_not_for_who_asks(planted: Planted) -> None:
    red, known = red_playbook()["id"], open_playbook()["id"]
    bodies: tuple[dict[str, Any], ...] = (
        {},
        {"playbook": red},
        {"playbook": known, "reports": [2], "report": 2, "title": "x", "departments": ["CERT"]},
    )
    rules = [rule for rule in planted.app.url_map.iter_rules() if plain(rule).startswith("/api/")]
    for name in [one for one in CALLERS if one not in ("administrator", "coordinator")]:
        asking = planted.caller(name)
        for rule in rules:
            names = sorted(rule.arguments)
            if not set(names) <= set(planted.values):
                continue
            for address, _ in addresses(planted, rule):
                for method in sorted((rule.methods or set()) & {"POST", "PUT", "PATCH", "DELETE"}):
                    for body in bodies:
                        more = {"If-Match": "*", "Sec-Fetch-Site": "same-origin"}
                        answer = asking.client.open(address, method=method, json=body, headers=asking.headers | more)
                        assert answer.status_code < 500, (name, method, address, answer.text[:500])
                        notified = answer.get_data(as_text=True).lower()
                        wrong = [word for word, seen_by in SEEN_BY.items() if name not in seen_by and word in notified]
                        assert wrong == [], (name, method, address, body)
