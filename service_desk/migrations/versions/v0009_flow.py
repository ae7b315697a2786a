"""Requests that flow: their clock and date, where they came from and go to, materials, attachments."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

FORMER = {"taken": "submitted", "answered": "delivered"}
"""Statuses as they are called now; who has a request in hand is told by its handler."""


COLUMNS = (
    ("clock", sa.JSON(none_as_null=True), None),
    ("due", sa.DateTime(), None),
    ("more", sa.JSON(), "[]"),
    ("person_code", sa.String(20), None),
    ("channel", sa.String(20), "web"),
    ("keyed_by", sa.String(100), None),
    ("relation", sa.String(40), None),
    ("route", sa.String(40), None),
    ("department", sa.String(40), None),
    ("urgent", sa.Boolean(), sa.false()),
    ("concerns", sa.String(20), None),
    ("barred", sa.JSON(), "[]"),
    ("consent", sa.String(64), None),
)
INDICES = (("ix_request_person_code", "person_code"), ("ix_request_department", "department"),
           ("ix_request_concerns", "concerns"))  # fmt: skip


def upgrade() -> None:
    for name, kind, default in COLUMNS:
        op.add_column("request", sa.Column(name, kind, nullable=default is None, server_default=default))
    for index, column in INDICES:
        op.create_index(index, "request", [column])
    op.create_index("ix_request_status_due", "request", ["status", "due"])
    _rename_statuses(FORMER)
    op.create_table(
        "attachment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("request_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("material", sa.String(40), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("object_key", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["request_id"], ["request.id"], name=op.f("fk_attachment_request_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attachment")),
        sa.UniqueConstraint("request_id", "number", name=op.f("uq_attachment_request_id")),
    )
    op.create_table(
        "verified_material",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("owner", sa.String(120), nullable=False),
        sa.Column("material", sa.String(40), nullable=False),
        sa.Column("verified", sa.DateTime(), nullable=False),
        sa.Column("until", sa.DateTime(), nullable=True),
        sa.Column("by", sa.String(100), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_verified_material")),
    )
    op.create_index("ix_verified_material_owner", "verified_material", ["owner", "material"])


def downgrade() -> None:
    op.drop_table("verified_material")
    op.drop_table("attachment")
    _rename_statuses({now: former for former, now in FORMER.items() if former != "taken"})
    for index in ("ix_request_status_due", *(index for index, _ in INDICES)):
        op.drop_index(index, "request")
    for name, _, _ in reversed(COLUMNS):
        op.drop_column("request", name)


def _rename_statuses(names: dict[str, str]) -> None:
    request = sa.table("request", sa.column("status", sa.String))
    for before, now in names.items():
        op.execute(request.update().where(request.c.status == before).values(status=now))
