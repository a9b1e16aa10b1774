"""Error messages of incoming papers and text blocks: a code and its sentence, as in `error_messages`."""

from typing import Final

from incident.core.values.marking import N_

INCOMING_PAPER_FAULT_WORDS: Final = {
    "incoming_paper.answer_unknown": N_("There is no such document of this incident."),
    "incoming_paper.department_unfit": N_("This department is not on the incident. Add it there first."),
    "incoming_paper.due_before": N_("Enter a time after the paper was received."),
    "incoming_paper.in_the_future": N_("This time has not come yet. Enter when the paper was received."),
    "incoming_paper.is_answered": N_(
        "A signed document answers this paper, so its entry can no longer be corrected. Write what was wrong into the "
        "outcome."
    ),
    "incoming_paper.is_done": N_("The handling of this paper has ended."),
    "incoming_paper.not_found": N_("There is no such paper."),
    "incoming_paper.not_your_turn": N_("Nobody has asked you to read this paper, or you have read it already."),
    "incoming_paper.nothing_corrected": N_("Nothing is different. Change what is wrong in the entry."),
    "incoming_paper.reader_unknown": N_("Nobody called “{login}” may read this paper."),
    "incoming_paper.scan_unknown": N_("There is no such evidence of this incident."),
    "text_block.title_taken": N_("There is a text block with this title already."),
}
