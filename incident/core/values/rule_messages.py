"""Error messages about routing rules and duty rotas, by code."""

from collections.abc import Mapping
from typing import Final

from incident.core.values.marking import N_

RULE_FAULT_WORDS: Final[Mapping[str, str]] = {
    "rota.full": N_("The rota already has {most} of these. Remove those in the past, then save it again."),
    "rota.nobody": N_("Choose at least one person who takes turns."),
    "rota.nothing_before": N_("There is no earlier version of this rota to restore."),
    "rules.empty_list": N_("An empty list matches nothing; leave the field out to match everything."),
    "rules.group_by": N_("Group by any of {fields}, or by a label, written as labels.NAME."),
    "rules.no_such_version": N_("There is no such version of the rules. Reload the page and choose one from the list."),
    "rules.window": N_("The window must be from {least} to {most}, such as PT10M."),
    "rules.window_alone": N_("A window needs group_by, which says what alerts in a group have in common."),
}
