"""Messages: faults of a text before it is a document, and changes that version 1.x needs."""

from __future__ import annotations

from collections.abc import Mapping

from incident.core.cacao.marking import N_

TEXTS: Mapping[str, tuple[str, str]] = {
    "not_an_object": (
        N_("This is not a playbook: its outermost value is not an object."),
        N_("Enter one CACAO 2.0 playbook, as JSON or YAML."),
    ),
    "too_large": (
        N_("The document has {size} bytes; the limit is {limit}."),
        N_("Split it into playbooks that call one another by playbook-action."),
    ),
    "yaml_too_large": (
        N_("The YAML has {size} characters; the limit is {limit}."),
        N_("Use JSON for large playbooks. It is read much faster."),
    ),
    "yaml_too_many": (
        N_("The YAML has more than {limit} words and signs (line {line})."),
        N_("Use JSON for large playbooks. It is read much faster."),
    ),
    "too_deep": (
        N_("Values are nested in one another more than {limit} deep."),
        N_("No playbook needs that. Look for a bracket that was not closed."),
    ),
    "too_many_values": (N_("The document has more than {limit} values."), N_("Split it into smaller playbooks.")),
    "not_utf8": (N_("The text is not UTF-8 (byte {offset})."), N_("Save the file as UTF-8.")),
    "json_malformed": (
        N_("This is not JSON: line {line}, column {column}: {problem}."),
        N_("Look just before that place for a missing comma, quote or bracket."),
    ),
    "yaml_malformed": (
        N_("This is not YAML 1.2: line {line}, column {column}: {problem}."),
        N_("Look at the indentation and the quotes there."),
    ),
    "yaml_alias": (
        N_("Anchors and aliases are not supported (line {line}, column {column})."),
        N_("Write the content out in both places."),
    ),
    "yaml_tag": (
        N_("Tags are not supported (line {line}, column {column})."),
        N_("Leave the tag out; put quotes around what is a text."),
    ),
    "yaml_key": (
        N_("The name of a member must be a plain text (line {line}, column {column})."),
        N_("Put the name on one line before a colon."),
    ),
    "yaml_several": (
        N_("There is more than one YAML document here (line {line})."),
        N_("Enter one playbook at a time."),
    ),
    "doubled_member": (N_("The member “{member}” appears twice."), N_("Keep one of the two.")),
    "number_unfit": (
        N_("This number cannot be stored exactly. The limit for whole numbers is {limit}."),
        N_("Write it as a string."),
    ),
    "nul_character": (N_("There is a NUL character here."), N_("Remove it; use base64 for binary content.")),
    "half_character": (
        N_("There is half of a character here (a lone surrogate)."),
        N_("Write the character out, or both halves of its escape."),
    ),
    "more_faults": (N_("There are more than {limit} faults."), N_("Correct these first, then check again.")),
    "earlier_version": (
        N_("This playbook has the version {found}. It must be CACAO 2.0."),
        N_("Change what the other faults name, then set spec_version to “cacao-2.0”."),
    ),
    "earlier_name": (N_("“{old}” was renamed in 2.0."), N_("Call it “{new}”.")),
    "earlier_step": (N_("The step type “{old}” was renamed in 2.0."), N_("Use “{new}”.")),
    "earlier_id": (
        N_("The ids of steps begin with their type in 2.0: {old}."),
        N_("Begin it with “{new}”, here and wherever it is named."),
    ),
    "earlier_list": (N_("“{name}” is a single step in 2.0."), N_("Name the first step of the branch.")),
}
