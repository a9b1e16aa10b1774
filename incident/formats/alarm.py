"""The text of an alarm about a system fault, in every language: its recipient is not known in advance."""

from collections.abc import Callable

from incident.core.notifications.message import Link
from incident.core.operations.alarm import AlarmNews, Standing
from incident.core.operations.watchdog import ADVICE, TEST, TROUBLE_WORDS
from incident.core.values.error_messages import N_, fill
from incident.formats.messages import Catalogues, Written

TROUBLE = N_("Problem with the system")
TRIED = N_("Test of the system alarms")
WELL = N_("System recovered")
LASTED = N_("resolved after {minutes} minutes: {said}")
SINCE = N_("since {since}: {said} {advice}")
PAGE = N_("System health")


def write_alarm(what: AlarmNews, where: str, catalogues: Catalogues) -> Written:
    """The texts.

    Args:
        what: the findings to report.
        where: the address of the instance.
        catalogues: the translations of each language.
    """
    heads, texts, first = [], [], []
    for words in catalogues.values():
        heads.append(words.gettext(_head(what)))
        lines = [_standing(one, words.gettext) for one in what.standing]
        lines += [_ended(one, words.gettext) for one in what.ended]
        texts.append("\n".join(f"- {line}" for line in lines))
        first.append(_said((what.standing or what.ended)[0], words.gettext))
    text = "\n\n".join(f"{head}: {where}\n\n{body}" for head, body in zip(heads, texts, strict=True))
    links = (Link(" / ".join(words.gettext(PAGE) for words in catalogues.values()), f"{where}/health"),)
    subject = f"[incident] {' / '.join(heads)}"
    return Written(subject=subject, text=f"{text}\n\n{where}/health\n", html="", asked=" / ".join(first), links=links)


def _head(what: AlarmNews) -> str:
    if what.due == (TEST,):
        return TRIED
    return TROUBLE if what.standing else WELL


def _said(one: Standing, _: Callable[[str], str]) -> str:
    return fill(_(TROUBLE_WORDS.get(one.trouble.code, one.trouble.code)), one.trouble.arguments)


def _standing(one: Standing, _: Callable[[str], str]) -> str:
    since = one.since.strftime("%Y-%m-%d %H:%M UTC")
    return fill(_(SINCE), {"since": since, "said": _said(one, _), "advice": _advice(one, _)})


def _ended(one: Standing, _: Callable[[str], str]) -> str:
    minutes = max(1, round(((one.ended_at or one.seen_at) - one.since).total_seconds() / 60))
    return fill(_(LASTED), {"minutes": minutes, "said": _said(one, _)})


def _advice(one: Standing, _: Callable[[str], str]) -> str:
    advice = ADVICE.get(one.trouble.code)
    return _(advice) if advice else ""
