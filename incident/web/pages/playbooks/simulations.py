"""Simulation of a playbook: preset answers, the run as a timeline, and every path with failures first."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import g, request

from incident.actions.playbooks import playbook_loader
from incident.actions.playbooks.runs import PROFILE
from incident.core.cacao import Playbook as Parsed
from incident.core.cacao import PlaybookBundle
from incident.core.cacao.faults import CacaoError
from incident.core.cacao.model import Definition, Step
from incident.core.cacao.simulation import CLOCK_ONLY, RESULTS, Answers
from incident.core.cacao.simulation.samples import Samples
from incident.core.playbooks.question import Question, question_of
from incident.core.playbooks.simulation import MAX_SEED, Study, read_answers
from incident.core.playbooks.simulation_labels import Sentences
from incident.core.values.faults import RuleError
from incident.store.playbooks.playbooks import Playbook
from incident.web import simulation_cache
from incident.web.http.errors import status_of
from incident.web.i18n import current, spoken
from incident.web.i18n import gettext as _
from incident.web.pages.blueprint import pages
from incident.web.pages.department_picker import names_shown
from incident.web.pages.forms import Form, is_whole_number
from incident.web.pages.frame import Page, render
from incident.web.security import access
from incident.web.security.auth import needs

RESULT = "result:"
AFTER = "after:"
VALUE = "value:"
OUTER = "variable:"


@dataclass(frozen=True)
class AskedAction:
    """A step whose answer can be preset; `wanted` are the questions that it answers, with sample values."""

    key: str
    name: str
    who: str
    wanted: Sequence[tuple[Question, Sequence[str]]]
    results: Sequence[tuple[str, str]]


@pages.get("/playbooks/<playbook_id>/simulate")
@needs("playbook.read")
def simulate_playbook_form(playbook_id: str) -> Page:
    """Show a run with random answers, and every path of the playbook."""
    return _shown(access.visible_playbook(playbook_id), Answers(), 0)


@pages.post("/playbooks/<playbook_id>/simulate")
@needs("playbook.read")
def play_playbook(playbook_id: str) -> Page:
    """Show the run that follows from the preset answers."""
    row = access.visible_playbook(playbook_id)
    form = Form()
    seed = form.number("seed", 0) or 0
    try:
        if not 0 <= seed <= MAX_SEED:
            form.faults.append(RuleError("document.out_of_bounds", {"least": 0, "most": MAX_SEED}, pointer="/seed"))
        answers = form.finished("answers", lambda: read_answers(_decided(), is_silent="nobody_answers" in request.form))
        return _shown(row, answers, seed)
    except RuleError as fault:
        g.faults = fault.all
        return _page(row, None, status_of(fault))
    except CacaoError as refused:
        g.playbook_faults = refused.faults
        return _page(row, None, 422)


def _shown(row: Playbook, answers: Answers, seed: int) -> Page:
    try:
        return _page(row, simulation_cache.study(row, answers, seed), 200)
    except CacaoError as refused:
        g.playbook_faults = refused.faults
        return _page(row, None, 422 if request.method == "POST" else 200)


def _page(row: Playbook, found: Study | None, status: int) -> Page:
    bundle = simulation_cache.visible(playbook_loader.bundle_for(row))
    return render(
        "simulations/simulate.html",
        status,
        asked=list(_asked(bundle)),
        externals=[question_of(bundle.main, one, current()) for one in bundle.main.externals.values()],
        found=found,
        row=row,
        speech=None if found is None else Sentences(found, current(), _, names_shown()),
        typed=request.form,
    )


def _asked(bundle: PlaybookBundle) -> Iterator[AskedAction]:
    """Yield the actions of the playbooks, each once; a called playbook's under its own name."""
    samples, names = Samples(bundle, PROFILE), names_shown()
    for one in (bundle.main, *bundle.called.values()):
        for step in one.steps.values():
            if step.type == "action" or (step.type == "playbook-action" and _is_missing(bundle, step)):
                agent = one.agents.get(step.agent or "")
                title = spoken(step.name or step.description) or step.id
                asked = [_question(one, step, name) for name in step.out_args if step.clock is None]
                wanted = [(question, samples.of(question.name, question.type)) for question in asked]
                yield AskedAction(step.id, title, _called(agent, names), wanted, _results(step))


def _results(step: Step) -> Sequence[tuple[str, str]]:
    """Return how a step can end; one that a filing ends is filed, waived, or not applicable."""
    if step.clock is None:
        return [("succeeded", _("done")), ("failed", _("cannot be done")), ("timed_out", _("no one answers"))]
    ends = [("succeeded", _("filed")), ("failed", _("waived")), ("timed_out", _("no one answers"))]
    return [*ends, (CLOCK_ONLY, _("does not apply"))]


def _question(playbook: Parsed, step: Step, name: str) -> Question:
    variable = step.variables.get(name) or playbook.variables.get(name)
    return Question(name, "string", "text") if variable is None else question_of(playbook, variable, current())


def _called(agent: Definition | None, names: Mapping[str, str]) -> str:
    name = str(agent.body.get("name", "")) if agent else ""
    return spoken(names.get(name, name))


def _is_missing(bundle: PlaybookBundle, step: Step) -> bool:
    return bundle.key_of(step.playbook_id, step.playbook_version) is None


def _decided() -> dict[str, Any]:
    """Return the choices of the form as a document of answers; those left open are left out."""
    answers: dict[str, Any] = {}
    for name, chosen in request.form.items():
        step = name.removeprefix(RESULT)
        if name.startswith(RESULT) and chosen in RESULTS:
            after = request.form.get(AFTER + step, "").strip()
            answers[step] = {"result": chosen, "variables": _typed(f"{VALUE}{step}:")}
            answers[step] |= {"after": f"PT{after}M" if is_whole_number(after) else after} if after else {}
    return {"answers": answers, "variables": _typed(OUTER)}


def _typed(prefix: str) -> dict[str, str]:
    found = (
        (name.removeprefix(prefix), typed.strip()) for name, typed in request.form.items() if name.startswith(prefix)
    )
    return {name: typed for name, typed in found if typed}
