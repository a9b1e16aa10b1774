"""Keep the certificates of the last hour."""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "issued_certificates",
        sa.Column("incident", sa.String(length=24), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("document", sa.JSON(), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("incident", "digest", name=op.f("pk_issued_certificates")),
    )
    op.create_index(op.f("ix_issued_certificates_issued_at"), "issued_certificates", ["issued_at"])


def downgrade() -> None:
    op.drop_index(op.f("ix_issued_certificates_issued_at"), table_name="issued_certificates")
    op.drop_table("issued_certificates")
