"""CACAO 2.0 as a separate library: load, check, parse, run, replay and export playbooks; no input, no output."""

from incident.core.cacao.checks.check import check
from incident.core.cacao.engine import effects, events
from incident.core.cacao.engine.engine import Transition, advance, reopen_run, start
from incident.core.cacao.engine.readiness import bundle_faults, gather, result_faults, startable, tasks_instead
from incident.core.cacao.engine.replaying import differences, replay
from incident.core.cacao.engine.run import Run
from incident.core.cacao.faults import CacaoError, Fault, LoadRefused, PlaybookRefused, StartRefused
from incident.core.cacao.model import Playbook, PlaybookBundle, Profile
from incident.core.cacao.parsing import parse
from incident.core.cacao.summary import export, processing_summary, tlp
from incident.core.cacao.text.text import load, to_json_text, to_yaml_text

__all__ = [
    "CacaoError",
    "Fault",
    "LoadRefused",
    "Playbook",
    "PlaybookBundle",
    "PlaybookRefused",
    "Profile",
    "Run",
    "StartRefused",
    "Transition",
    "advance",
    "bundle_faults",
    "check",
    "differences",
    "effects",
    "events",
    "export",
    "gather",
    "load",
    "parse",
    "processing_summary",
    "reopen_run",
    "replay",
    "result_faults",
    "start",
    "startable",
    "tasks_instead",
    "tlp",
    "to_json_text",
    "to_yaml_text",
]
