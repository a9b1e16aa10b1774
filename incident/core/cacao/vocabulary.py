"""The terms of CACAO 2.0 that rules use, and our additions: types, activities, limits, extensions."""

from __future__ import annotations

import re
from collections.abc import Mapping

SPEC_VERSION = "cacao-2.0"

# Steps that open branches in their own playbook: their next step may be omitted (P15).
BRANCHING_STEPS = frozenset({"parallel", "if-condition", "while-condition", "switch-condition"})
COMPOUND_STEPS = BRANCHING_STEPS | {"playbook-action"}
STEP_TYPES = frozenset({"start", "end", "action"}) | COMPOUND_STEPS

# Section 5.2; the properties that contain the command, of which one is required.
COMMAND_BODIES: Mapping[str, tuple[str, ...]] = {
    "manual": ("command", "command_b64"),
    "bash": ("command", "command_b64"),
    "caldera-cmd": ("command", "command_b64"),
    "powershell": ("command", "command_b64"),
    "ssh": ("command", "command_b64"),
    "elastic": ("command_b64",),
    "jupyter": ("command_b64",),
    "kestrel": ("command_b64",),
    "sigma": ("command_b64",),
    "yara": ("command_b64",),
    "http-api": ("command",),
    "openc2-http": ("command",),
}
COMMAND_TYPES = frozenset(COMMAND_BODIES)
# The vocabularies of commands and authentication are open (sections 5.2, 6.2): an added type must be a word.
_OPEN_WORD = re.compile(r"\w(?:[\w.:/+-]{0,98}\w)?\Z")
HTTP_COMMANDS = frozenset({"http-api", "openc2-http"})
SHELL_COMMANDS = frozenset({"ssh", "bash"})
# Commands that a program can perform by itself, so that they need a destination (P12).
ADDRESSED_COMMANDS = HTTP_COMMANDS | SHELL_COMMANDS

# Section 7.2; the first five are people and places (P12).
PEOPLE = frozenset({"group", "individual", "location", "organization", "sector"})
AGENT_TYPES = PEOPLE | {"http-api", "linux", "net-address", "security-category", "ssh"}
AUTHENTICATION_TYPES = frozenset({"http-basic", "oauth2", "user-auth"})

# Why people perform a command that is not manual (P10, P12).
AGENT_IS_PEOPLE = "agent.people"
UNKNOWN_COMMAND = "command.unknown"
NO_EXECUTOR = "command.no_executor"
UNKNOWN_AUTHENTICATION = "authentication.unknown"
UNFIT_PLACE = "command.unfit_place"

MARKING_TYPES = frozenset({"marking-tlp", "marking-iep", "marking-statement"})
TLP_LEVELS = ("TLP:CLEAR", "TLP:GREEN", "TLP:AMBER", "TLP:AMBER+STRICT", "TLP:RED")

# Section 3.1.2: the activities, by the type of playbook that they belong to (section 3.1.1).
ACTIVITIES: Mapping[str, tuple[str, ...]] = {
    "notification": ("compose-content", "deliver-content", "identify-audience", "identify-channel"),
    "detection": ("scan-system", "match-indicator"),
    "investigation": ("analyze-collected-data", "identify-indicators"),
    "prevention": ("scan-vulnerabilities", "configure-systems"),
    "mitigation": ("restrict-access", "disconnect-system", "eliminate-risk"),
    "remediation": ("revert-system", "restore-data", "restore-capabilities"),
    "attack": ("map-network", "identify-steps", "step-sequence"),
    "engagement": ("prepare-engagement", "execute-operation", "analyze-engagement-results"),
}
TYPE_OF_ACTIVITY = {activity: kind for kind, activities in ACTIVITIES.items() for activity in activities}

# Our extensions: retries of a failed step, a step with unquoted values (P18), a step that a filing ends (P19), the
# profile of an export.
RETRY_EXTENSION = "extension-definition--3f0c6a52-9d4e-4b0e-8c55-6b1f8a1d27c4"
UNQUOTED_EXTENSION = "extension-definition--e0c1b7d2-5a8f-4f43-9b6e-1d27a9c4f385"
CLOCK_EXTENSION = "extension-definition--5d2f7b1c-8e36-4a0d-b7c4-92e1f6a3d058"
PROFILE_EXTENSION = "extension-definition--b6a1d0de-7c6f-4c3b-9a53-2f6c1e0d94ab"
PROFILE_VERSION = "1.3.0"
IDENTITY = "identity--0d9c5a1e-58b7-4a38-9c0a-7a5f3c2e6b41"

# How a step that waits for a filing ends, as its out_args says it (P19).
CLOCK_RESULTS: Mapping[str, str] = {"succeeded": "filed", "failed": "waived", "not_applicable": "not_applicable"}

# A pause of a hundred years is a mistake, and moments that far ahead exceed the calendar.
LONGEST_TIME = 100 * 366 * 24 * 3600 * 1000
MAX_STEPS = 2_000
MAX_FAULTS = 1_000
MAX_CALL_DEPTH = 8
MAX_RETRIES = 100


def is_open_word(text: str) -> bool:
    """Whether a text may be a type of an open vocabulary: letters, digits and `_.:/+-`, at most 100."""
    return _OPEN_WORD.match(text) is not None
