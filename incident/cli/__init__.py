"""The command line: `incident`. Exit status 0; 1 a fault was found; 2 wrong use."""

from incident.cli import (
    alarm,
    backup,
    certificate,
    checking,
    journal,
    keys,
    people,
    playbooks,
    runs,
    secrets,
    serving,
    signers,
    signing,
    simulation,
    targets,
)
from incident.cli.root import main

__all__ = [
    "alarm",
    "backup",
    "certificate",
    "checking",
    "journal",
    "keys",
    "main",
    "people",
    "playbooks",
    "runs",
    "secrets",
    "serving",
    "signers",
    "signing",
    "simulation",
    "targets",
]
