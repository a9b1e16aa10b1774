"""When a person signed in last, and where the link of an invitation was sent."""

import sqlalchemy as sa
from alembic import op

revision = "0070"
down_revision = "0073"
branch_labels = None
depends_on = None

LAST = """
UPDATE people SET signed_in_at = (SELECT max(created_at) FROM sessions WHERE sessions.person_id = people.id)
"""


def upgrade() -> None:
    op.add_column("people", sa.Column("signed_in_at", sa.DateTime(timezone=True), nullable=True))
    op.execute(LAST)
    op.add_column("sign_in_links", sa.Column("sent_to", sa.String(254), nullable=True))


def downgrade() -> None:
    op.drop_column("sign_in_links", "sent_to")
    op.drop_column("people", "signed_in_at")
