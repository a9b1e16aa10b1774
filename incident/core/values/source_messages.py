"""Error messages about payloads of sources and their mappings, by code."""

from collections.abc import Mapping
from typing import Final

from incident.core.values.marking import N_

SOURCE_FAULT_WORDS: Final[Mapping[str, str]] = {
    "alertmanager.alerts_missing": N_("The list alerts is missing; Alertmanager sends one."),
    "alertmanager.alerts_no_list": N_("The member alerts must be a list, as Alertmanager sends it."),
    "alertmanager.too_many_alerts": N_(
        "There are {count} alerts; at most {most} are taken in one request. "
        "Set max_alerts of this receiver to {most} in the configuration of Alertmanager."
    ),
    "alertmanager.version": N_("This is not the webhook format of Alertmanager, version {expected}."),
    "mapping.list_missing": N_("The list {list} is missing; this sender puts its alerts there."),
    "mapping.no_fingerprint": N_(
        "Nothing identifies this alert, so that a repeat could not be recognised. It needs: {members}."
    ),
    "mapping.no_list": N_("The member {list} must be a list of alerts, or one alert."),
    "mapping.no_variant": N_(
        "This is none of the forms that this source knows; they have: {forms}. "
        "Check that the sender has the address of its own source."
    ),
    "mapping.no_variants": N_("A mapping needs at least one variant."),
    "mapping.no_words": N_("A rule needs at least one of: {names}."),
    "mapping.number": N_("This must be a number."),
    "mapping.offset": N_("This is not an offset from UTC; write it as in {example}."),
    "mapping.pointer": N_(
        "This is not a JSON pointer; write it as in {example}, with ~1 for a / and ~0 for a ~ in a name."
    ),
    "mapping.template": N_("This is not a template; write it as in {example}, and a brace itself twice."),
    "mapping.version": N_("The version of a mapping is {version}."),
    "payload.bad_number": N_("A number in this JSON cannot be kept: NaN, infinite, or thousands of digits long."),
    "payload.doubled_member": N_("The member “{member}” is there twice. Keep one of the two."),
    "payload.not_json": N_("This is not JSON: line {line}, column {column}."),
    "payload.not_utf8": N_("This is not UTF-8: byte {byte}."),
    "payload.too_deep": N_("This JSON is nested too deeply."),
    "payload.too_many_alerts": N_("There are {count} alerts; send at most {most} in one request."),
    "source.inactive": N_("This source of alerts is switched off. Switch it on under Sources."),
    "source.malformed_name": N_(
        "A source's name has 1 to {limit} small letters, digits and hyphens, and begins with a letter or a digit."
    ),
    "source.name_taken": N_("The program has a source of this name itself. Choose another name."),
    "source.no_challenge": N_("The header {header} is missing; Okta sends it once to verify the address."),
    "source.no_verification": N_("This source verifies no address; send alerts by POST."),
    "source.one_needed": N_("Give either a mapping or the name of a source."),
    "source.preset": N_("This source comes with the program and cannot be changed. Add one of your own."),
    "source.too_many": N_("There are {most} sources of your own; remove one that is not used."),
    "source.unknown": N_("There is no such source of alerts; there are: {sources}."),
}
