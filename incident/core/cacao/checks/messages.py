"""Messages of the playbook check."""

from __future__ import annotations

from collections.abc import Mapping

from incident.core.cacao.marking import N_

CHECKS: Mapping[str, tuple[str, str]] = {
    "unknown_type": (N_("The type is “{found}”."), N_("A playbook has the type “{expected}”.")),
    "unknown_spec_version": (N_("The version “{found}” is not known."), N_("Set spec_version to “{expected}”.")),
    "missing_property": (N_("The property “{name}” is missing."), N_("The standard requires it here.")),
    "missing_one_of": (N_("One of these properties must be there: {names}."), N_("Add the one that fits.")),
    "unknown_property": (
        N_("The standard does not define the property “{name}” here. It is kept, but not used."),
        N_("Look for a spelling mistake, or use an extension."),
    ),
    "wrong_type": (
        N_("Expected a {expected} here, but found a {found}."),
        N_("Give it the form required by that section of the standard."),
    ),
    "list_short": (N_("The list has {count} items; it needs {least}."), N_("Add what is missing, or leave it out.")),
    "time_out_of_range": (
        N_("{value} is not a possible number of milliseconds."),
        N_("Use a whole number from 0 to {limit}."),
    ),
    "out_of_hundred": (N_("{value} is not between 0 and 100."), N_("Use a whole number from 0 to 100.")),
    "bad_timestamp": (N_("“{found}” is not a timestamp."), N_("Write it like 2026-01-31T08:00:00.000Z, in UTC.")),
    "timestamp_precision": (
        N_("The timestamp {found} does not have exactly three digits after the point."),
        N_("Write it to the millisecond."),
    ),
    "bad_identifier": (N_("“{found}” is not an identifier."), N_("Write the type, two hyphens, and a UUID.")),
    "id_of_other_type": (N_("{found} does not begin with “{expected}”."), N_("Let the id begin with the type.")),
    "uuid_version": (N_("The UUID in {found} is of version {version}."), N_("Use a UUID of version 4.")),
    "duplicate_id": (N_("The UUID in {id} is used by another object, of type {other}."), N_("Give each its own.")),
    "modified_before_created": (N_("It was modified before it was created."), N_("Correct one of the two.")),
    "valid_until_before_from": (N_("valid_until is not later than valid_from."), N_("Correct one of the two.")),
    "dangling_reference": (N_("{id} is referenced but not defined."), N_("Define it, or correct the reference.")),
    "extension_undefined": (
        N_("The extension {id} is used but not defined."),
        N_("Add it to extension_definitions."),
    ),
    "unknown_marking": (
        N_("The marking type “{found}” is not known."),
        N_("Use marking-tlp, marking-iep or marking-statement."),
    ),
    "unknown_tlp": (N_("This is not a level of TLP 2.0."), N_("Use one of: {levels}.")),
    "activities_missing": (
        N_("playbook_types is filled but playbook_activities is not."),
        N_("Name at least one activity."),
    ),
    "activity_of_other_type": (
        N_("The activity “{activity}” belongs to playbooks of type “{type}”."),
        N_("Add the type, or remove the activity."),
    ),
    "activity_not_done": (
        N_("No command does the activity “{activity}”."),
        N_("Set playbook_activity on the command that does it."),
    ),
    "unknown_activity": (N_("The activity “{found}” is not in the vocabulary."), N_("See section 3.1.2.")),
    "summary_differs": (
        N_("playbook_processing_summary is wrong about “{name}”: it is {found}."),
        N_("Leave the summary out; an export computes it."),
    ),
    "version_taken": (
        N_("{other} has the same id and modified, {playbook}, but another content."),
        N_("Give a new version a later “modified”, and a different playbook its own id."),
    ),
    "no_start": (N_("There is no start step."), N_("Add one step of type start, and name it in workflow_start.")),
    "several_starts": (N_("{step} is an extra start step."), N_("Keep the one that workflow_start names.")),
    "start_of_other_type": (N_("workflow_start names {step}, of type {type}."), N_("Name the start step.")),
    "start_referenced": (N_("A step leads back to the start."), N_("Lead to the step after it; loop with while.")),
    "start_may_fail": (N_("A start step cannot have {name}."), N_("Use on_completion.")),
    "no_end": (N_("There is no end step."), N_("Let every branch end in a step of type end.")),
    "no_action": (N_("No step carries out an action."), N_("Add an action or a playbook-action.")),
    "end_leads_on": (N_("An end step cannot have {name}."), N_("Remove it.")),
    "end_shared": (
        N_("{step} ends more than one branch."),
        N_("Give each branch its own end step: control then returns to the step that opened the branch."),
    ),
    "step_shared": (N_("{step} is in more than one branch."), N_("Give each branch its own copy of the step.")),
    "branch_twice": (N_("The branch {step} is opened twice."), N_("Name each branch once.")),
    "dangling_step": (N_("{step} is referenced but does not exist."), N_("Add the step, or correct the reference.")),
    "unreachable_step": (N_("No way leads to {step}."), N_("Lead to it, or remove it.")),
    "cycle": (
        N_("These {count} steps form a loop: {steps}."),
        N_("Use a while-condition; its branch ends in its own end step, the loop turns by itself."),
    ),
    "no_way_on": (N_("{step} does not say where it leads when it succeeds."), N_("Add on_completion or on_success.")),
    "scope_ends": (
        N_("{step} does not say where it leads after its branch has ended, so its path ends there."),
        N_("Add on_completion, with an end step if nothing is to follow."),
    ),
    "condition_quoted": (
        N_("Column {column}: “{found}” is in quotes, so it is compared as a text and never replaced by its value."),
        N_("Remove the quotes: {found}"),
    ),
    "contact_malformed": (
        N_("“{found}” is not an address for “{kind}”."),
        N_("Correct it: people may need to reach this contact urgently."),
    ),
    "contact_wrong_type": (
        N_("Expected a {expected} in the contact here, but found a {found}."),
        N_("Write email and phone as objects of named addresses, and contact_details as a text."),
    ),
    "completion_mixed": (
        N_("on_completion cannot be used with on_success or on_failure."),
        N_("Use on_success and on_failure when failure is to lead elsewhere, else on_completion alone."),
    ),
    "unknown_step": (N_("The step type “{found}” is not known."), N_("Use one of: {known}.")),
    "unknown_command": (
        N_("The command type “{found}” is not supported. People get the command as a task that shows all of it."),
        N_("Make sure that someone can carry it out manually, or use a type of section 5.2."),
    ),
    "type_malformed": (
        N_("“{found}” cannot be the name of a type."),
        N_("Use a type of the standard, or one word such as openc2: letters, digits, hyphens."),
    ),
    "bad_base64": (N_("“{name}” is not base64."), N_("Encode it by RFC 4648 section 4.")),
    "said_twice": (
        N_("“{name}” is given both as plain text and in base64. The plain text is used."),
        N_("Keep one of the two."),
    ),
    "request_line": (
        N_("“{found}” is not a request line."),
        N_("Write method, target and version, like: POST /api/block HTTP/1.1"),
    ),
    "command_misfit": (N_("A command “{type}” cannot go to “{goal}”."), N_("Use a target that fits the command.")),
    "no_address": (
        N_("The command “{type}” has no address to go to: “{goal}” has none."),
        N_("Give the target an address, or let people do it: an agent of type group or organization."),
    ),
    "retry_out_of_range": (N_("The number of tries is not valid."), N_("Use 1 to {limit}.")),
    "retry_unused": (N_("Only an action or a playbook-action can be retried."), N_("Move the extension there.")),
    "clock_misplaced": (
        N_("The step “{step}” waits for a report to be filed, so it must be an action with one command, for people."),
        N_("Give it one command of type manual, or remove the extension."),
    ),
    "clock_results": (
        N_("The step “{step}” returns more than one value, but a report that is filed has only one."),
        N_("Leave at most one variable in out_args. It becomes filed, waived or not_applicable."),
    ),
    "regime_unknown": (
        N_("The step “{step}” waits for a report by the law “{found}”, which is not known here."),
        N_("Use one of: {known}"),
    ),
    "stage_unknown": (
        N_("The step “{step}” waits for the report “{found}”, which the law “{regime}” does not ask for."),
        N_("Use one of: {known}"),
    ),
    "unknown_agent": (
        N_("The type “{found}” is not in the vocabulary; it counts as this program."),
        N_("For people use group, organization or individual."),
    ),
    "unknown_address": (N_("“{name}” is not a kind of address."), N_("Use url, dname, ipv4, ipv6, l2mac or vlan.")),
    "unknown_authentication": (
        N_("The authentication type “{found}” is not supported. People get the commands that need it as tasks."),
        N_("Use http-basic, oauth2 or user-auth if a machine is to carry them out."),
    ),
    "inline_secret": (
        N_("A secret is written into the playbook (“{name}”)."),
        N_("Deposit it with “incident secret set NAME --for PLACE” and name it in kms_key_identifier, with kms true."),
    ),
    "key_missing": (N_("kms is true but “{name}” is missing."), N_("Name the deposited secret.")),
    "kms_not_true": (N_("kms_key_identifier is given, but kms is not true."), N_("Set kms to true.")),
    "too_many_steps": (N_("The playbook has {count} steps; the limit is {limit}."), N_("Split it into several.")),
    "bad_variable_name": (N_("“{name}” is not the name of a variable."), N_("Write it like __name__.")),
    "variable_undeclared": (
        N_("The variable {name} is not declared."),
        N_("Declare it in playbook_variables or step_variables."),
    ),
    "variable_from_earlier": (
        N_("{name} is declared only by an earlier step; by the standard it belongs to that step."),
        N_("Declare it in playbook_variables."),
    ),
    "variable_in_shell": (
        N_("The value of {name} goes into a shell command, here: {where}"),
        N_(
            "A variable on its own is quoted as one word. Put -- before it if it may begin with a hyphen. It "
            "cannot be made safe inside quotes, backticks, $( ), a comment or a here-document, or as code or as "
            "the command itself."
        ),
    ),
    "variable_in_content": (
        N_("The value of {name} goes into a request body of an unknown form, as it is."),
        N_("Set Content-Type to application/json or application/x-www-form-urlencoded, so that it is encoded."),
    ),
    "variable_escaped": (
        N_("There is a backslash before the variable {name} in JSON."),
        N_("Remove the backslash."),
    ),
    "variable_in_host": (
        N_("The value of {name} would decide where a secret is sent: {where}"),
        N_("Write scheme and host of a target that is signed in to without variables."),
    ),
    "variable_unquoted": (
        N_(
            "The value of {name} is put in as it is, unquoted:"
            " whoever answers can run any command or change the request."
        ),
        N_("Remove it from the extension unless the playbook needs it."),
    ),
    "unknown_variable_type": (N_("The variable type “{found}” is not known; any text fits."), N_("See 10.18.4.")),
    "external_in_step": (N_("{name} is external but belongs to a step."), N_("Only playbook variables are external.")),
    "value_not_string": (N_("The value {value} is not a string."), N_("Put it in quotes.")),
    "constant_assigned": (N_("{name} is constant and cannot be assigned."), N_("Remove it from out_args.")),
    "case_mistyped": (N_("The case “{label}” can never equal a variable of type {type}."), N_("Correct the case.")),
    "condition_long": (N_("The condition is longer than {limit} characters."), N_("Use several steps.")),
    "condition_nested": (N_("Column {column}: nested more than {limit} deep."), N_("Use several steps.")),
    "condition_rest": (N_("Column {column}: “{found}” is not expected here."), N_("Join comparisons by AND or OR.")),
    "condition_wanted": (
        N_("Column {column}: expected “{wanted}”, but found “{found}”."),
        N_("Close what was opened."),
    ),
    "condition_operator": (
        N_("Column {column}: expected a comparison, but found “{found}”."),
        N_("Use = != < > <= >= IN LIKE MATCHES ISSUBSET or ISSUPERSET."),
    ),
    "condition_operand": (
        N_("Column {column}: expected a variable or a literal, but found “{found}”."),
        N_("Write __name__:value, a text in single quotes, a number, true or false."),
    ),
    "condition_quote": (N_("Column {column}: this quote is never closed."), N_("Close it.")),
    "condition_sign": (N_("Column {column}: “{found}” means nothing here."), N_("Remove it.")),
    "condition_name": (N_("Column {column}: “{found}” is not a variable."), N_("Write it like __name__:value.")),
    "condition_binary": (N_("Column {column}: binary literals are not supported."), N_("Compare text instead.")),
    "condition_word": (
        N_("Column {column}: “{found}” means nothing here."),
        N_("Put texts in single quotes; write variables like __name__:value."),
    ),
    "condition_value_missing": (N_("Column {column}: “{found}” lacks “:value”."), N_("Write {found}:value.")),
    "condition_timed": (
        N_("Column {column}: “{found}” compares observations over time; only values can be compared."),
        N_("Use while-condition, delay or timeout."),
    ),
    "condition_pattern": (N_("Column {column}: the pattern is wrong: {problem}."), N_("Correct the pattern.")),
    "condition_unordered": (N_("Column {column}: values of type {type} have no order."), N_("Use = or !=.")),
    "condition_not_address": (
        N_("Column {column}: ISSUBSET and ISSUPERSET compare addresses, not {type}."),
        N_("Use a variable of type ipv4-addr or ipv6-addr."),
    ),
    "condition_literal": (N_("Column {column}: “{literal}” is not of type {type}."), N_("Correct the literal.")),
}
