"""The sentences of the timeline about notices and their messages."""

import datetime as dt
from collections.abc import Mapping
from typing import Final

from incident.store.journal.journal import Entry
from incident.web import i18n
from incident.web.i18n import gettext as _
from incident.web.pages.names import Detail, Names, Saying, department_called, no_contact_words, thing_called
from incident.web.pages.states import CHANNELS
from incident.web.pages.template_filters import zone

NOTICE_ICONS: Final = {
    "message.opened": ("eye", "quiet"),
    "notice.opened": ("eye", "quiet"),
    "notice.created": ("bell-ringing", "warn"),
    "notice.escalated": ("arrow-up-right", "bad"),
    "notice.exhausted": ("alert-triangle", "bad"),
    "notice.held": ("moon", "quiet"),
    "notice.acknowledged": ("user-check", "good"),
    "notice.accepted": ("circle-check", "good"),
    "notice.declined": ("circle-x", "bad"),
    "notice.done": ("checks", "good"),
    "notice.withdrawn": ("arrow-back-up", "quiet"),
    "notice.reminded": ("bell", "warn"),
    "notice.notified": ("bell", "good"),
    "message.accepted": ("send", "quiet"),
    "message.failed": ("refresh", "warn"),
    "message.refused": ("circle-x", "bad"),
    "message.given_up": ("circle-x", "bad"),
    "message.passed_on": ("arrow-right", "warn"),
    "message.resent": ("refresh", "live"),
}


def notified_at_level(detail: Detail, _entry: Entry, names: Names) -> str:
    """Name the people notified at a level, and the levels that were skipped because nobody was found at them."""
    about = {
        "department": department_called(names, detail.get("department", "")),
        "level": detail.get("level"),
        "contacts": _reached(detail),
    }
    if not about["contacts"]:
        return no_contact_words(about["department"])
    sentence = _("%(department)s notified at level %(level)s: %(contacts)s", **about)
    on_leave = [i18n.spoken(name) for one in detail.get("because") or () for name in one.get("on_leave") or ()]
    if on_leave:
        sentence = _("%(told)s. On leave: %(people)s", told=sentence, people=", ".join(on_leave))
    passed = ", ".join(str(one.get("level")) for one in detail.get("passed_over") or ())
    if not passed:
        return sentence
    return _("%(told)s. No one was found at level %(passed)s, so it was skipped", told=sentence, passed=passed)


def _reached(detail: Detail) -> str:
    """Name the people who were notified with their channels, or the contacts alone."""
    contacts = ", ".join(map(i18n.spoken, detail.get("contacts") or []))
    people = ", ".join(map(i18n.spoken, detail.get("people") or []))
    return f"{people} ({contacts})" if people and contacts else contacts


def _held(detail: Detail, _entry: Entry, names: Names) -> str:
    department = department_called(names, detail.get("department", ""))
    if not detail.get("until"):
        return _("%(department)s will be notified when quiet hours end", department=department)
    until = i18n.full(dt.datetime.fromisoformat(str(detail["until"])), zone())
    return _("%(department)s will be notified when quiet hours end, at %(time)s", department=department, time=until)


def _reminded(detail: Detail, entry: Entry, names: Names) -> str:
    department, contacts = thing_called(names, entry, entry.subject), _reached(detail)
    if not contacts:
        return _("%(department)s has recorded no progress, and no one could be reminded", department=department)
    return _(
        "%(department)s has recorded no progress. Reminded: %(contacts)s", department=department, contacts=contacts
    )


def _escalated(detail: Detail, entry: Entry, names: Names) -> str:
    return _("No one acknowledged in time. %(told)s", told=notified_at_level(detail, entry, names))


def _acknowledged(_detail: Detail, entry: Entry, names: Names) -> str:
    return _("%(department)s has acknowledged", department=thing_called(names, entry, entry.subject))


def _accepted(_detail: Detail, entry: Entry, names: Names) -> str:
    return _("%(department)s has accepted the work", department=thing_called(names, entry, entry.subject))


def _declined(detail: Detail, entry: Entry, names: Names) -> str:
    department = thing_called(names, entry, entry.subject)
    contacts = ", ".join(map(i18n.spoken, detail.get("contacts") or []))
    if not contacts:
        return _("%(department)s has declined. There is no one else to notify", department=department)
    return _("%(department)s has declined; notified: %(contacts)s", department=department, contacts=contacts)


def _done(_detail: Detail, entry: Entry, names: Names) -> str:
    return _("%(department)s has marked its work as done", department=thing_called(names, entry, entry.subject))


def _exhausted(detail: Detail, entry: Entry, names: Names) -> str:
    if detail.get("is_unreached"):
        return no_contact_words(thing_called(names, entry))
    return _("%(department)s: all levels were notified and no one acknowledged", department=thing_called(names, entry))


def _withdrawn(_detail: Detail, entry: Entry, names: Names) -> str:
    return _("Notice to %(department)s withdrawn", department=thing_called(names, entry))


def _notified_later(detail: Detail, entry: Entry, names: Names) -> str:
    contacts = ", ".join(map(i18n.spoken, detail.get("contacts") or []))
    return _(
        "%(department)s can be notified now: %(contacts)s",
        department=thing_called(names, entry),
        contacts=contacts,
    )


def _message(detail: Detail, entry: Entry, _names: Names) -> str:
    channel = str(detail.get("channel", ""))
    about = {
        "contact": i18n.spoken(detail.get("contact")),
        "channel": _(CHANNELS.get(channel, channel)),
        "answer": detail.get("answer", ""),
    }
    match entry.event_type:
        case "message.accepted":
            return _("Message to %(contact)s by %(channel)s sent", **about)
        case "message.failed":
            return _("Message to %(contact)s by %(channel)s failed and will be retried: %(answer)s", **about)
        case "message.refused":
            return _("Message to %(contact)s by %(channel)s refused: %(answer)s", **about)
        case "message.resent":
            return _("Message to %(contact)s by %(channel)s sent again manually", **about)
        case "message.passed_on":
            by = str(detail.get("by", ""))
            to = {"to": i18n.spoken(detail.get("to")), "by": _(CHANNELS.get(by, by))}
            return _("%(contact)s cannot be reached by %(channel)s; notified by %(by)s: %(to)s", **about, **to)
    return _("Message to %(contact)s by %(channel)s could not be delivered: %(answer)s", **about)


def _with_purpose(saying: Saying) -> Saying:
    """Return the same sentence, which says what it is about where that is not the handling of an incident."""

    def say(detail: Detail, entry: Entry, names: Names) -> str:
        told = saying(detail, entry, names)
        match detail.get("purpose"):
            case "deadline":
                return _("Deadline: %(told)s", told=told)
            case "receipt":
                return _("Report received: %(told)s", told=told)
            case "review":
                return _("Decision to review: %(told)s", told=told)
            case "paperwork":
                return _("Paper or document due: %(told)s", told=told)
        return told

    return say


_SENTENCES: Final[Mapping[str, Saying]] = {
    "message.accepted": _message,
    "message.failed": _message,
    "message.given_up": _message,
    "message.passed_on": _message,
    "message.refused": _message,
    "message.resent": _message,
    "notice.accepted": _accepted,
    "notice.acknowledged": _acknowledged,
    "notice.created": notified_at_level,
    "notice.declined": _declined,
    "notice.done": _done,
    "notice.escalated": _escalated,
    "notice.exhausted": _exhausted,
    "notice.held": _held,
    "notice.reminded": _reminded,
    "notice.notified": _notified_later,
    "notice.withdrawn": _withdrawn,
}
NOTICE_SENTENCES: Final = {event_type: _with_purpose(saying) for event_type, saying in _SENTENCES.items()}
