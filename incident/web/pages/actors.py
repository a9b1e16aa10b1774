"""Display names of the journal's actors."""

from incident.web.i18n import gettext as _
from incident.web.i18n import spoken


def actor_words(actor: str) -> str:
    """Return the display name of an actor such as `person:3:Li Wei`, in the language of the page."""
    kind, _mark, rest = actor.partition(":")
    name = spoken(rest.partition(":")[2] or rest)
    match kind:
        case "person":
            return name
        case "token":
            return _("%(name)s (program)", name=name)
        case "link":
            return _("%(name)s (by link)", name=name)
    return machine_words(kind)


def machine_words(kind: str) -> str:
    """Return the label for actions of programs and other actors without a name."""
    known = {
        "anchor": _("the anchoring of the journal"),
        "scheduler": _("the scheduler"),
        "delivery": _("delivery"),
        "public": _("a member of the public"),
        "cli": _("the command line"),
        "setup": _("set-up"),
        "watchdog": _("the watchdog"),
    }
    return known.get(kind, kind)
