"""Error messages of insights: a code and its sentence, as in `error_messages`."""

from typing import Final

from incident.core.values.marking import N_

INSIGHTS_FAULT_WORDS: Final = {
    "month.malformed": N_("Give a month such as 2026-11."),
    "month.order": N_("The last month is before the first one. Swap them."),
    "month.too_many": N_("At most {most} months can be shown at once. Choose fewer."),
}
