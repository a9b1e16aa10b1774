"""Messages of the engine: why a run cannot start, notes while it runs, and reasons of state changes."""

from __future__ import annotations

from collections.abc import Mapping

from incident.core.cacao.marking import N_

RUNS: Mapping[str, tuple[str, str]] = {
    "revoked": (N_("The playbook {playbook} has been revoked."), N_("Use a version that is in force.")),
    "out_of_valid_from": (N_("The playbook {playbook} is valid only from {at}."), N_("Wait, or use another version.")),
    "out_of_valid_until": (
        N_("The playbook {playbook} was valid until {at}."),
        N_("Import a version that is still valid."),
    ),
    "playbook_altered": (
        N_("The playbook {playbook} was changed in the database after it was added."),
        N_("It is not used. Find out who changed the database, and restore a copy."),
    ),
    "call_unknown": (
        N_("The called playbook {playbook} has not been added, or not in the version {version}."),
        N_("Import it first."),
    ),
    "call_deep": (
        N_("Playbooks call one another more than {limit} deep, or in a circle."),
        N_("Let no playbook call one that leads back to it."),
    ),
    "call_values": (
        N_("The called playbook {playbook} asks for {names}."),
        N_("Name them in in_args, and declare them in the calling playbook."),
    ),
    "call_argument": (
        N_("The called playbook {playbook} does not declare {name}."),
        N_("Remove it from the list, or declare it there."),
    ),
    "call_stands_in": (
        N_(
            "The called playbook {playbook} has not been added. The step “{step}” counts as a task that can end "
            "in any way."
        ),
        N_("Give the called playbook along, or add it, to see what it does."),
    ),
    "command_by_people": (
        N_("No machine here can carry out “{type}”. People get it as a task that shows the command."),
        N_("Make sure that someone can carry it out manually."),
    ),
    "command_without_secret": (
        N_("“{type}” signs in with a stored secret that may not be used there: people will get it as a task."),
        N_("Ask an administrator to enter where it may be used, under Playbooks, Secrets."),
    ),
    "value_missing": (N_("No value is given for {names}."), N_("The playbook asks for it when it starts.")),
    "value_mistyped": (
        N_("The value of {names} does not fit its type."),
        N_("See the type of the variable."),
    ),
    "value_not_asked": (N_("{names} is not asked for."), N_("Remove it.")),
    "value_not_taken": (N_("The results {names} were not used, because the step does not return them."), ""),
    "variable_unknown": (N_("{names} has no value yet."), ""),
    "variable_unfit": (N_("The value of {names} cannot be used where the command needs it. Nothing was sent."), ""),
    "condition_mistyped": (N_("The condition could not compare {names} and counts as false."), ""),
    "exception_handled": (N_("The failure goes to the playbook's exception handling."), ""),
    "turn_too_long": (N_("The run was stopped: nested loops that never wait."), ""),
}

REASONS: Mapping[str, str] = {
    "timeout": N_("time limit passed (ACTION_TIMEOUT)"),
    "command_failed": N_("command failed"),
    "clock_waived": N_("the report was waived"),
    "clock_not_applicable": N_("no such deadline runs on the incident; an exercise has none"),
    "branch_failed": N_("a branch failed"),
    "no_case": N_("no case fits and there is no default"),
    "while_rounds": N_("largest number of rounds reached"),
    "while_limit": N_("largest time for a loop reached"),
    "call_failed": N_("called playbook failed"),
    "call_refused": N_("called playbook did not get the values it asks for"),
    "call_unknown": N_("called playbook is missing"),
    "call_deep": N_("playbooks call one another too deep"),
    "value_mistyped": N_("a result does not fit its type"),
    "variable_unknown": N_("a value is unknown"),
    "variable_unfit": N_("a value cannot be used where the command needs it"),
    "another_try": N_("waiting to be retried"),
    "turn_too_long": N_("nested loops without an end"),
}

PROBLEMS: Mapping[str, str] = {
    "pattern_large": N_("too large"),
    "pattern_repeat": N_("nothing to repeat"),
    "pattern_bracket": N_("bracket without its other half"),
    "pattern_count": N_("malformed count in braces"),
    "pattern_end": N_("ends too early"),
    "pattern_range": N_("range that runs backwards"),
    "object": N_("object"),
    "list": N_("list"),
    "string": N_("string"),
    "boolean": N_("boolean"),
    "number": N_("number"),
    "null": N_("null"),
    "whole number": N_("whole number"),
    "timestamp": N_("timestamp"),
    "identifier": N_("identifier"),
    "pattern_unsupported": N_("look-around, back references and this escape are not supported"),
}
