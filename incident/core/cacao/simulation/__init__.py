"""Simulation: plays a playbook on a virtual clock, and explores every path through it; pure like the engine."""

from incident.core.cacao.simulation.answers import CLOCK_ONLY, RESULTS, Answers, PlannedAnswer, misfits, strangers
from incident.core.cacao.simulation.chance import Chance
from incident.core.cacao.simulation.ends import End, end_of
from incident.core.cacao.simulation.exploring import explore
from incident.core.cacao.simulation.paths import PathChoice, RunPath, RunPaths
from incident.core.cacao.simulation.playing import simulate
from incident.core.cacao.simulation.stubs import playable
from incident.core.cacao.simulation.transcript import Transcript

__all__ = [
    "CLOCK_ONLY",
    "RESULTS",
    "Answers",
    "Chance",
    "End",
    "PathChoice",
    "PlannedAnswer",
    "RunPath",
    "RunPaths",
    "Transcript",
    "end_of",
    "explore",
    "misfits",
    "playable",
    "simulate",
    "strangers",
]
