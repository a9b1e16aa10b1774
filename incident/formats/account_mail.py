"""The mail with the link by which a person sets their password."""

from collections.abc import Callable

from incident.core.notifications.message import Link
from incident.core.values.error_messages import N_, fill
from incident.formats.messages import Written

INVITED = N_("You can sign in to {instance} now. Choose your password: the link works once, within 7 days.")
RESET = N_("A new password can be set for your account at {instance}. The link works once, within 24 hours.")
NOT_EXPECTED = N_("If you did not expect this email, do not open the link, and tell your administrator.")
SIGN_IN_NAME = N_("Your sign-in name: {login}")
SUBJECT = N_("Set your password")


def write_account_mail(login: str, url: str, instance: str, is_invitation: bool, _: Callable[[str], str]) -> Written:
    """The texts.

    Args:
        login: the sign-in name.
        url: the link.
        instance: the address of the instance.
        is_invitation: whether the person had no password until now.
        _: turns English into the language of the person.
    """
    what = fill(_(INVITED if is_invitation else RESET), {"instance": instance})
    lines = [what, "", fill(_(SIGN_IN_NAME), {"login": login}), "", url, "", _(NOT_EXPECTED), ""]
    return Written(f"[incident] {_(SUBJECT)}", "\n".join(lines), "", what, (Link(_(SUBJECT), url),))
