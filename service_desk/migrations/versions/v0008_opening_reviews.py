"""What staff decided about the opening of records and units."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

APPEND_ONLY = {
    "sqlite": (
        "CREATE TRIGGER opening_review_no_update BEFORE UPDATE ON opening_review "
        "BEGIN SELECT RAISE(ABORT, 'opening reviews are append-only'); END",
        "CREATE TRIGGER opening_review_no_delete BEFORE DELETE ON opening_review "
        "BEGIN SELECT RAISE(ABORT, 'opening reviews are append-only'); END",
    ),
    "postgresql": (
        "CREATE FUNCTION opening_review_is_append_only() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'opening reviews are append-only'; END $$",
        "CREATE TRIGGER opening_review_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON "
        "opening_review FOR EACH STATEMENT EXECUTE FUNCTION opening_review_is_append_only()",
    ),
}


def upgrade() -> None:
    op.create_table(
        "opening_review",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(length=300), nullable=False),
        sa.Column("source_id", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("until", sa.String(length=10), nullable=True),
        sa.Column("article", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("account_name", sa.String(length=100), nullable=False),
        sa.CheckConstraint(
            "state IN ('not_reviewed', 'under_review', 'open', 'extended', 'closed', 'partly')",
            name=op.f("ck_opening_review_state"),
        ),
        sa.ForeignKeyConstraint(["account_name"], ["account.name"], name=op.f("fk_opening_review_account_name")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_opening_review")),
    )
    for statement in APPEND_ONLY.get(op.get_bind().dialect.name, ()):
        op.execute(statement)


def downgrade() -> None:
    op.drop_table("opening_review")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION opening_review_is_append_only()")
