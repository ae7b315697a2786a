"""In which language somebody with an account is told what is for people who work here."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("account", sa.Column("language", sa.String(length=20), nullable=True))


def downgrade() -> None:
    op.drop_column("account", "language")
