"""Which settings the environment sets, as they may be shown: secrets are only `set`."""

import os
from collections.abc import Mapping
from typing import Final

PREFIX: Final = "INCIDENT_"

PLAIN: Final = frozenset(
    f"{PREFIX}{name}"
    for name in (
        "ALERT_LIMIT",
        "ALLOW_PRIVATE_TARGETS",
        "ANCHOR_TIME_STAMP_CA_FILE",
        "CERTIFICATE_KEY_FILE",
        "DATABASE_ANSWER_TIMEOUT",
        "DATABASE_CONNECT_TIMEOUT",
        "DATABASE_IDLE_IN_TRANSACTION_TIMEOUT",
        "DATABASE_KEEPALIVE_TIMEOUT",
        "DATABASE_LOCK_TIMEOUT",
        "DATABASE_POOL_SIZE",
        "DATABASE_STATEMENT_TIMEOUT",
        "DATABASE_TCP_USER_TIMEOUT",
        "EVIDENCE_KEY_FILE",
        "EVIDENCE_MAX_MB",
        "EXPORT_CA_FILE",
        "EXPORT_CERTIFICATE_FILE",
        "EXPORT_DETAILS",
        "EXPORT_TO",
        "FILES",
        "HOME",
        "KEYS_FILE",
        "MAIL_FROM",
        "PLAYBOOK_APPROVAL",
        "PREPARED_STATEMENTS",
        "PRIVATE_NETWORKS",
        "PUBLIC_URL",
        "DOCUMENT_KEY_FILE",
        "REPORT_DEPARTMENT",
        "REPORT_KEY_FILE",
        "IDENTITY_KEY_FILE",
        "IDENTITY_NOTICE",
        "REPORT_LIMIT",
        "REPORT_NOTICE_MINUTES",
        "REPORT_OFFICES",
        "REPORT_OFFICE_LIMIT",
        "REPORT_REVIEWERS",
        "SCANNER",
        "STORM_INCIDENTS",
        "STORM_SECONDS",
        "TIMEZONE",
        "TRUSTED_HOSTS",
        "TRUSTED_PROXIES",
        "UNSIGNED_PLAYBOOKS",
    )
)
"""Settings whose value may be shown; others may hold a password, a token or a secret address."""


def shown_settings(environ: Mapping[str, str] | None = None) -> Mapping[str, str | None]:
    """Return the settings that the environment sets: the value, None for one that is not shown.

    Args:
        environ: the variables; those of the process when absent.
    """
    given = os.environ if environ is None else environ
    found = {name: text.strip() for name, text in given.items() if name.startswith(PREFIX) and text.strip()}
    return {name: text if name in PLAIN else None for name, text in found.items()}
