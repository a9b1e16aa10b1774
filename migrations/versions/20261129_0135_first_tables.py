"""First tables. Revisions 0001 to 0028 were never released; databases at one of them are refused."""

import sqlalchemy as sa
from alembic import op

from incident.store.journal import append_only
from incident.store.queries import search_tables

revision = "0029"
down_revision = None
branch_labels = None
depends_on = None

INTEGER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
TWO = "instr(sector || '//', '/') + instr(substr(sector || '//', instr(sector || '//', '/') + 1), '/') - 1"
SECTORS = {
    "postgresql": ("split_part(sector, '/', 1)", "(split_part(sector, '/', 1) || '/' || split_part(sector, '/', 2))"),
    "sqlite": ("substr(sector, 1, instr(sector || '/', '/') - 1)", f"substr(sector || '//', 1, {TWO})"),
}
"""The first part of a sector such as `finance/bank/retail`, and the first two."""
REGIONS = {digits: f"substr(region, 1, {digits})" for digits in (2, 4, 6)}
"""Province, city and district of a region's code."""
SEQUENCES = sa.text(
    "SELECT sequencename FROM pg_sequences"
    " WHERE schemaname = current_schema() AND sequencename ~ '^numbers_[a-z]+_[0-9]+$'"
)


TABLES = (
    "access_log",
    "anchors",
    "approvals",
    "circuits",
    "counters",
    "departments",
    "heartbeats",
    "idempotency_keys",
    "incidents",
    "instance_settings",
    "issued_certificates",
    "journal",
    "journal_head",
    "playbooks",
    "reports",
    "rule_sets",
    "secrets",
    "sign_in_failures",
    "signers",
    "ssh_targets",
    "throttles",
    "alerts",
    "incident_departments",
    "indicators",
    "notices",
    "people",
    "report_links",
    "rotas",
    "runs",
    "start_requests",
    "tokens",
    "commands",
    "contacts",
    "drills",
    "incident_people",
    "members",
    "notice_departments",
    "sessions",
    "sign_in_links",
    "sign_in_tries",
    "tasks",
    "timers",
    "buckets",
    "messages",
    "deliveries",
    "notice_events",
)
"""In the order in which they are created: after those that they refer to."""


def upgrade() -> None:

    op.create_table(
        "access_log",
        sa.Column("id", INTEGER, nullable=False),
        sa.Column("owner", sa.String(length=100), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("identifier", sa.String(length=100), nullable=False),
        sa.Column("hour_at", MOMENT, nullable=False),
        sa.Column("actor", sa.String(length=300), nullable=False),
        sa.Column("first_at", MOMENT, nullable=False),
        sa.Column("last_at", MOMENT, nullable=False),
        sa.Column("count", INTEGER, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_access_log")),
        sa.UniqueConstraint(
            "owner", "kind", "identifier", "hour_at", name=op.f("uq_access_log_owner_kind_identifier_hour_at")
        ),
    )
    op.create_index("ix_access_log_hour_at", "access_log", ["hour_at"])
    op.create_index("ix_access_log_kind_identifier_hour_at", "access_log", ["kind", "identifier", "hour_at"])

    op.create_table(
        "anchors",
        sa.Column("id", INTEGER, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("seq", INTEGER, nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("place", sa.String(length=300), nullable=False),
        sa.Column("detail", sa.String(length=500), nullable=False),
        sa.Column("time_stamp", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_anchors")),
    )
    op.create_index(op.f("ix_anchors_at"), "anchors", ["at"])

    op.create_table(
        "approvals",
        sa.Column("id", INTEGER, nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("identifier", sa.String(length=100), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("approver", sa.String(length=100), nullable=False),
        sa.Column("approved_by", sa.String(length=300), nullable=False),
        sa.Column("approved_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_approvals")),
        sa.UniqueConstraint(
            "kind",
            "identifier",
            "content_hash",
            "approver",
            name=op.f("uq_approvals_kind_identifier_content_hash_approver"),
        ),
    )
    op.create_table(
        "circuits",
        sa.Column("origin", sa.String(length=300), nullable=False),
        sa.Column("failures", INTEGER, nullable=False),
        sa.Column("failed_at", MOMENT, nullable=False),
        sa.Column("opened_at", MOMENT, nullable=True),
        sa.Column("try_at", MOMENT, nullable=True),
        sa.Column("pause", INTEGER, nullable=False),
        sa.Column("fault", sa.String(length=500), nullable=True),
        sa.PrimaryKeyConstraint("origin", name=op.f("pk_circuits")),
    )
    op.create_table(
        "counters",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("value", INTEGER, nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_counters")),
    )
    op.create_table(
        "departments",
        sa.Column("id", INTEGER, nullable=False),
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("parent_id", INTEGER, nullable=True),
        sa.Column("policy", sa.JSON(), nullable=True),
        sa.Column("competence", sa.JSON(), nullable=True),
        sa.Column("timezone", sa.String(length=64), server_default="UTC", nullable=False),
        sa.Column("calendar", sa.String(length=64), server_default="plain", nullable=False),
        sa.Column("working_hours", sa.JSON(), nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("version", INTEGER, nullable=False),
        sa.ForeignKeyConstraint(["parent_id"], ["departments.id"], name=op.f("fk_departments_parent_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_departments")),
        sa.UniqueConstraint("code", name=op.f("uq_departments_code")),
    )
    op.create_index(op.f("ix_departments_name"), "departments", ["name"])
    op.create_index(op.f("ix_departments_parent_id"), "departments", ["parent_id"])

    op.create_table(
        "heartbeats",
        sa.Column("process", sa.String(length=100), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("host", sa.String(length=255), nullable=True),
        sa.Column("off_by", sa.Double(), nullable=True),
        sa.PrimaryKeyConstraint("process", name=op.f("pk_heartbeats")),
    )
    op.create_index(op.f("ix_heartbeats_at"), "heartbeats", ["at"])

    op.create_table(
        "idempotency_keys",
        sa.Column("id", INTEGER, nullable=False),
        sa.Column("owner", sa.String(length=100), nullable=False),
        sa.Column("key", sa.String(length=255), nullable=False),
        sa.Column("request_hash", sa.String(length=64), nullable=False),
        sa.Column("sealed_response", sa.Text(), nullable=False),
        sa.Column("stored_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_idempotency_keys")),
        sa.UniqueConstraint("owner", "key", name=op.f("uq_idempotency_keys_owner_key")),
    )
    op.create_index(op.f("ix_idempotency_keys_stored_at"), "idempotency_keys", ["stored_at"])

    op.create_table(
        "incidents",
        sa.Column("id", INTEGER, nullable=False),
        sa.Column("number", sa.String(length=24), nullable=False),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("category", sa.String(length=60), nullable=True),
        sa.Column("grade", INTEGER, nullable=True),
        sa.Column("sector", sa.String(length=60), nullable=True),
        sa.Column("region", sa.String(length=60), nullable=True),
        sa.Column("campaign", sa.String(length=60), nullable=True),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("tlp", sa.String(length=12), nullable=False),
        sa.Column("source", sa.String(length=40), nullable=False),
        sa.Column("alert_key", sa.String(length=300), nullable=True),
        sa.Column("occurred_at", MOMENT, nullable=True),
        sa.Column("detected_at", MOMENT, nullable=True),
        sa.Column("opened_at", MOMENT, nullable=False),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.Column("closed_at", MOMENT, nullable=True),
        sa.Column("resolution", sa.String(length=300), nullable=True),
        sa.Column("earlier_id", INTEGER, nullable=True),
        sa.Column("matched", sa.JSON(), nullable=True),
        sa.Column("is_unreached", sa.Boolean(), nullable=False),
        sa.Column("speed", INTEGER, nullable=True),
        sa.Column("version", INTEGER, nullable=False),
        sa.CheckConstraint("status IN ('new', 'handling', 'closed')", name=op.f("ck_incidents_status")),
        sa.CheckConstraint("tlp IN ('clear', 'green', 'amber', 'amber+strict', 'red')", name=op.f("ck_incidents_tlp")),
        sa.CheckConstraint("grade BETWEEN 1 AND 4", name=op.f("ck_incidents_grade")),
        sa.ForeignKeyConstraint(["earlier_id"], ["incidents.id"], name=op.f("fk_incidents_earlier_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incidents")),
        sa.UniqueConstraint("number", name=op.f("uq_incidents_number")),
    )
    op.create_index("ix_incidents_alert_key_id", "incidents", ["alert_key", "id"])
    op.create_index(
        "ix_incidents_campaign_is_unreached_id",
        "incidents",
        ["campaign", "is_unreached", "id"],
        sqlite_where=sa.text("campaign IS NOT NULL"),
        postgresql_where=sa.text("campaign IS NOT NULL"),
    )
    op.create_index(
        "ix_incidents_category_is_unreached_id_more", "incidents", ["category", "is_unreached", "id", "grade"]
    )
    op.create_index(
        "ix_incidents_exercises",
        "incidents",
        ["is_unreached", "id"],
        sqlite_where=sa.text("speed IS NOT NULL"),
        postgresql_where=sa.text("speed IS NOT NULL"),
    )
    op.create_index("ix_incidents_grade_is_unreached_id", "incidents", ["grade", "is_unreached", "id"])
    op.create_index("ix_incidents_is_unreached_id", "incidents", ["is_unreached", "id"])
    op.create_index("ix_incidents_is_unreached_opened_at_id", "incidents", ["is_unreached", "opened_at", "id"])
    op.create_index(
        "ix_incidents_region_is_unreached_id",
        "incidents",
        ["region", "is_unreached", "id"],
        sqlite_where=sa.text("region IS NOT NULL"),
        postgresql_where=sa.text("region IS NOT NULL"),
    )
    op.create_index(
        "ix_incidents_status_is_unreached_id_more",
        "incidents",
        ["status", "is_unreached", "id", "grade", "category"],
    )
    op.create_index(
        "uq_incidents_open_alert_key",
        "incidents",
        ["alert_key"],
        unique=True,
        sqlite_where=sa.text("status <> 'closed'"),
        postgresql_where=sa.text("status <> 'closed'"),
    )

    op.create_table(
        "instance_settings",
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("value", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_instance_settings")),
    )
    op.create_table(
        "issued_certificates",
        sa.Column("incident", sa.String(length=24), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("document", sa.JSON(), nullable=False),
        sa.Column("issued_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("incident", "digest", name=op.f("pk_issued_certificates")),
    )
    op.create_index(op.f("ix_issued_certificates_issued_at"), "issued_certificates", ["issued_at"])

    op.create_table(
        "journal",
        sa.Column("seq", INTEGER, autoincrement=False, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("actor", sa.String(length=300), nullable=False),
        sa.Column("type", sa.String(length=60), nullable=False),
        sa.Column("incident", sa.String(length=24), nullable=True),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_journal")),
    )
    op.create_index("ix_journal_incident_seq", "journal", ["incident", "seq"])

    op.create_table(
        "journal_head",
        sa.Column("id", INTEGER, autoincrement=False, nullable=False),
        sa.Column("count", INTEGER, nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_journal_head")),
    )
    op.create_table(
        "playbooks",
        sa.Column("id", INTEGER, nullable=False),
        sa.Column("cacao_id", sa.String(length=100), nullable=False),
        sa.Column("name", sa.String(length=500), nullable=False),
        sa.Column("modified_at", MOMENT, nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("document", sa.JSON(), nullable=False),
        sa.Column("tlp", sa.String(length=16), nullable=True),
        sa.Column("added_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_playbooks")),
        sa.UniqueConstraint("content_hash", name=op.f("uq_playbooks_content_hash")),
    )
    op.create_index("ix_playbooks_cacao_id_modified_at", "playbooks", ["cacao_id", "modified_at"])
    op.create_index(
        "ix_playbooks_red",
        "playbooks",
        ["cacao_id"],
        sqlite_where=sa.text("tlp = 'TLP:RED'"),
        postgresql_where=sa.text("tlp = 'TLP:RED'"),
    )

    op.create_table(
        "reports",
        sa.Column("id", INTEGER, nullable=False),
        sa.Column("receipt_hash", sa.String(length=64), nullable=False),
        sa.Column("category", sa.String(length=60), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("url", sa.String(length=2000), nullable=True),
        sa.Column("occurred_at", MOMENT, nullable=True),
        sa.Column("channel", sa.String(length=10), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("received_at", MOMENT, nullable=False),
        sa.Column("version", INTEGER, nullable=False),
        sa.CheckConstraint("state IN ('received', 'linked', 'handled')", name=op.f("ck_reports_state")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reports")),
        sa.UniqueConstraint("receipt_hash", name=op.f("uq_reports_receipt_hash")),
    )
    op.create_index("ix_reports_state_id", "reports", ["state", "id"])

    op.create_table(
        "rule_sets",
        sa.Column("id", INTEGER, nullable=False),
        sa.Column("rules", sa.JSON(), nullable=False),
        sa.Column("fallback", sa.JSON(), nullable=True),
        sa.Column("put_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rule_sets")),
    )
    op.create_table(
        "secrets",
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("sealed", sa.Text(), nullable=False),
        sa.Column("set_at", MOMENT, nullable=False),
        sa.Column("places", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_secrets")),
    )
    op.create_table(
        "sign_in_failures",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("count", INTEGER, nullable=False),
        sa.Column("forget_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_sign_in_failures")),
    )
    op.create_index(op.f("ix_sign_in_failures_forget_at"), "sign_in_failures", ["forget_at"])

    op.create_table(
        "signers",
        sa.Column("id", INTEGER, nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("public_key", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("begins_at", MOMENT, nullable=True),
        sa.Column("ends_at", MOMENT, nullable=True),
        sa.Column("added_at", MOMENT, nullable=False),
        sa.Column("added_by", sa.String(length=300), nullable=False),
        sa.Column("revoked_at", MOMENT, nullable=True),
        sa.Column("revoked_by", sa.String(length=300), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signers")),
    )
    op.create_index(
        "ix_signers_fingerprint",
        "signers",
        ["fingerprint"],
        unique=True,
        sqlite_where=sa.text("revoked_at IS NULL"),
        postgresql_where=sa.text("revoked_at IS NULL"),
    )

    op.create_table(
        "ssh_targets",
        sa.Column("id", INTEGER, nullable=False),
        sa.Column("host", sa.String(length=255), nullable=False),
        sa.Column("port", INTEGER, nullable=False),
        sa.Column("user", sa.String(length=64), nullable=False),
        sa.Column("secret_name", sa.String(length=200), nullable=False),
        sa.Column("host_keys", sa.JSON(), nullable=False),
        sa.Column("allowed_at", MOMENT, nullable=False),
        sa.Column("allowed_by", sa.String(length=300), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ssh_targets")),
        sa.UniqueConstraint("host", "port", "user", name=op.f("uq_ssh_targets_host_port_user")),
    )
    op.create_table(
        "throttles",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("window_at", MOMENT, nullable=False),
        sa.Column("count", INTEGER, nullable=False),
        sa.PrimaryKeyConstraint("key", "window_at", name=op.f("pk_throttles")),
    )
    op.create_index("ix_throttles_window_at", "throttles", ["window_at"])

    op.create_table(
        "alerts",
        sa.Column("id", INTEGER, nullable=False),
        sa.Column("source", sa.String(length=40), nullable=False),
        sa.Column("fingerprint", sa.String(length=200), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("labels", sa.JSON(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("occurred_at", MOMENT, nullable=True),
        sa.Column("received_at", MOMENT, nullable=False),
        sa.Column("decision", sa.String(length=10), nullable=False),
        sa.Column("reason", sa.String(length=60), nullable=False),
        sa.Column("incident_id", INTEGER, nullable=True),
        sa.ForeignKeyConstraint(["incident_id"], ["incidents.id"], name=op.f("fk_alerts_incident_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alerts")),
    )
    op.create_index("ix_alerts_incident_id_id", "alerts", ["incident_id", "id"])

    op.create_table(
        "incident_departments",
        sa.Column("incident_id", INTEGER, nullable=False),
        sa.Column("department_id", INTEGER, nullable=False),
        sa.Column("place", INTEGER, nullable=False),
        sa.ForeignKeyConstraint(
            ["department_id"], ["departments.id"], name=op.f("fk_incident_departments_department_id")
        ),
        sa.ForeignKeyConstraint(["incident_id"], ["incidents.id"], name=op.f("fk_incident_departments_incident_id")),
        sa.PrimaryKeyConstraint("incident_id", "department_id", name=op.f("pk_incident_departments")),
    )
    op.create_index(
        "ix_incident_departments_department_id_incident_id", "incident_departments", ["department_id", "incident_id"]
    )

    op.create_table(
        "indicators",
        sa.Column("id", INTEGER, nullable=False),
        sa.Column("incident_id", INTEGER, nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("value", sa.String(length=2048), nullable=False),
        sa.ForeignKeyConstraint(["incident_id"], ["incidents.id"], name=op.f("fk_indicators_incident_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_indicators")),
    )
    op.create_index(op.f("ix_indicators_incident_id"), "indicators", ["incident_id"])
    op.create_index("ix_indicators_kind_value", "indicators", ["kind", "value"])

    op.create_table(
        "notices",
        sa.Column("id", INTEGER, nullable=False),
        sa.Column("incident_id", INTEGER, nullable=False),
        sa.Column("department_id", INTEGER, nullable=False),
        sa.Column("state", sa.String(length=14), nullable=False),
        sa.Column("policy", sa.JSON(), nullable=False),
        sa.Column("level", INTEGER, nullable=False),
        sa.Column("round", INTEGER, nullable=False),
        sa.Column("is_unreached", sa.Boolean(), nullable=False),
        sa.Column("opened_at", MOMENT, nullable=False),
        sa.Column("notified_at", MOMENT, nullable=True),
        sa.Column("next_at", MOMENT, nullable=True),
        sa.Column("acknowledged_at", MOMENT, nullable=True),
        sa.Column("acknowledged_by", sa.String(length=300), nullable=True),
        sa.Column("reminders", INTEGER, server_default="0", nullable=False),
        sa.Column("answered_at", MOMENT, nullable=True),
        sa.Column("answered_by", sa.String(length=300), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.Column("version", INTEGER, nullable=False),
        sa.CheckConstraint(
            "state IN ('open', 'acknowledged', 'accepted', 'declined', 'done', 'exhausted', 'withdrawn')",
            name=op.f("ck_notices_state"),
        ),
        sa.ForeignKeyConstraint(["department_id"], ["departments.id"], name=op.f("fk_notices_department_id")),
        sa.ForeignKeyConstraint(["incident_id"], ["incidents.id"], name=op.f("fk_notices_incident_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notices")),
        sa.UniqueConstraint("incident_id", "department_id", name=op.f("uq_notices_incident_id_department_id")),
    )
    op.create_index("ix_notices_department_id_id", "notices", ["department_id", "id"])
    op.create_index(op.f("ix_notices_is_unreached"), "notices", ["is_unreached"])
    op.create_index("ix_notices_state_id", "notices", ["state", "id"])

    op.create_table(
        "people",
        sa.Column("id", INTEGER, nullable=False),
        sa.Column("login", sa.String(length=200), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("department_id", INTEGER, nullable=True),
        sa.Column("password_hash", sa.String(length=300), nullable=True),
        sa.Column("language", sa.String(length=20), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["department_id"], ["departments.id"], name=op.f("fk_people_department_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_people")),
        sa.UniqueConstraint("login", name=op.f("uq_people_login")),
    )
    op.create_index(op.f("ix_people_department_id"), "people", ["department_id"])

    op.create_table(
        "report_links",
        sa.Column("incident_id", INTEGER, nullable=False),
        sa.Column("report_id", INTEGER, nullable=False),
        sa.Column("linked_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["incident_id"], ["incidents.id"], name=op.f("fk_report_links_incident_id")),
        sa.ForeignKeyConstraint(["report_id"], ["reports.id"], name=op.f("fk_report_links_report_id")),
        sa.PrimaryKeyConstraint("incident_id", "report_id", name=op.f("pk_report_links")),
    )
    op.create_index(op.f("ix_report_links_report_id"), "report_links", ["report_id"])

    op.create_table(
        "rotas",
        sa.Column("department_id", INTEGER, autoincrement=False, nullable=False),
        sa.Column("document", sa.JSON(), nullable=False),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.Column("version", INTEGER, nullable=False),
        sa.ForeignKeyConstraint(["department_id"], ["departments.id"], name=op.f("fk_rotas_department_id")),
        sa.PrimaryKeyConstraint("department_id", name=op.f("pk_rotas")),
    )
    op.create_table(
        "runs",
        sa.Column("id", INTEGER, nullable=False),
        sa.Column("incident_id", INTEGER, nullable=False),
        sa.Column("playbook_id", INTEGER, nullable=False),
        sa.Column("pins", sa.JSON(), nullable=False),
        sa.Column("name", sa.String(length=500), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("document", sa.JSON(), nullable=False),
        sa.Column("given", sa.JSON(), nullable=False),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.Column("version", INTEGER, nullable=False),
        sa.Column("is_red", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.ForeignKeyConstraint(["incident_id"], ["incidents.id"], name=op.f("fk_runs_incident_id")),
        sa.ForeignKeyConstraint(["playbook_id"], ["playbooks.id"], name=op.f("fk_runs_playbook_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_runs")),
    )
    op.create_index("ix_runs_incident_id_state", "runs", ["incident_id", "state"])
    op.create_index(
        "ix_runs_red",
        "runs",
        ["incident_id", "id"],
        sqlite_where=sa.text("is_red"),
        postgresql_where=sa.text("is_red"),
    )

    op.create_table(
        "start_requests",
        sa.Column("id", INTEGER, nullable=False),
        sa.Column("incident_id", INTEGER, nullable=False),
        sa.Column("playbook", sa.String(length=100), nullable=False),
        sa.Column("name", sa.String(length=500), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("asked_by", sa.String(length=300), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.Column("ended_by", sa.String(length=300), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("given", sa.JSON(), nullable=True),
        sa.ForeignKeyConstraint(["incident_id"], ["incidents.id"], name=op.f("fk_start_requests_incident_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_start_requests")),
    )
    op.create_index(
        "ix_start_requests_waiting",
        "start_requests",
        ["incident_id", "playbook"],
        unique=True,
        sqlite_where=sa.text("state IN ('pending', 'scheduled')"),
        postgresql_where=sa.text("state IN ('pending', 'scheduled')"),
    )

    op.create_table(
        "tokens",
        sa.Column("id", INTEGER, nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("department_id", INTEGER, nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("revoked_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["department_id"], ["departments.id"], name=op.f("fk_tokens_department_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tokens")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_tokens_token_hash")),
    )
    op.create_index(op.f("ix_tokens_department_id"), "tokens", ["department_id"])

    op.create_table(
        "commands",
        sa.Column("id", INTEGER, nullable=False),
        sa.Column("run_id", INTEGER, nullable=False),
        sa.Column("incident_id", INTEGER, nullable=False),
        sa.Column("step", sa.String(length=600), nullable=False),
        sa.Column("visit", INTEGER, nullable=False),
        sa.Column("command", INTEGER, nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("order", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("attempts", INTEGER, nullable=False),
        sa.Column("next_attempt_at", MOMENT, nullable=False),
        sa.Column("began_at", MOMENT, nullable=True),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.Column("outcome", sa.String(length=12), nullable=True),
        sa.Column("detail", sa.String(length=500), nullable=True),
        sa.ForeignKeyConstraint(["incident_id"], ["incidents.id"], name=op.f("fk_commands_incident_id")),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name=op.f("fk_commands_run_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_commands")),
    )
    op.create_index(
        "ix_commands_due",
        "commands",
        ["next_attempt_at"],
        sqlite_where=sa.text("state IN ('pending', 'sending')"),
        postgresql_where=sa.text("state IN ('pending', 'sending')"),
    )
    op.create_index("ix_commands_run_id_step_visit", "commands", ["run_id", "step", "visit"])

    op.create_table(
        "contacts",
        sa.Column("id", INTEGER, nullable=False),
        sa.Column("department_id", INTEGER, nullable=False),
        sa.Column("person_id", INTEGER, nullable=True),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("channel", sa.String(length=20), nullable=False),
        sa.Column("address", sa.String(length=2000), nullable=True),
        sa.Column("level", INTEGER, nullable=False),
        sa.Column("language", sa.String(length=20), nullable=False),
        sa.Column("sealed_secret", sa.String(length=400), nullable=True),
        sa.Column("old_sealed_secret", sa.String(length=400), nullable=True),
        sa.Column("old_secret_ends_at", MOMENT, nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("switched_off_at", MOMENT, nullable=True),
        sa.Column("switched_off_why", sa.String(length=500), nullable=True),
        sa.Column("origin", sa.String(length=300), nullable=True),
        sa.Column("limit_per_minute", INTEGER, nullable=True),
        sa.Column("check_every", sa.String(length=20), nullable=True),
        sa.Column("check_due_at", MOMENT, nullable=True),
        sa.Column("checked_at", MOMENT, nullable=True),
        sa.Column("check_outcome", sa.String(length=10), nullable=True),
        sa.Column("check_detail", sa.String(length=500), nullable=True),
        sa.Column("confirmed_at", MOMENT, nullable=True),
        sa.Column("confirm_within", sa.String(length=20), nullable=True),
        sa.Column("confirm_due_at", MOMENT, nullable=True),
        sa.CheckConstraint("level BETWEEN 1 AND 20", name=op.f("ck_contacts_level")),
        sa.ForeignKeyConstraint(["department_id"], ["departments.id"], name=op.f("fk_contacts_department_id")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_contacts_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contacts")),
    )
    op.create_index("ix_contacts_department_id_level", "contacts", ["department_id", "level"])
    op.create_index(op.f("ix_contacts_person_id"), "contacts", ["person_id"])

    op.create_table(
        "drills",
        sa.Column("id", INTEGER, nullable=False),
        sa.Column("incident_id", INTEGER, nullable=False),
        sa.Column("run_id", INTEGER, nullable=False),
        sa.Column("playbook_id", INTEGER, nullable=False),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("started_by", sa.String(length=300), nullable=False),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.Column("ended_by", sa.String(length=300), nullable=True),
        sa.ForeignKeyConstraint(["incident_id"], ["incidents.id"], name=op.f("fk_drills_incident_id")),
        sa.ForeignKeyConstraint(["playbook_id"], ["playbooks.id"], name=op.f("fk_drills_playbook_id")),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name=op.f("fk_drills_run_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_drills")),
        sa.UniqueConstraint("incident_id", name=op.f("uq_drills_incident_id")),
        sa.UniqueConstraint("run_id", name=op.f("uq_drills_run_id")),
    )
    op.create_index("ix_drills_playbook_id_id", "drills", ["playbook_id", "id"])

    op.create_table(
        "incident_people",
        sa.Column("incident_id", INTEGER, nullable=False),
        sa.Column("person_id", INTEGER, nullable=False),
        sa.ForeignKeyConstraint(["incident_id"], ["incidents.id"], name=op.f("fk_incident_people_incident_id")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_incident_people_person_id")),
        sa.PrimaryKeyConstraint("incident_id", "person_id", name=op.f("pk_incident_people")),
    )
    op.create_index(op.f("ix_incident_people_person_id"), "incident_people", ["person_id"])

    op.create_table(
        "members",
        sa.Column("department_id", INTEGER, nullable=False),
        sa.Column("person_id", INTEGER, nullable=False),
        sa.Column("position", sa.String(length=20), nullable=False),
        sa.Column("place", INTEGER, nullable=False),
        sa.CheckConstraint("position IN ('head', 'deputy', 'member')", name=op.f("ck_members_position")),
        sa.ForeignKeyConstraint(["department_id"], ["departments.id"], name=op.f("fk_members_department_id")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_members_person_id")),
        sa.PrimaryKeyConstraint("department_id", "person_id", name=op.f("pk_members")),
    )
    op.create_index("ix_members_person_id", "members", ["person_id"])

    op.create_table(
        "notice_departments",
        sa.Column("notice_id", INTEGER, nullable=False),
        sa.Column("department_id", INTEGER, nullable=False),
        sa.Column("notified_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["department_id"], ["departments.id"], name=op.f("fk_notice_departments_department_id")
        ),
        sa.ForeignKeyConstraint(["notice_id"], ["notices.id"], name=op.f("fk_notice_departments_notice_id")),
        sa.PrimaryKeyConstraint("notice_id", "department_id", name=op.f("pk_notice_departments")),
    )
    op.create_index(op.f("ix_notice_departments_department_id"), "notice_departments", ["department_id"])

    op.create_table(
        "sessions",
        sa.Column("id", INTEGER, nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("person_id", INTEGER, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("used_at", MOMENT, nullable=False),
        sa.Column("agent", sa.String(length=200), nullable=True),
        sa.Column("revoked_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_sessions_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sessions")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_sessions_token_hash")),
    )
    op.create_index(op.f("ix_sessions_expires_at"), "sessions", ["expires_at"])
    op.create_index(op.f("ix_sessions_person_id"), "sessions", ["person_id"])

    op.create_table(
        "sign_in_links",
        sa.Column("id", INTEGER, nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("purpose", sa.String(length=20), nullable=False),
        sa.Column("person_id", INTEGER, nullable=True),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("used_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_sign_in_links_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in_links")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_sign_in_links_token_hash")),
    )
    op.create_index(op.f("ix_sign_in_links_person_id"), "sign_in_links", ["person_id"])

    op.create_table(
        "sign_in_tries",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("is_total", sa.Boolean(), nullable=False),
        sa.Column("person_id", INTEGER, nullable=True),
        sa.Column("count", INTEGER, nullable=False),
        sa.Column("free_at", MOMENT, nullable=True),
        sa.Column("forget_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_sign_in_tries_person_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_sign_in_tries")),
    )
    op.create_index(op.f("ix_sign_in_tries_forget_at"), "sign_in_tries", ["forget_at"])

    op.create_table(
        "tasks",
        sa.Column("id", INTEGER, nullable=False),
        sa.Column("incident_id", INTEGER, nullable=False),
        sa.Column("run_id", INTEGER, nullable=False),
        sa.Column("step", sa.String(length=600), nullable=False),
        sa.Column("visit", INTEGER, nullable=False),
        sa.Column("command", INTEGER, nullable=False),
        sa.Column("title", sa.String(length=500), nullable=False),
        sa.Column("why", sa.String(length=40), nullable=True),
        sa.Column("instructions", sa.Text(), nullable=False),
        sa.Column("shown_command", sa.Text(), nullable=True),
        sa.Column("agent", sa.String(length=500), nullable=True),
        sa.Column("department_id", INTEGER, nullable=True),
        sa.Column("expects", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("opened_at", MOMENT, nullable=False),
        sa.Column("due_at", MOMENT, nullable=True),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.Column("ended_by", sa.String(length=300), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("version", INTEGER, nullable=False),
        sa.CheckConstraint(
            "state IN ('open', 'succeeded', 'failed', 'cancelled', 'timed_out')", name=op.f("ck_tasks_state")
        ),
        sa.ForeignKeyConstraint(["department_id"], ["departments.id"], name=op.f("fk_tasks_department_id")),
        sa.ForeignKeyConstraint(["incident_id"], ["incidents.id"], name=op.f("fk_tasks_incident_id")),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name=op.f("fk_tasks_run_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tasks")),
    )
    op.create_index("ix_tasks_department_id_state_id", "tasks", ["department_id", "state", "id"])
    op.create_index("ix_tasks_incident_id_state", "tasks", ["incident_id", "state"])
    op.create_index("ix_tasks_run_id_step_visit", "tasks", ["run_id", "step", "visit"])
    op.create_index("ix_tasks_state_id", "tasks", ["state", "id"])

    op.create_table(
        "timers",
        sa.Column("id", INTEGER, nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("due_at", MOMENT, nullable=False),
        sa.Column("incident_id", INTEGER, nullable=False),
        sa.Column("run_id", INTEGER, nullable=True),
        sa.Column("step", sa.String(length=600), nullable=True),
        sa.Column("visit", INTEGER, nullable=True),
        sa.Column("notice_id", INTEGER, nullable=True),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.Column("failures", INTEGER, nullable=False),
        sa.Column("fault", sa.String(length=500), nullable=True),
        sa.CheckConstraint("(run_id IS NULL) <> (notice_id IS NULL)", name=op.f("ck_timers_one_owner")),
        sa.ForeignKeyConstraint(["incident_id"], ["incidents.id"], name=op.f("fk_timers_incident_id")),
        sa.ForeignKeyConstraint(["notice_id"], ["notices.id"], name=op.f("fk_timers_notice_id")),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name=op.f("fk_timers_run_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_timers")),
    )
    op.create_index(
        "ix_timers_due",
        "timers",
        ["due_at", "id"],
        sqlite_where=sa.text("state = 'pending'"),
        postgresql_where=sa.text("state = 'pending'"),
    )
    op.create_index("ix_timers_notice_id_state", "timers", ["notice_id", "state"])
    op.create_index("ix_timers_run_id_step_visit", "timers", ["run_id", "step", "visit"])

    op.create_table(
        "buckets",
        sa.Column("contact_id", INTEGER, nullable=False),
        sa.Column("tokens", sa.Float(precision=53), nullable=False),
        sa.Column("filled_at", MOMENT, nullable=False),
        sa.Column("free_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["contact_id"], ["contacts.id"], name=op.f("fk_buckets_contact_id")),
        sa.PrimaryKeyConstraint("contact_id", name=op.f("pk_buckets")),
    )
    op.create_table(
        "messages",
        sa.Column("id", INTEGER, nullable=False),
        sa.Column("webhook_id", sa.String(length=64), nullable=False),
        sa.Column("type", sa.String(length=40), nullable=False),
        sa.Column("notice_id", INTEGER, nullable=False),
        sa.Column("incident_id", INTEGER, nullable=False),
        sa.Column("contact_id", INTEGER, nullable=False),
        sa.Column("task_id", INTEGER, nullable=True),
        sa.Column("person_id", INTEGER, nullable=True),
        sa.Column("level", INTEGER, nullable=False),
        sa.Column("round", INTEGER, nullable=False),
        sa.Column("turn", INTEGER, server_default="0", nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("next_attempt_at", MOMENT, nullable=False),
        sa.Column("attempts", INTEGER, nullable=False),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.Column("fault", sa.String(length=500), nullable=True),
        sa.Column("retried_from_at", MOMENT, nullable=True),
        sa.Column("passed_on_at", MOMENT, nullable=True),
        sa.CheckConstraint(
            "state IN ('pending', 'sending', 'sent', 'refused', 'given_up', 'cancelled')",
            name=op.f("ck_messages_state"),
        ),
        sa.ForeignKeyConstraint(["contact_id"], ["contacts.id"], name=op.f("fk_messages_contact_id")),
        sa.ForeignKeyConstraint(["incident_id"], ["incidents.id"], name=op.f("fk_messages_incident_id")),
        sa.ForeignKeyConstraint(["notice_id"], ["notices.id"], name=op.f("fk_messages_notice_id")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_messages_person_id")),
        sa.ForeignKeyConstraint(["task_id"], ["tasks.id"], name=op.f("fk_messages_task_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_messages")),
        sa.UniqueConstraint("webhook_id", name=op.f("uq_messages_webhook_id")),
    )
    op.create_index("ix_messages_contact_id_id", "messages", ["contact_id", "id"])
    op.create_index(
        "ix_messages_dead",
        "messages",
        ["id"],
        sqlite_where=sa.text("state IN ('refused', 'given_up')"),
        postgresql_where=sa.text("state IN ('refused', 'given_up')"),
    )
    op.create_index(
        "ix_messages_due",
        "messages",
        ["next_attempt_at", "id"],
        sqlite_where=sa.text("state IN ('pending', 'sending')"),
        postgresql_where=sa.text("state IN ('pending', 'sending')"),
    )
    op.create_index(
        "ix_messages_in_order",
        "messages",
        ["contact_id", "incident_id", "id"],
        sqlite_where=sa.text("state IN ('pending', 'sending')"),
        postgresql_where=sa.text("state IN ('pending', 'sending')"),
    )
    op.create_index("ix_messages_incident_id", "messages", ["incident_id"])
    op.create_index("ix_messages_notice_id", "messages", ["notice_id"])

    op.create_table(
        "deliveries",
        sa.Column("id", INTEGER, nullable=False),
        sa.Column("message_id", INTEGER, nullable=False),
        sa.Column("attempt", INTEGER, nullable=False),
        sa.Column("began_at", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.Column("outcome", sa.String(length=12), nullable=True),
        sa.Column("detail", sa.String(length=500), nullable=True),
        sa.Column("bundle_id", sa.String(length=64), nullable=True),
        sa.ForeignKeyConstraint(["message_id"], ["messages.id"], name=op.f("fk_deliveries_message_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deliveries")),
    )
    op.create_index("ix_deliveries_message_id_attempt", "deliveries", ["message_id", "attempt"])

    op.create_table(
        "notice_events",
        sa.Column("id", INTEGER, nullable=False),
        sa.Column("notice_id", INTEGER, nullable=False),
        sa.Column("message_id", INTEGER, nullable=True),
        sa.Column("kind", sa.String(length=14), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("by", sa.String(length=300), nullable=False),
        sa.Column("via", sa.String(length=20), nullable=False),
        sa.Column("contact_id", INTEGER, nullable=True),
        sa.Column("level", INTEGER, nullable=False),
        sa.Column("round", INTEGER, nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("evidence", sa.JSON(none_as_null=True), nullable=True),
        sa.ForeignKeyConstraint(["contact_id"], ["contacts.id"], name=op.f("fk_notice_events_contact_id")),
        sa.ForeignKeyConstraint(["message_id"], ["messages.id"], name=op.f("fk_notice_events_message_id")),
        sa.ForeignKeyConstraint(["notice_id"], ["notices.id"], name=op.f("fk_notice_events_notice_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice_events")),
    )
    op.create_index(
        "ix_notice_events_looked_at",
        "notice_events",
        ["notice_id", "by"],
        unique=True,
        sqlite_where=sa.text("kind = 'opened' AND message_id IS NULL"),
        postgresql_where=sa.text("kind = 'opened' AND message_id IS NULL"),
    )
    op.create_index("ix_notice_events_notice_id_id", "notice_events", ["notice_id", "id"])
    op.create_index(
        "ix_notice_events_opened",
        "notice_events",
        ["message_id"],
        unique=True,
        sqlite_where=sa.text("kind = 'opened' AND message_id IS NOT NULL"),
        postgresql_where=sa.text("kind = 'opened' AND message_id IS NOT NULL"),
    )
    connection = op.get_bind()
    for depth, head in enumerate(SECTORS[connection.dialect.name], 1):
        index_by_head(f"sector_{depth}", head, "sector")
    for digits, head in REGIONS.items():
        index_by_head(f"region_{digits}", head, "region")
    for table in append_only.TABLES:
        append_only.protect(connection, table)
    if connection.dialect.name == "postgresql":
        append_only.let_sequences_be_made(connection)
    search_tables.create(connection)


def index_by_head(name: str, head: str, column: str) -> None:
    is_set = sa.text(f"{column} IS NOT NULL")
    columns = [sa.text(head), "is_unreached", "id"]
    op.create_index(
        f"ix_incidents_{name}_is_unreached_id", "incidents", columns, sqlite_where=is_set, postgresql_where=is_set
    )


def downgrade() -> None:
    connection = op.get_bind()
    search_tables.drop(connection)
    for table in reversed(TABLES):
        op.drop_table(table)
    if connection.dialect.name == "postgresql":
        for sequence in connection.scalars(SEQUENCES).all():
            op.execute(f"DROP SEQUENCE {sequence}")
        op.execute("DROP FUNCTION incident_refuse_change()")
        op.execute("DROP FUNCTION incident_number_sequence(text, bigint)")
