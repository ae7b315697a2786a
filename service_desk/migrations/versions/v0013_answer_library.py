"""The answer library."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

APPEND_ONLY = {
    "sqlite": (
        "CREATE TRIGGER answer_version_no_update BEFORE UPDATE ON answer_version "
        "BEGIN SELECT RAISE(ABORT, 'answers of the library are append-only'); END",
        "CREATE TRIGGER answer_version_no_delete BEFORE DELETE ON answer_version "
        "BEGIN SELECT RAISE(ABORT, 'answers of the library are append-only'); END",
    ),
    "postgresql": (
        "CREATE FUNCTION answer_version_is_append_only() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'answers of the library are append-only'; END $$",
        "CREATE TRIGGER answer_version_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON "
        "answer_version FOR EACH STATEMENT EXECUTE FUNCTION answer_version_is_append_only()",
    ),
}


def upgrade() -> None:
    op.create_table(
        "answer_version",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("entry", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("language", sa.String(length=20), nullable=False),
        sa.Column("type", sa.String(length=20), nullable=False),
        sa.Column("theme", sa.String(length=100), nullable=False),
        sa.Column("tags", sa.Text(), nullable=False),
        sa.Column("public", sa.Boolean(), nullable=False),
        sa.Column("retired", sa.Boolean(), nullable=False),
        sa.Column("origin", sa.String(length=20), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("by", sa.String(length=100), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_answer_version")),
        sa.UniqueConstraint("entry", "number", name=op.f("uq_answer_version_entry")),
    )
    for statement in APPEND_ONLY.get(op.get_bind().dialect.name, ()):
        op.execute(statement)


def downgrade() -> None:
    op.drop_table("answer_version")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION answer_version_is_append_only()")
