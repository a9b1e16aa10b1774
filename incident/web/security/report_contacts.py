"""Seals what a reporter tells of himself before the transaction that stores the report."""

from collections.abc import Mapping

from incident.actions.reports.identities import SealedContact, seal_contact
from incident.core.reports.identity import cleaned_contact
from incident.data.report_categories import report_categories
from incident.web.instance import identity_key, now


def sealed_contact(
    given: Mapping[str, str | None] | None, asked: str | None, category: str | None, passages: Mapping[str, str]
) -> SealedContact:
    """Return a contact and passages of the text sealed.

    Raises:
        RuleError: `identity.anonymous_contact`, `custody.not_set_up`, `custody.passage_not_set_up`.
    """
    return seal_contact(cleaned_contact(given), asked, usual_protection(category), identity_key(), now(), passages)


def usual_protection(category: str | None) -> str | None:
    """Return the class that a category asks for, None when it does not say."""
    found = report_categories().get(category or "")
    return None if found is None else found.protection
