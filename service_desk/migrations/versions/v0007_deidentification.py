"""What staff decided about the de-identified copies of records."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

APPEND_ONLY = {
    "sqlite": (
        "CREATE TRIGGER deidentification_event_no_update BEFORE UPDATE ON deidentification_event "
        "BEGIN SELECT RAISE(ABORT, 'decisions on copies are append-only'); END",
        "CREATE TRIGGER deidentification_event_no_delete BEFORE DELETE ON deidentification_event "
        "BEGIN SELECT RAISE(ABORT, 'decisions on copies are append-only'); END",
    ),
    "postgresql": (
        "CREATE FUNCTION deidentification_event_is_append_only() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'decisions on copies are append-only'; END $$",
        "CREATE TRIGGER deidentification_event_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON "
        "deidentification_event FOR EACH STATEMENT EXECUTE FUNCTION deidentification_event_is_append_only()",
    ),
}


def upgrade() -> None:
    op.create_table(
        "deidentification_event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("record", sa.String(length=32), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(length=300), nullable=False),
        sa.Column("source_id", sa.Text(), nullable=False),
        sa.Column("version", sa.String(length=64), nullable=False),
        sa.Column("what", sa.String(length=20), nullable=False),
        sa.Column("payload", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("account_name", sa.String(length=100), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_name"], ["account.name"], name=op.f("fk_deidentification_event_account_name")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deidentification_event")),
        sa.UniqueConstraint("record", "number", name=op.f("uq_deidentification_event_record")),
    )
    for statement in APPEND_ONLY.get(op.get_bind().dialect.name, ()):
        op.execute(statement)


def downgrade() -> None:
    op.drop_table("deidentification_event")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION deidentification_event_is_append_only()")
