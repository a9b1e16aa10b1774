"""The form for reports from the public: questions one by one, which need neither a script nor a session."""

import hashlib
import json
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final

from flask import g, request

from incident.actions.reports.public_request import PublicRequest
from incident.actions.reports.receipts import new_receipt
from incident.actions.reports.report_proofs import prove_receipt
from incident.actions.reports.reports import NewReport, submit_report
from incident.actions.unit_of_work import ResponseReplay, StoredResponse
from incident.core.reports import questions
from incident.core.reports.identifying import find_passages
from incident.core.reports.identity import CONTACT_FIELDS, CONTACT_LIMITS
from incident.core.reports.kinds import EMERGENCIES, EVIDENCE_LIMIT, KINDS, LOSS_LIMIT, URL_LIMIT
from incident.core.reports.proof_of_work import BITS, PUZZLES
from incident.core.reports.receipt import format_receipt
from incident.core.values.faults import RuleError
from incident.core.values.text import visible
from incident.data.report_categories import other_places, report_categories
from incident.store.queries.reports_about_units import has_outside_reviewers
from incident.store.reports.custodians import current_set
from incident.web.http.errors import status_of
from incident.web.i18n import current
from incident.web.instance import current_instance, now, report_key
from incident.web.pages.blueprint import pages
from incident.web.pages.forms import TEXT_LIMIT, Form
from incident.web.pages.frame import Page
from incident.web.pages.reports.public_frame import new_form_key, read_form_key, render_public, sessionless
from incident.web.security.auth import public
from incident.web.security.report_contacts import sealed_contact, usual_protection
from incident.web.security.report_guard import mark_drawn_receipt, report_guard

CATEGORY_LIMIT: Final = 60
SEND: Final = "send"
BACK: Final = "back"
MOST_ATTEMPTS: Final = 20
"""How often a browser sends a report again by itself while many people are reporting."""
CHOICES: Final = {"protection": "contact", "seal": "check"}
"""Boxes to tick beside the questions, and the step whose page shows each."""

Answers = Mapping[str, str]


@pages.get("/report")
@public
@sessionless
def report_form() -> Page:
    """Show the first question; no question asks for a name."""
    return _show("emergency", {})


@pages.post("/report")
@public
@sessionless
def send_report() -> Page:
    """Take the answer to a question and show the next one; after the last one, receive the report."""
    answers = {name: request.form.get(name, "") for name in (*questions.ANSWERS, *CHOICES, "key")}
    step, go = request.form.get("step", "check"), request.form.get("go", SEND)
    if go == BACK:
        return _show(questions.step_before(step, answers), answers)
    if go in questions.STEPS:
        return _show(go, answers)
    try:
        if step != "check":
            _read(step)
            return _show(questions.step_after(step, answers), answers)
        receipt, proof, protection = _receive()
    except RuleError as fault:
        return _show_faulty(fault, step, answers)
    kind = answers["kind"] if answers["kind"] in KINDS else "tip"
    shown = format_receipt(receipt)
    return render_public("public/thanks.html", 201, receipt=shown, proof=proof, protection=protection, kind=kind)


@pages.get("/report/elsewhere")
@public
@sessionless
def report_elsewhere() -> Page:
    """Show where to turn to with what is not for this office."""
    return render_public("public/elsewhere.html", places=other_places(), spoken=current())


@pages.get("/report/protection")
@public
@sessionless
def protection_page() -> Page:
    """Say what protects a reporter, and what does not."""
    return render_public("public/protection.html")


def _read(step: str) -> None:
    """Check the answers of one step; raises RuleError with all faults."""
    form = Form()
    _values(form, questions.FIELDS.get(step, ()))  # type: ignore[call-overload]  # any word may be sent as a step
    form.finish()


def _values(form: Form, wanted: tuple[str, ...]) -> dict[str, Any]:
    """Return the answers of these fields, and record what is wrong with them."""
    asked = set(questions.steps_of(form.values))
    readers: dict[str, Callable[[], Any]] = {
        "emergency": lambda: _one_of(form, "emergency", ("none", *EMERGENCIES)),
        "kind": lambda: _one_of(form, "kind", KINDS),
        "category": lambda: form.text("category", CATEGORY_LIMIT),
        "text": lambda: form.needed("text", TEXT_LIMIT),
        "url": lambda: form.text("url", URL_LIMIT),
        "occurred_at": lambda: form.moment("occurred_at"),
        "about_us": lambda: _one_of(form, "about_us", ("no", "yes")),
        "loss": lambda: read_loss(form),
        "evidence": lambda: form.text("evidence", EVIDENCE_LIMIT),
        "is_stated_true": lambda: _statement(form),
    }
    for one in CONTACT_FIELDS:
        readers[one] = partial(form.text, one, CONTACT_LIMITS[one])
    return {name: readers[name]() for name in wanted if questions.step_of_field(name) in asked}


def _one_of(form: Form, name: str, choices: tuple[str, ...]) -> str | None:
    given = form.raw(name)
    if given not in choices and "step" in form.values:
        form.faults.append(RuleError("document.missing", pointer=f"/{name}"))
    return given if given in choices else None


def read_loss(form: Form) -> int | None:
    """Return the loss that was typed, None without one or when it is out of bounds."""
    found = form.number("loss")
    if found is not None and not 0 <= found <= LOSS_LIMIT:
        form.faults.append(RuleError("document.out_of_bounds", {"least": 0, "most": LOSS_LIMIT}, pointer="/loss"))
        return None
    return found


def _statement(form: Form) -> bool:
    is_given = form.raw("is_stated_true") == "1"
    if not is_given:
        form.faults.append(RuleError("report.not_stated", pointer="/is_stated_true"))
    return is_given


def _receive() -> tuple[str, str, str]:
    """Return the receipt, the proof and the protection of the report that was sent; sent twice, it is one report."""
    form = Form()
    found = _values(form, questions.ANSWERS)
    form.finish()
    key = read_form_key()
    report_guard().count_report(request.form.get("challenge", ""), request.form.get("solutions", ""))
    emergency, units = found.pop("emergency", None), () if found.pop("about_us", None) == "yes" else None
    typed: dict[str, str | None] = {name: found.pop(name, None) for name in CONTACT_FIELDS}
    asked = "protected" if request.form.get("protection") == "protected" else None
    given = {name: value for name, value in found.items() if value is not None}
    new = NewReport(**given, channel="web", emergency=emergency if emergency in EMERGENCIES else None)
    kept, passages = new.redacted() if request.form.get("seal") == "1" else (new, {})
    contact = sealed_contact(typed, asked, new.category, passages)
    receipt = new_receipt()
    proof = json.dumps(prove_receipt(new, report_key(), current_instance().settings.public_url, now()), indent=1)
    answer = StoredResponse(201, json.dumps([receipt, proof, contact.protection]))
    try:
        paging = current_instance().settings.urgent_paging
        submit_report(
            kept,
            mark_drawn_receipt(receipt),
            now(),
            _once(key, answer),
            contact=contact,
            paging=paging,
            units=units,
        )
    except ResponseReplay as before:
        receipt, proof, protection = json.loads(before.answer.body)
        return receipt, proof, protection
    return receipt, proof, contact.protection


def _once(key: str | None, answer: StoredResponse) -> PublicRequest | None:
    """Return the idempotency of a form: its key and its content, so that a corrected form is another report.

    The contact is left out: nothing is kept that guesses of it could be compared with.
    """
    if key is None:
        return None
    told = ((name, request.form.get(name, "")) for name in questions.ANSWERS if name not in CONTACT_FIELDS)
    sent = repr(sorted(told)).encode("utf-8", "replace")
    return PublicRequest(f"{key}\n{hashlib.sha256(sent).hexdigest()}", sent, lambda _report: answer)


def _show_faulty(fault: RuleError, step: str, answers: Answers) -> Page:
    """Show the step of the first fault with everything that was typed; an expired key is replaced.

    Faults of other steps are shown there, when the reporter comes to them.
    """
    found = questions.step_of_field(fault.pointer.strip("/"))
    g.faults = [one for one in fault.all if questions.step_of_field(one.pointer.strip("/")) == found]
    if fault.code == "throttle.too_often" and not request.form.get("solutions"):  # one proof for each press of a button
        g.challenge = report_guard().new_challenge()
    g.is_busy = fault.code == "report.busy"
    if g.is_busy:
        report_guard().uncount_report()
    if fault.code == "form.expired":
        answers = {**answers, "key": ""}
    return _show(found or (step if step in questions.STEPS else "check"), answers, status_of(fault))


def _passages(answers: Answers) -> list[str]:
    """Return what may tell who the reporter is, which the last page shows before anything is stored."""
    typed = (visible(answers.get(name, "")) for name in ("text", "url", "evidence"))
    return list(dict.fromkeys(text[one.start : one.end] for text in typed for one in find_passages(text)))


def _attempt() -> int | None:
    """Return which attempt the browser may make by itself to send the report; None when it has made enough."""
    given = request.form.get("again", "")[:3]
    number = int(given) + 1 if given.isascii() and given.isdigit() else 1
    return number if number <= MOST_ATTEMPTS else None


def _shown(step: str) -> tuple[str, ...]:
    """Return the fields that the page of a step shows."""
    fields = questions.FIELDS[step]  # type: ignore[index]  # one of the steps
    return (*fields, *(name for name, place in CHOICES.items() if place == step))


def _show(step: str, answers: Answers, status: int = 200) -> Page:
    steps = questions.steps_of(answers)
    has_custody = step == "contact" and current_set() is not None
    is_protected = usual_protection(answers.get("category")) == "protected"
    return render_public(
        "public/report.html",
        status,
        step=step,
        number=steps.index(step) + 1 if step in steps else 1,
        given=answers,
        hidden=[name for name in (*questions.ANSWERS, *CHOICES) if name not in _shown(step) and answers.get(name)],
        key=answers.get("key") or new_form_key(),
        categories=report_categories().values(),
        places=[one for one in other_places() if one.is_urgent],
        asked=steps,
        passages=_passages(answers) if step == "check" else (),
        is_protected=is_protected,
        is_refused=is_protected and not has_custody,
        has_custody=has_custody,
        has_reviewers=step != "about" or has_outside_reviewers(),
        spoken=current(),
        again=_attempt() if g.get("is_busy") else None,
        work={"challenge": g.get("challenge"), "puzzles": PUZZLES, "bits": BITS},
    )
