"""What indicators were computed from, so that a start need not read every event."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "kept_rounds",
        sa.Column("request_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("rules", sa.String(length=64), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["request_id"], ["request.id"], name=op.f("fk_kept_rounds_request_id")),
        sa.PrimaryKeyConstraint("request_id", name=op.f("pk_kept_rounds")),
    )


def downgrade() -> None:
    op.drop_table("kept_rounds")
