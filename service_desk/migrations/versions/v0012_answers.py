"""Notices have a key, a channel and times of trying; printed documents that were issued; links to files."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


TABLES = ("issued_document", "document_revocation")
APPEND_ONLY = {
    "sqlite": [
        f"CREATE TRIGGER {table}_no_{act.lower()} BEFORE {act} ON {table} "
        f"BEGIN SELECT RAISE(ABORT, 'issued documents are append-only'); END"
        for table in TABLES
        for act in ("UPDATE", "DELETE")
    ],
    "postgresql": [
        "CREATE FUNCTION documents_are_append_only() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'issued documents are append-only'; END $$",
        *(
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION documents_are_append_only()"
            for table in TABLES
        ),
    ],
}


def upgrade() -> None:
    with op.batch_alter_table("notice") as notice:
        notice.add_column(sa.Column("key", sa.String(length=200), nullable=True))
        notice.add_column(sa.Column("token", sa.String(length=40), nullable=True))
        notice.add_column(sa.Column("what", sa.String(length=40), nullable=False, server_default="notice"))
        notice.add_column(sa.Column("channel", sa.String(length=20), nullable=False, server_default="email"))
        notice.add_column(sa.Column("is_urgent", sa.Boolean(), nullable=False, server_default=sa.false()))
        notice.add_column(sa.Column("since", sa.DateTime(), nullable=True))
        notice.add_column(sa.Column("next_try", sa.DateTime(), nullable=True))
        notice.add_column(sa.Column("given_up", sa.DateTime(), nullable=True))
        notice.add_column(sa.Column("reason", sa.String(length=20), nullable=True))
        notice.create_unique_constraint(op.f("uq_notice_key"), ["key"])
    op.create_table(
        "issued_document",
        sa.Column("number", sa.String(length=30), nullable=False),
        sa.Column("series", sa.String(length=10), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("code_digest", sa.String(length=64), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("receipt", sa.String(length=20), nullable=True),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("by", sa.String(length=100), nullable=True),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_issued_document")),
        sa.UniqueConstraint("series", "sequence", name=op.f("uq_issued_document_series")),
    )
    op.create_index(op.f("ix_issued_document_receipt"), "issued_document", ["receipt"], unique=False)
    op.create_table(
        "document_revocation",
        sa.Column("number", sa.String(length=30), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("by", sa.String(length=100), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["number"], ["issued_document.number"], name=op.f("fk_document_revocation_number")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_document_revocation")),
    )
    op.create_table(
        "file_link",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("token_digest", sa.String(length=64), nullable=False),
        sa.Column("receipt", sa.String(length=20), nullable=False),
        sa.Column("object_key", sa.String(length=300), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("media_type", sa.String(length=100), nullable=False),
        sa.Column("stamp", sa.Text(), nullable=False),
        sa.Column("made", sa.DateTime(), nullable=False),
        sa.Column("by", sa.String(length=100), nullable=True),
        sa.Column("expires", sa.DateTime(), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("used", sa.Integer(), nullable=False),
        sa.CheckConstraint("used <= times", name=op.f("ck_file_link_used")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_file_link")),
        sa.UniqueConstraint("token_digest", name=op.f("uq_file_link_token_digest")),
    )
    op.create_index(op.f("ix_file_link_receipt"), "file_link", ["receipt"], unique=False)
    op.create_index(op.f("ix_file_link_expires"), "file_link", ["expires"], unique=False)
    for statement in APPEND_ONLY.get(op.get_context().dialect.name, ()):
        op.execute(statement)


def downgrade() -> None:
    op.drop_table("file_link")
    op.drop_table("document_revocation")
    op.drop_table("issued_document")
    if op.get_context().dialect.name == "postgresql":
        op.execute("DROP FUNCTION documents_are_append_only()")
    with op.batch_alter_table("notice") as notice:
        notice.drop_constraint(op.f("uq_notice_key"), type_="unique")
        for column in ("key", "token", "what", "channel", "is_urgent", "since", "next_try", "given_up", "reason"):
            notice.drop_column(column)
