"""The stacks: places, what lies in them, retrievals, loans, repairs, and the logs of all of it."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

ORDERED = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
LOGS = ("stack_move", "treatment_step", "stack_log")


def upgrade() -> None:
    op.create_table(
        "stack_place",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("barcode", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("parent_id", sa.Integer(), nullable=True),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("moves", sa.Integer(), nullable=False),
        sa.Column("added", sa.DateTime(), nullable=False),
        sa.CheckConstraint("kind IN ('building', 'room', 'row', 'shelf', 'box')", name=op.f("ck_stack_place_kind")),
        sa.CheckConstraint("state IN ('in', 'picked', 'out', 'lent', 'repair')", name=op.f("ck_stack_place_state")),
        sa.ForeignKeyConstraint(
            ["parent_id"],
            ["stack_place.id"],
            name=op.f("fk_stack_place_parent_id"),
            deferrable=True,
            initially="DEFERRED",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stack_place")),
        sa.UniqueConstraint("barcode", name=op.f("uq_stack_place_barcode")),
    )
    op.create_index(op.f("ix_stack_place_parent_id"), "stack_place", ["parent_id"], unique=False)
    op.create_index(op.f("ix_stack_place_state"), "stack_place", ["state"], unique=False)
    op.create_table(
        "stack_content",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("place_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("root", sa.String(length=400), nullable=False),
        sa.Column("low", ORDERED, nullable=False),
        sa.Column("high", ORDERED, nullable=False),
        sa.CheckConstraint("kind IN ('resource', 'codes', 'container')", name=op.f("ck_stack_content_kind")),
        sa.ForeignKeyConstraint(["place_id"], ["stack_place.id"], name=op.f("fk_stack_content_place_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stack_content")),
    )
    op.create_index(op.f("ix_stack_content_place_id"), "stack_content", ["place_id"], unique=False)
    op.create_index(op.f("ix_stack_content_root"), "stack_content", ["root"], unique=False)
    op.create_table(
        "stack_move",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("place_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("from_id", sa.Integer(), nullable=True),
        sa.Column("to_id", sa.Integer(), nullable=True),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("by", sa.String(length=100), nullable=False),
        sa.ForeignKeyConstraint(["place_id"], ["stack_place.id"], name=op.f("fk_stack_move_place_id")),
        sa.ForeignKeyConstraint(["from_id"], ["stack_place.id"], name=op.f("fk_stack_move_from_id")),
        sa.ForeignKeyConstraint(["to_id"], ["stack_place.id"], name=op.f("fk_stack_move_to_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stack_move")),
        sa.UniqueConstraint("place_id", "number", name=op.f("uq_stack_move_place_id")),
    )
    op.create_table(
        "retrieval",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("request_id", sa.Integer(), nullable=False),
        sa.Column("receipt", sa.String(length=20), nullable=False),
        sa.Column("resource_id", sa.String(length=300), nullable=False),
        sa.Column("reference_code", sa.Text(), nullable=True),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("place_id", sa.Integer(), nullable=True),
        sa.Column("wanted_by", sa.Date(), nullable=False),
        sa.Column("priority", sa.String(length=20), nullable=False),
        sa.Column("goes_to", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("ordered", sa.DateTime(), nullable=False),
        sa.Column("changed", sa.DateTime(), nullable=False),
        sa.CheckConstraint(
            "state IN ('ordered', 'picked', 'out', 'back', 'not_found', 'cancelled')", name=op.f("ck_retrieval_state")
        ),
        sa.CheckConstraint("priority IN ('urgent', 'normal')", name=op.f("ck_retrieval_priority")),
        sa.ForeignKeyConstraint(["request_id"], ["request.id"], name=op.f("fk_retrieval_request_id")),
        sa.ForeignKeyConstraint(["place_id"], ["stack_place.id"], name=op.f("fk_retrieval_place_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_retrieval")),
    )
    for column in ("request_id", "resource_id", "place_id", "state"):
        op.create_index(op.f(f"ix_retrieval_{column}"), "retrieval", [column], unique=False)
    op.create_table(
        "loan",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("voucher", sa.String(length=40), nullable=False),
        sa.Column("request_id", sa.Integer(), nullable=False),
        sa.Column("receipt", sa.String(length=20), nullable=False),
        sa.Column("borrower", sa.String(length=40), nullable=False),
        sa.Column("resource_id", sa.String(length=300), nullable=False),
        sa.Column("reference_code", sa.Text(), nullable=True),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("place_id", sa.Integer(), nullable=True),
        sa.Column("lent", sa.DateTime(), nullable=False),
        sa.Column("lent_by", sa.String(length=100), nullable=False),
        sa.Column("due", sa.Date(), nullable=False),
        sa.Column("renewals", sa.Integer(), nullable=False),
        sa.Column("reminders", sa.Integer(), nullable=False),
        sa.Column("returned", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(["request_id"], ["request.id"], name=op.f("fk_loan_request_id")),
        sa.ForeignKeyConstraint(["place_id"], ["stack_place.id"], name=op.f("fk_loan_place_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_loan")),
        sa.UniqueConstraint("voucher", name=op.f("uq_loan_voucher")),
    )
    for column in ("request_id", "resource_id", "place_id", "returned"):
        op.create_index(op.f(f"ix_loan_{column}"), "loan", [column], unique=False)
    op.create_table(
        "treatment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("resource_id", sa.String(length=300), nullable=True),
        sa.Column("reference_code", sa.Text(), nullable=True),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("place_id", sa.Integer(), nullable=True),
        sa.Column("stage", sa.String(length=40), nullable=False),
        sa.Column("expected", sa.Date(), nullable=True),
        sa.Column("steps", sa.Integer(), nullable=False),
        sa.Column("begun", sa.DateTime(), nullable=False),
        sa.Column("ended", sa.DateTime(), nullable=True),
        sa.CheckConstraint("kind IN ('repair', 'copying')", name=op.f("ck_treatment_kind")),
        sa.ForeignKeyConstraint(["place_id"], ["stack_place.id"], name=op.f("fk_treatment_place_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_treatment")),
    )
    for column in ("resource_id", "place_id", "ended"):
        op.create_index(op.f(f"ix_treatment_{column}"), "treatment", [column], unique=False)
    op.create_table(
        "treatment_step",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("treatment_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("stage", sa.String(length=40), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("expected", sa.Date(), nullable=True),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("by", sa.String(length=100), nullable=False),
        sa.ForeignKeyConstraint(["treatment_id"], ["treatment.id"], name=op.f("fk_treatment_step_treatment_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_treatment_step")),
        sa.UniqueConstraint("treatment_id", "number", name=op.f("uq_treatment_step_treatment_id")),
    )
    op.create_table(
        "stack_log",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("place_id", sa.Integer(), nullable=True),
        sa.Column("number", sa.Integer(), nullable=True),
        sa.Column("way", sa.String(length=20), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("receipts", sa.Text(), nullable=False),
        sa.Column("thing", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("by", sa.String(length=100), nullable=False),
        sa.ForeignKeyConstraint(["place_id"], ["stack_place.id"], name=op.f("fk_stack_log_place_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stack_log")),
        sa.UniqueConstraint("place_id", "number", name=op.f("uq_stack_log_place_id")),
    )
    op.create_index("ix_stack_log_at", "stack_log", ["at"], unique=False)
    for statement in _guards(op.get_context().dialect.name):
        op.execute(statement)


def _guards(dialect: str) -> list[str]:
    """Triggers that refuse to change or delete rows of the logs."""
    if dialect == "sqlite":
        return [
            f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, 'the logs of the stacks are append-only'); END"
            for table in LOGS
            for verb in ("UPDATE", "DELETE")
        ]
    if dialect == "postgresql":
        return [
            "CREATE FUNCTION stack_log_is_append_only() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION 'the logs of the stacks are append-only'; END $$",
            *(
                f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
                "FOR EACH STATEMENT EXECUTE FUNCTION stack_log_is_append_only()"
                for table in LOGS
            ),
        ]
    return []


def downgrade() -> None:
    for table in ("stack_log", "treatment_step", "treatment", "loan", "retrieval", "stack_move", "stack_content"):
        op.drop_table(table)
    op.drop_table("stack_place")
    if op.get_context().dialect.name == "postgresql":
        op.execute("DROP FUNCTION stack_log_is_append_only()")
