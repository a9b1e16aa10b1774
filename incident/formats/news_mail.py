"""The mail to a follower of an incident: a line for each change, and how to stop such mail."""

from collections.abc import Callable, Mapping
from typing import Final

from incident.core.deadlines.warnings import ENDED
from incident.core.documents.reminders import due_sentence
from incident.core.incidents.grade import ROMAN
from incident.core.incidents.news import Kind, NewsMail
from incident.core.notifications.message import Link
from incident.core.values.bilingual import in_language
from incident.core.values.error_messages import N_
from incident.core.values.text import one_line
from incident.formats.messages import SUBJECT_TITLE_LIMIT, Written

STATUSES: Final[Mapping[str, str]] = {"new": N_("new"), "handling": N_("in progress"), "closed": N_("closed")}


def write_news_mail(mail: NewsMail, public_url: str, language: str, _: Callable[[str], str]) -> Written:
    """Return the texts; those of an incident of TLP:RED only ask the reader to sign in.

    Args:
        mail: the content.
        public_url: that of the instance.
        language: that of the person.
        _: turns English into that language.
    """
    url = f"{public_url}/incidents/{mail.number}"
    if mail.is_withheld:
        lines = [_("Something has changed on incident %(incident)s. It is TLP:RED: sign in to read it.")]
        title = _("TLP:RED, sign in to read")
    else:
        lines = [_("This has changed on incident %(incident)s:")]
        lines += [f"- {_change(kind, words, language, _)}" for kind, words in mail.changes]
        title = one_line(in_language(mail.title, language) if mail.is_exercise else mail.title, SUBJECT_TITLE_LIMIT)
    lines[0] %= {"incident": mail.number}
    foot = _("You get this email because you follow the incident. To stop it, choose “Unfollow” on its page.")
    off = _("To stop the emails of all incidents, use the page “Your account”.")
    text = "\n".join([*lines, "", url, "", "-- ", foot, off, ""])
    return Written(f"{mail.number}: {title}", text, "", lines[0], (Link(_("Open the incident"), url),))


def _change(kind: Kind, words: str, language: str, _: Callable[[str], str]) -> str:
    match kind:
        case "grade":
            return _("The grade is now %(grade)s.") % {"grade": ROMAN.get(int(words or 0), "–")}
        case "status":
            return _("The status is now: %(status)s.") % {"status": _(STATUSES[words])}
        case "owner" if words:
            return _("%(name)s is now the owner.") % {"name": one_line(in_language(words, language))}
        case "owner":
            return _("The incident has no owner any more.")
        case "closed":
            return _("The incident is closed.")
        case "deadline" if words == str(ENDED):
            return _("A report to an authority is overdue.")
        case "deadline":
            return _("A report to an authority is due: %(percent)s %% of the time has passed.") % {"percent": words}
        case "declined":
            return _("What you proposed was declined.")
        case "action":
            return _("An action of the review after closing is yours: %(title)s") % {"title": one_line(words)}
        case "action_due":
            return _("Your action of the review after closing is due soon, or overdue: %(title)s") % {
                "title": one_line(words)
            }
        case "paperwork":
            sentence, number = due_sentence(words)
            return _(sentence) % {"number": one_line(number) or _("work secret")}
    return _("A note mentions you.")
