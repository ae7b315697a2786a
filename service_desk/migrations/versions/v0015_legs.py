"""Tasks of departments, and legs to other institutions."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "leg",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(40), nullable=False),
        sa.Column("request_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("receiver", sa.String(40), nullable=False),
        sa.Column("channel", sa.String(20), nullable=False),
        sa.Column("cause", sa.Integer(), nullable=True),
        sa.Column("route", sa.String(40), nullable=True),
        sa.Column("asks", sa.Text(), nullable=False),
        sa.Column("expects", sa.Text(), nullable=False),
        sa.Column("beside", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("status", sa.String(20), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("term", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("clock", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("due", sa.DateTime(), nullable=True),
        sa.Column("worker", sa.String(100), nullable=True),
        sa.Column("sent", sa.DateTime(), nullable=False),
        sa.Column("receipt", sa.String(40), nullable=True),
        sa.Column("heard", sa.Integer(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(["request_id"], ["request.id"], name=op.f("fk_leg_request_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_leg")),
        sa.UniqueConstraint("code", name=op.f("uq_leg_code")),
    )
    op.create_index("ix_leg_status_due", "leg", ["status", "due"])
    op.create_index("ix_leg_kind_receiver", "leg", ["kind", "receiver", "status"])
    op.create_index("ix_leg_request_id", "leg", ["request_id"])
    op.create_index("ix_leg_sent", "leg", ["sent"])
    _of_a_leg(
        "leg_event",
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("party", sa.String(20), nullable=False),
        sa.Column("actor", sa.String(100), nullable=True),
        sa.Column("what", sa.String(20), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
    )
    _of_a_leg(
        "leg_file",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("object_key", sa.Text(), nullable=False),
    )
    op.create_table(
        "leg_post",
        sa.Column("id", sa.String(40), nullable=False),
        sa.Column("leg_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("what", sa.String(20), nullable=False),
        sa.Column("body", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("next", sa.DateTime(), nullable=False),
        sa.Column("claimed", sa.DateTime(), nullable=True),
        sa.Column("sent", sa.DateTime(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["leg_id"], ["leg.id"], name=op.f("fk_leg_post_leg_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_leg_post")),
    )
    op.create_index("ix_leg_post_leg_id", "leg_post", ["leg_id"])
    op.create_index("ix_leg_post_sent_next", "leg_post", ["sent", "next"])
    op.create_table(
        "leg_link",
        sa.Column("token_digest", sa.String(64), nullable=False),
        sa.Column("leg_id", sa.Integer(), nullable=False),
        sa.Column("made", sa.DateTime(), nullable=False),
        sa.Column("expires", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["leg_id"], ["leg.id"], name=op.f("fk_leg_link_leg_id")),
        sa.PrimaryKeyConstraint("token_digest", name=op.f("pk_leg_link")),
    )
    op.create_index("ix_leg_link_leg_id", "leg_link", ["leg_id"])
    op.create_table(
        "leg_message",
        sa.Column("partner", sa.String(40), nullable=False),
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("partner", "id", name=op.f("pk_leg_message")),
    )
    op.create_index("ix_leg_message_at", "leg_message", ["at"])
    op.create_table(
        "guest_leg",
        sa.Column("request_id", sa.Integer(), nullable=False),
        sa.Column("partner", sa.String(40), nullable=False),
        sa.Column("leg", sa.String(40), nullable=False),
        sa.ForeignKeyConstraint(["request_id"], ["request.id"], name=op.f("fk_guest_leg_request_id")),
        sa.PrimaryKeyConstraint("request_id", name=op.f("pk_guest_leg")),
        sa.UniqueConstraint("partner", "leg", name=op.f("uq_guest_leg_partner")),
    )


def downgrade() -> None:
    for table in ("guest_leg", "leg_message", "leg_link", "leg_post", "leg_file", "leg_event", "leg"):
        op.drop_table(table)


def _of_a_leg(table: str, *columns: sa.Column[Any]) -> None:
    op.create_table(
        table,
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("leg_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        *columns,
        sa.ForeignKeyConstraint(["leg_id"], ["leg.id"], name=op.f(f"fk_{table}_leg_id")),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        sa.UniqueConstraint("leg_id", "number", name=op.f(f"uq_{table}_leg_id")),
    )
