"""What the page of a source shows of its signatures and of topics of Amazon SNS."""

import json
from collections.abc import Mapping
from typing import Any, Final

from incident.core.incidents.signatures.scheme import READY_SCHEMES, read_scheme, scheme_name
from incident.core.values.error_messages import N_
from incident.store.incidents import sns_topics
from incident.store.incidents.signatures import source_signature
from incident.web.i18n import gettext
from incident.web.instance import now

SCHEME_WORDS: Final = {
    "github": "GitHub",
    "grafana": "Grafana",
    "grafana-timestamp": N_("Grafana with a time"),
    "pagerduty": "PagerDuty",
    "sentry": "Sentry",
    "slack": N_("Slack, and others with v0"),
    "standard-webhooks": "Standard Webhooks",
    "stripe": "Stripe",
    "described": N_("Another sender (describe it below)"),
}
TOPIC_WORDS: Final = {
    "waiting": N_("waiting to be allowed"),
    "allowed": N_("allowed"),
    "confirming": N_("subscription is being confirmed"),
    "confirmed": N_("subscribed"),
    "failed": N_("subscription could not be confirmed"),
    "ended": N_("subscription has ended"),
}
_EXAMPLE: Final = {
    "header": "X-Signature",
    "algorithm": "sha256",
    "encoding": "hex",
    "signed": "{timestamp}.{body}",
    "timestamp_header": "X-Timestamp",
}


def signature_facts(source: str, given: Mapping[str, str], secret: str | None) -> dict[str, Any]:
    """Return what the page shows of a source's signature, and what its form begins with.

    Args:
        source: its name.
        given: what was typed into a form that was refused.
        secret: a new secret, shown only now.
    """
    row = source_signature(source)
    scheme = None if row is None else read_scheme(row.scheme)
    name = None if scheme is None else scheme_name(scheme) or "described"
    described = scheme.to_json() if scheme is not None and name == "described" else _EXAMPLE
    has_old = row is not None and row.old_secret_ends_at is not None and row.old_secret_ends_at > now()
    return {
        "row": row,
        "has_old": has_old,
        "header": None if scheme is None else scheme.header,
        "words": None if name is None else gettext(SCHEME_WORDS[name]) if name != "described" else None,
        "choices": [(one, gettext(SCHEME_WORDS[one])) for one in (*READY_SCHEMES, "described")],
        "scheme": given.get("scheme") or name or "github",
        "described": given.get("described") or json.dumps(described, indent=1),
        "is_token_needed": bool(given.get("is_token_needed"))
        if given.get("scheme")
        else bool(row and row.is_token_needed),
        "secret": secret,
    }


def topic_facts() -> list[tuple[Any, str]]:
    """Return the topics of Amazon SNS with the words for their state."""
    return [(topic, gettext(TOPIC_WORDS[topic.state])) for topic in sns_topics.list_topics()]
