"""What staff decided about records that may be one thing."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

APPEND_ONLY = {
    "sqlite": (
        "CREATE TRIGGER link_decision_no_update BEFORE UPDATE ON link_decision "
        "BEGIN SELECT RAISE(ABORT, 'link decisions are append-only'); END",
        "CREATE TRIGGER link_decision_no_delete BEFORE DELETE ON link_decision "
        "BEGIN SELECT RAISE(ABORT, 'link decisions are append-only'); END",
    ),
    "postgresql": (
        "CREATE FUNCTION link_decision_is_append_only() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'link decisions are append-only'; END $$",
        "CREATE TRIGGER link_decision_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON link_decision "
        "FOR EACH STATEMENT EXECUTE FUNCTION link_decision_is_append_only()",
    ),
}


def upgrade() -> None:
    op.create_table(
        "link_decision",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("one_source", sa.String(length=300), nullable=False),
        sa.Column("one_id", sa.Text(), nullable=False),
        sa.Column("other_source", sa.String(length=300), nullable=False),
        sa.Column("other_id", sa.Text(), nullable=False),
        sa.Column("verdict", sa.String(length=20), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("account_name", sa.String(length=100), nullable=False),
        sa.CheckConstraint("verdict IN ('same', 'apart', 'open')", name=op.f("ck_link_decision_verdict")),
        sa.ForeignKeyConstraint(["account_name"], ["account.name"], name=op.f("fk_link_decision_account_name")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_link_decision")),
    )
    for statement in APPEND_ONLY.get(op.get_bind().dialect.name, ()):
        op.execute(statement)


def downgrade() -> None:
    op.drop_table("link_decision")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION link_decision_is_append_only()")
