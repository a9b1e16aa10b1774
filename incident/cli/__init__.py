"""The `incident` command line. Exit status: 0 success, 1 failure or fault found, 2 wrong usage."""

from incident.cli import (
    alarm,
    backup,
    certificate,
    checking,
    evidence,
    journal,
    keys,
    machine_commands,
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
    "evidence",
    "journal",
    "keys",
    "machine_commands",
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
