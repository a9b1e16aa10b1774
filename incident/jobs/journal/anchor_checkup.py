"""Checks of `incident check` for the anchors of the journal."""

import datetime as dt
from collections.abc import Iterator

from sqlalchemy import Connection, func, inspect, select

from incident import channels
from incident.config import SettingFault, Settings
from incident.core.journal.anchor import OLD_AFTER
from incident.core.values.error_messages import say
from incident.formats.time_stamps import load_roots
from incident.outgoing import Outgoing
from incident.proof_settings import ANCHOR_TO, TIME_STAMP_CA, TIME_STAMP_URL
from incident.store.journal.anchors import Anchored


def faults_of_places(settings: Settings) -> Iterator[SettingFault]:
    """Yield the faults of the anchor settings; `incident journal anchor` tests the destinations."""
    given, registered = settings.anchors, channels.registry(channels.Means(outgoing=Outgoing()))
    for place, address in enumerate(given.to, 1):
        scheme, _, rest = address.partition(":")
        is_mail = scheme.lower() == "mailto"
        code = registered["email"].check_address(rest) if is_mail else registered["webhook"].check_address(address)
        if code is not None:
            yield SettingFault(ANCHOR_TO, f"number {place}: {say(code, {})}", "Correct the address.")
        elif is_mail and settings.smtp_url is None:
            yield SettingFault(ANCHOR_TO, "mail cannot be sent", "Set INCIDENT_SMTP_URL.")
    if given.time_stamp_url is not None and not given.to:
        what = "time stamps would lie in the database alone, where they prove nothing"
        yield SettingFault(TIME_STAMP_URL, what, f"Name in {ANCHOR_TO} who keeps them: a mail address or a webhook.")
    if given.ca_file is not None:
        try:
            load_roots(given.ca_file.read_bytes())
        except (OSError, ValueError) as error:
            what = f"{given.ca_file} cannot be read as certificates ({type(error).__name__})"
            yield SettingFault(TIME_STAMP_CA, what, "It holds certificates as PEM.")


def faults_of_age(settings: Settings, connection: Connection, now: dt.datetime) -> Iterator[SettingFault]:
    """Yield a fault when the newest external anchor is older than two days.

    Args:
        settings: the settings from the environment.
        connection: to the database of the settings.
        now: the current moment (UTC).
    """
    if not settings.anchors.has_places or not inspect(connection).has_table(Anchored.__tablename__):
        return
    newest = connection.scalar(select(func.max(Anchored.at)).where(Anchored.time_stamp.is_(None)))
    if newest is not None and now - newest > OLD_AFTER:
        days = (now - newest).days
        what = f"the newest anchor of the journal is {days} days old"
        yield SettingFault(ANCHOR_TO, what, "Look what the places answer: incident journal anchor.")
