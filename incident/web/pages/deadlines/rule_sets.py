"""Pages of rule sets of grading: listed, checked and tried as typed, published by administrators, retired."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from flask import request, url_for

from incident.actions.deadlines import own_rule_sets as use_cases
from incident.actions.deadlines.own_rule_sets import TriedRuleSet
from incident.actions.rule_set_versions import is_usable, own_rules_at
from incident.core.deadlines.grading import MOST, UNKNOWN
from incident.core.deadlines.rule_set_document import SIZE_LIMIT, check_rule_set
from incident.core.deadlines.rule_sets import GradingQuestion, RuleSet, grading_questions
from incident.core.incidents.incident import REASON_LIMIT
from incident.core.values.faults import RuleError, raise_all
from incident.data.grading_rules import shipped_rule_sets
from incident.sources.payload import decode_json
from incident.store.deadlines import rule_sets
from incident.store.deadlines.figures import confirmed_hashes
from incident.store.deadlines.rule_sets import OwnRuleSet, RuleSetVersion
from incident.store.queries.waiting_gradings import waits_for_grading
from incident.web.instance import now
from incident.web.pages.blueprint import pages
from incident.web.pages.deadlines.clock_words import choices_of
from incident.web.pages.deadlines.rule_set_words import (
    EVIDENCE_CHOICES,
    YES_NO,
    change_words,
    condition_words,
    placed_fault,
    said_part,
    topic_words,
)
from incident.web.pages.forms import Form, is_whole_number
from incident.web.pages.frame import Page, is_permitted, render, submit
from incident.web.security.auth import needs, require_caller

VERSIONS_SHOWN: Final = 50
FIELD: Final = "document"
ANSWER: Final = "answer-"
START: Final = """{
 "id": "",
 "title": {"en": "", "zh": ""},
 "ref": "",
 "sectors": [],
 "questions": [
  {"key": "", "kind": "number", "text": {"en": "", "zh": ""}, "topic": "other"}
 ],
 "lines": [
  {"key": "", "grade": 3, "conditions": [{"key": "", "at_least": 1}],
   "text": {"en": "", "zh": ""}, "evidence": "primary"}
 ]
}
"""
"""What the field for a new rule set begins with."""


@dataclass
class RuleSetForm:
    """What somebody typed or uploaded, and what it would do once it was checked."""

    text: str
    version: str = ""
    answers: Mapping[str, str] = field(default_factory=dict)
    tried: TriedRuleSet | None = None

    def check(self) -> dict[str, Any]:
        """Return the checked document; raises RuleError with every fault at its line."""
        try:
            if len(self.text.encode()) > 2 * SIZE_LIMIT:
                raise RuleError("rule_set.too_large", {"limit": SIZE_LIMIT // 1024})
            document = check_rule_set(decode_json(self.text.encode()), use_cases.taken_ids())
            use_cases.check_usable(document)
        except RuleError as fault:
            raise_all([placed_fault(one, self.text, FIELD) for one in fault.all])
            raise
        return document

    def preview(self) -> None:
        """Show what would change, and the grade of the typed answers."""
        document = self.check()
        self.tried = use_cases.try_rule_set(document, {}, now())
        faults: list[RuleError] = []
        typed: dict[str, object] = {}
        for question in self.tried.rule_set.questions:
            value = self.answers.get(f"{ANSWER}{question.key}", "").strip()
            read = _answer(question, value)
            if read is None:
                place = f"/{ANSWER}{question.key}"
                faults.append(RuleError("grading.not_a_number", {"most": MOST}, pointer=place))
            else:
                typed[question.key] = read
        raise_all(faults)
        self.tried = use_cases.try_rule_set(document, typed, now())


def _answer(question: GradingQuestion, typed: str) -> object | None:
    """Return a typed answer; None where a number is needed and it is none."""
    if not typed:
        return UNKNOWN
    if question.kind == "number":
        plain = typed.replace(",", "").replace("，", "").replace(" ", "")
        return int(plain) if is_whole_number(plain, len(str(MOST))) and int(plain) <= MOST else None
    if question.kind == "yes_no":
        return YES_NO.get(typed, UNKNOWN)
    return typed if typed in {one.value for one in question.choices} else UNKNOWN


@pages.get("/grading-rule-sets")
@needs("organization.read")
def rule_set_list() -> Page:
    """List the rule sets: one's own, and those of the program."""
    own = [(row, _rules(row)) for row in rule_sets.list_own_rule_sets()]
    return render(
        "rule_sets/list.html",
        can_change=is_permitted("organization.write"),
        is_usable=is_usable,
        own=own,
        shipped=list(shipped_rule_sets().values()),
    )


@pages.get("/grading-rule-sets/new")
@needs("organization.write")
def new_rule_set() -> Page:
    """Show the form for a new rule set."""
    return _form(RuleSetForm(START), None)


@pages.post("/grading-rule-sets/new")
@needs("organization.write")
def add_rule_set() -> Page:
    """Check, try or publish a new rule set."""
    return _change(None)


@pages.get("/grading-rule-sets/<rule_set_id>")
@needs("organization.read")
def one_rule_set(rule_set_id: str) -> Page:
    """Show a rule set with its questions, lines and versions."""
    return _show(rule_set_id, {})


@pages.get("/grading-rule-sets/<rule_set_id>/versions/<content_hash>")
@needs("organization.read")
def rule_set_at_version(rule_set_id: str, content_hash: str) -> Page:
    """Show an own rule set as it was at a version."""
    found = rule_sets.version_by_hash(_seen(rule_set_id).id, content_hash[:64])
    if found is None:
        raise RuleError("rule_set.unknown", kind="not_found")
    return _show(rule_set_id, {}, found)


@pages.get("/grading-rule-sets/<rule_set_id>/change")
@needs("organization.write")
def edit_rule_set(rule_set_id: str) -> Page:
    """Show the form with the content of a rule set."""
    row = _seen(rule_set_id)
    return _form(RuleSetForm(_present(row).content, str(row.version)), row)


@pages.post("/grading-rule-sets/<rule_set_id>/change")
@needs("organization.write")
def change_rule_set(rule_set_id: str) -> Page:
    """Check, try or publish a new version of a rule set."""
    return _change(_seen(rule_set_id))


@pages.post("/grading-rule-sets/<rule_set_id>/retire")
@needs("organization.write")
def retire_rule_set_form(rule_set_id: str) -> Page:
    """Retire a rule set, with a reason."""
    row = _seen(rule_set_id)

    def use_case() -> None:
        form = Form()
        reason, version = form.needed("reason", REASON_LIMIT), form.number("version", 0)
        form.finish()
        use_cases.retire_rule_set(row.key, reason, version, require_caller().actor, now())

    to = url_for("pages.one_rule_set", rule_set_id=row.key)
    return submit(use_case, lambda: _show(row.key, request.form), lambda: to, "rule_set_retired")


def _change(row: OwnRuleSet | None) -> Page:
    form = _typed()
    published: list[OwnRuleSet] = []

    def use_case() -> None:
        if request.form.get("step") != "publish":
            form.preview()
            return
        document = form.check()
        if row is not None and document["id"] != row.key:
            raise_all([placed_fault(RuleError("rule_set.other_id", {"id": row.key}, pointer="/id"), form.text, FIELD)])
        version = 0 if row is None else Form().number("version", 0)
        actor = require_caller().actor
        published.append(use_cases.publish_rule_set(document, version, actor, now())[0])

    answer = submit(
        use_case,
        lambda: _form(form, row),
        lambda: url_for("pages.one_rule_set", rule_set_id=published[0].key) if published else "",
        "rule_set_published",
    )
    is_shown = not published and form.tried is not None and getattr(answer, "status_code", 200) == 303
    return _form(form, row) if is_shown else answer


def _typed() -> RuleSetForm:
    sent = request.files.get("file")
    text = request.form.get(FIELD, "")
    if sent is not None and sent.filename:
        text = sent.stream.read(4 * SIZE_LIMIT).decode("utf-8-sig", "replace")
    return RuleSetForm(text.replace("\r\n", "\n"), request.form.get("version", ""), request.form)


def _form(form: RuleSetForm, row: OwnRuleSet | None) -> Page:
    tried = form.tried
    return render(
        "rule_sets/form.html",
        change_words=change_words,
        form=form,
        row=row,
        said_part=said_part,
        questions={} if tried is None else grading_questions([*_earlier(row), tried.rule_set]),
        tried=tried,
        evidence=choices_of(EVIDENCE_CHOICES),
        condition_words=condition_words,
    )


def _earlier(row: OwnRuleSet | None) -> list[RuleSet]:
    return [] if row is None else [_rules(row)]


def _show(rule_set_id: str, given: Mapping[str, str], version: RuleSetVersion | None = None) -> Page:
    shipped = shipped_rule_sets().get(rule_set_id)
    row = None if shipped is not None else _seen(rule_set_id)
    rules = shipped or own_rules_at((version or _present(row)).content_hash)  # type: ignore[arg-type]
    return render(
        "rule_sets/one.html",
        can_change=is_permitted("organization.write") and row is not None,
        condition_words=condition_words,
        confirmed=confirmed_hashes(),
        evidence_words=dict(choices_of(EVIDENCE_CHOICES)),
        given=given,
        is_waiting=row is not None and version is None and waits_for_grading(),
        is_usable=row is None or is_usable(rules),
        questions=grading_questions([rules]),
        row=row,
        rules=rules,
        topic_words=topic_words,
        version=version,
        versions=[] if row is None else rule_sets.rule_set_versions(row.id, None, VERSIONS_SHOWN),
    )


def _rules(row: OwnRuleSet) -> RuleSet:
    return own_rules_at(_present(row).content_hash)


def _present(row: OwnRuleSet) -> RuleSetVersion:
    found = rule_sets.rule_set_version(row.id, row.version)
    if found is None:
        raise LookupError(row.key)
    return found


def _seen(rule_set_id: str) -> OwnRuleSet:
    row = rule_sets.own_rule_set(rule_set_id)
    if row is None:
        raise RuleError("rule_set.unknown", kind="not_found")
    return row
