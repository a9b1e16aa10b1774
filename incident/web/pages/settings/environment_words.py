"""The settings of the environment in words, by group: what each is, and what holds where it is not set."""

from typing import Final, NamedTuple

from incident.core.values.error_messages import N_

_NONE: Final = N_("none")
_MACHINE: Final = N_("that of the machine")
_YES: Final = N_("yes")
_NO: Final = N_("no")


class SettingWords(NamedTuple):
    """A setting: its variable, what it is, and what holds where it is not set."""

    name: str
    label: str
    usual: str


_BASICS: Final = (
    SettingWords("INCIDENT_PUBLIC_URL", N_("Address under which people reach it"), N_("the address of this server")),
    SettingWords("INCIDENT_TIMEZONE", N_("Time zone"), _MACHINE),
    SettingWords("INCIDENT_HOME", N_("Folder for data and keys"), "var/"),
    SettingWords("INCIDENT_UNSIGNED_PLAYBOOKS", N_("Unsigned playbooks may start"), _YES),
    SettingWords("INCIDENT_PLAYBOOK_APPROVAL", N_("Playbooks with machine commands need two people"), _YES),
    SettingWords("INCIDENT_ALERT_LIMIT", N_("Alerts a token may send: per second, in a burst"), "100,2000"),
    SettingWords("INCIDENT_STORM_INCIDENTS", N_("Incidents of one sender before its alerts are grouped"), "20"),
    SettingWords("INCIDENT_STORM_SECONDS", N_("Seconds in which they are counted"), "60"),
    SettingWords(
        "INCIDENT_REPORT_DEPARTMENT",
        N_("Department that is paged for urgent reports"),
        N_("the first default department of the routing rules"),
    ),
    SettingWords("INCIDENT_REPORT_NOTICE_MINUTES", N_("Minutes in which urgent reports share a notice"), "5"),
    SettingWords("INCIDENT_REPORT_REVIEWERS", N_("Outside reviewers of reports about this office"), _NONE),
    SettingWords("INCIDENT_REPORT_LIMIT", N_("Reports an hour from one address"), "30"),
    SettingWords("INCIDENT_REPORT_OFFICES", N_("Networks of offices with many people behind one address"), _NONE),
    SettingWords("INCIDENT_REPORT_OFFICE_LIMIT", N_("Reports an hour from one address of these networks"), "600"),
)
_CHANNELS: Final = (
    SettingWords("INCIDENT_SMTP_URL", N_("Mail server"), N_("none: mail cannot be sent")),
    SettingWords("INCIDENT_MAIL_FROM", N_("Sender of mails"), "incident@localhost"),
    SettingWords("INCIDENT_CALL_URL", N_("Telephone system that calls reporters"), N_("none: an operator calls")),
    SettingWords("INCIDENT_CALL_HEADERS", N_("Headers of the telephone system"), _NONE),
    SettingWords("INCIDENT_SMS_URL", N_("Gateway for text messages"), N_("none: text messages cannot be sent")),
    SettingWords("INCIDENT_SMS_HEADERS", N_("Headers of the gateway"), _NONE),
    SettingWords("INCIDENT_SMS_BODY", N_("Body for the gateway"), N_("recipient and text as JSON")),
    SettingWords("INCIDENT_SMS_ACCEPTED", N_("Answer of the gateway that means success"), N_("every 2xx response")),
)
_MONITORING: Final = (
    SettingWords("INCIDENT_ALARM_TO", N_("Who is alarmed about faults of this system"), N_("no one")),
    SettingWords("INCIDENT_ALARM_SECRET", N_("Secret that signs alarms"), _NONE),
    SettingWords("INCIDENT_PING_URL", N_("Heartbeat to a service outside"), _NONE),
)
_PROOF: Final = (
    SettingWords("INCIDENT_ANCHOR_TO", N_("Where signed heads of the journal are sent"), N_("nowhere")),
    SettingWords("INCIDENT_ANCHOR_SECRET", N_("Secret that signs them"), _NONE),
    SettingWords("INCIDENT_ANCHOR_TIME_STAMP_URL", N_("Time-stamp authority"), _NONE),
    SettingWords("INCIDENT_ANCHOR_TIME_STAMP_CA_FILE", N_("Certificates for checking time stamps"), _NONE),
    SettingWords("INCIDENT_EXPORT_TO", N_("Log collector"), _NONE),
    SettingWords("INCIDENT_EXPORT_DETAILS", N_("Details of entries are exported too"), _NO),
    SettingWords("INCIDENT_EXPORT_CA_FILE", N_("Certificates for checking the collector"), _MACHINE),
    SettingWords("INCIDENT_EXPORT_CERTIFICATE_FILE", N_("Certificate of our own for the collector"), _NONE),
)
_STORAGE: Final = (
    SettingWords("INCIDENT_DATABASE_URL", N_("Database"), N_("SQLite in the folder for data")),
    SettingWords("INCIDENT_DATABASE_DIRECT_URL", N_("Database past its pooler"), _NONE),
    SettingWords("INCIDENT_MIGRATION_URL", N_("Database with the role that owns the tables"), _NONE),
    SettingWords("INCIDENT_DATABASE_POOL_SIZE", N_("Connections of each process"), "6"),
    SettingWords("INCIDENT_DATABASE_CONNECT_TIMEOUT", N_("Seconds to connect"), "3"),
    SettingWords("INCIDENT_DATABASE_KEEPALIVE_TIMEOUT", N_("Seconds until a silent connection is tested"), "10"),
    SettingWords("INCIDENT_DATABASE_TCP_USER_TIMEOUT", N_("Seconds until unconfirmed data ends a connection"), "10"),
    SettingWords("INCIDENT_DATABASE_LOCK_TIMEOUT", N_("Seconds to wait for a lock"), "8"),
    SettingWords("INCIDENT_DATABASE_STATEMENT_TIMEOUT", N_("Seconds a statement may take"), "10"),
    SettingWords("INCIDENT_DATABASE_IDLE_IN_TRANSACTION_TIMEOUT", N_("Seconds a transaction may be idle"), "15"),
    SettingWords("INCIDENT_DATABASE_ANSWER_TIMEOUT", N_("Seconds to wait for any answer"), "12"),
    SettingWords("INCIDENT_PREPARED_STATEMENTS", N_("Prepared statements"), _YES),
    SettingWords("INCIDENT_EVIDENCE_MAX_MB", N_("Largest file of evidence (MiB)"), "1024"),
    SettingWords("INCIDENT_FILES", N_("Folder for evidence"), N_("none: in the database")),
    SettingWords("INCIDENT_SCANNER", N_("Scanner for evidence"), N_("none: files are not scanned")),
)
_NETWORK: Final = (
    SettingWords("INCIDENT_TRUSTED_PROXIES", N_("Proxies whose headers are trusted"), _NONE),
    SettingWords("INCIDENT_PUSH_HOSTS", N_("Push services of browsers"), N_("those of all usual browsers")),
    SettingWords("INCIDENT_TRUSTED_HOSTS", N_("Further host names"), _NONE),
    SettingWords("INCIDENT_ALLOW_PRIVATE_TARGETS", N_("Messages and commands may go to private addresses"), _NO),
    SettingWords("INCIDENT_PRIVATE_NETWORKS", N_("Private networks that are allowed"), _NONE),
)
_KEYS: Final = (
    SettingWords("INCIDENT_KEYS", N_("Key ring"), N_("in a file")),
    SettingWords("INCIDENT_KEYS_FILE", N_("File of the key ring"), N_("in the folder for data")),
    SettingWords("INCIDENT_CERTIFICATE_KEY_FILE", N_("Key that signs certificates"), N_("in the folder for data")),
    SettingWords("INCIDENT_EVIDENCE_KEY_FILE", N_("Key that signs bundles of evidence"), N_("in the folder for data")),
    SettingWords("INCIDENT_DOCUMENT_KEY_FILE", N_("Key that signs official documents"), N_("in the folder for data")),
    SettingWords("INCIDENT_REPORT_KEY_FILE", N_("Key that signs proofs of receipt"), N_("in the folder for data")),
    SettingWords(
        "INCIDENT_IDENTITY_KEY_FILE", N_("Key that opens identities of reporters"), N_("in the folder for data")
    ),
    SettingWords("INCIDENT_IDENTITY_NOTICE", N_("Wait after the approval of custodians"), N_("24 hours")),
)
SETTING_GROUPS: Final = (
    (N_("Basics"), _BASICS),
    (N_("Mail and text messages"), _CHANNELS),
    (N_("Monitoring of the system itself"), _MONITORING),
    (N_("Anchors and export of the journal"), _PROOF),
    (N_("Database and files"), _STORAGE),
    (N_("Network"), _NETWORK),
    (N_("Keys"), _KEYS),
)
