"""The profile of the organisation, from which follows which regimes apply to it."""

import datetime as dt
from dataclasses import asdict
from typing import Any

from incident.actions.timing import insert_timer
from incident.actions.unit_of_work import transaction
from incident.core.deadlines.regimes import OrganizationProfile, check_profile
from incident.core.values.faults import refuse_stale
from incident.data.reporting_regimes import shipped_regimes
from incident.store.deadlines import profiles
from incident.store.deadlines.incident_gradings import PROFILE
from incident.store.deadlines.profiles import ProfileVersion


def put_profile(profile: OrganizationProfile, by: str, now: dt.datetime, version: int | None = None) -> ProfileVersion:
    """Store the profile; clocks that run keep theirs, and open incidents get those that it adds soon after.

    Args:
        profile: the profile.
        by: who.
        now: when (UTC).
        version: the version that the caller has read; None skips the check.

    Raises:
        RuleError: those of `check_profile`; `version.stale`.
    """
    check_profile(profile, shipped_regimes())
    with transaction(by, now) as uow:
        present = profiles.latest_profile()
        refuse_stale(0 if present is None else present.id, version)
        if present is not None and _plain(present.profile) == _plain(profile):
            return present
        row = uow.add(ProfileVersion(**_plain(profile), changed_at=now, changed_by=by))
        before = None if present is None else _plain(present.profile)
        uow.record("organization.profile_changed", "organization", {"before": before, "after": _plain(profile)})
        uow.flush()
        insert_timer(uow, "spread", now, PROFILE, row.id, None)
    return row


def _plain(profile: OrganizationProfile) -> dict[str, Any]:
    return {name: list(value) if isinstance(value, list | tuple) else value for name, value in asdict(profile).items()}
