"""The reading room: bookings with their slots, visits; the queue at the window."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

APPEND_ONLY = {
    "sqlite": (
        "CREATE TRIGGER visit_no_update BEFORE UPDATE ON visit "
        "BEGIN SELECT RAISE(ABORT, 'visits are append-only'); END",
        "CREATE TRIGGER visit_no_delete BEFORE DELETE ON visit "
        "BEGIN SELECT RAISE(ABORT, 'visits are append-only'); END",
    ),
    "postgresql": (
        "CREATE FUNCTION visit_is_append_only() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'visits are append-only'; END $$",
        "CREATE TRIGGER visit_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON visit "
        "FOR EACH STATEMENT EXECUTE FUNCTION visit_is_append_only()",
    ),
}


def upgrade() -> None:
    op.create_table(
        "queue_ticket",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.Column("service", sa.String(length=40), nullable=False),
        sa.Column("letter", sa.String(length=1), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("taken", sa.DateTime(), nullable=False),
        sa.Column("ahead", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("visitor_digest", sa.String(length=64), nullable=True),
        sa.Column("counter", sa.String(length=20), nullable=True),
        sa.Column("called", sa.DateTime(), nullable=True),
        sa.Column("again", sa.Integer(), nullable=False),
        sa.Column("ended", sa.DateTime(), nullable=True),
        sa.Column("by", sa.String(length=100), nullable=True),
        sa.CheckConstraint(
            "state IN ('waiting', 'called', 'done', 'no_answer', 'left')", name=op.f("ck_queue_ticket_state")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_queue_ticket")),
        sa.UniqueConstraint("code", name=op.f("uq_queue_ticket_code")),
        sa.UniqueConstraint("day", "service", "number", name=op.f("uq_queue_ticket_day")),
    )
    op.create_index("ix_queue_ticket_service_taken", "queue_ticket", ["service", "taken"], unique=False)
    op.create_index(op.f("ix_queue_ticket_visitor_digest"), "queue_ticket", ["visitor_digest"], unique=False)
    op.create_table(
        "seat_booking",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("room", sa.String(length=40), nullable=False),
        sa.Column("seat", sa.String(length=20), nullable=True),
        sa.Column("starts", sa.DateTime(), nullable=False),
        sa.Column("ends", sa.DateTime(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("made", sa.DateTime(), nullable=False),
        sa.Column("queued", sa.DateTime(), nullable=False),
        sa.Column("owner", sa.String(length=200), nullable=True),
        sa.Column("visitor_digest", sa.String(length=64), nullable=True),
        sa.Column("request_id", sa.Integer(), nullable=True),
        sa.Column("person", sa.String(length=20), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("contact", sa.String(length=300), nullable=False),
        sa.Column("language", sa.String(length=20), nullable=False),
        sa.Column("wishes", sa.JSON(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("arrived", sa.DateTime(), nullable=True),
        sa.Column("left", sa.DateTime(), nullable=True),
        sa.CheckConstraint(
            "seat IS NOT NULL OR state IN ('waiting', 'lapsed', 'cancelled')", name=op.f("ck_seat_booking_seat")
        ),
        sa.CheckConstraint(
            "state IN ('booked', 'waiting', 'arrived', 'done', 'missed', 'cancelled', 'lapsed')",
            name=op.f("ck_seat_booking_state"),
        ),
        sa.CheckConstraint("starts < ends", name=op.f("ck_seat_booking_times")),
        sa.ForeignKeyConstraint(["request_id"], ["request.id"], name=op.f("fk_seat_booking_request_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_seat_booking")),
        sa.UniqueConstraint("code", name=op.f("uq_seat_booking_code")),
    )
    op.create_index(op.f("ix_seat_booking_contact"), "seat_booking", ["contact"], unique=False)
    op.create_index(op.f("ix_seat_booking_owner"), "seat_booking", ["owner"], unique=False)
    op.create_index(op.f("ix_seat_booking_person"), "seat_booking", ["person"], unique=False)
    op.create_index(op.f("ix_seat_booking_request_id"), "seat_booking", ["request_id"], unique=False)
    op.create_index("ix_seat_booking_room_starts", "seat_booking", ["room", "starts"], unique=False)
    op.create_index("ix_seat_booking_state_starts", "seat_booking", ["state", "starts"], unique=False)
    op.create_index(op.f("ix_seat_booking_visitor_digest"), "seat_booking", ["visitor_digest"], unique=False)
    op.create_table(
        "box_slot",
        sa.Column("box", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("booking_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["booking_id"], ["seat_booking.id"], name=op.f("fk_box_slot_booking_id")),
        sa.PrimaryKeyConstraint("box", "at", name=op.f("pk_box_slot")),
    )
    op.create_index(op.f("ix_box_slot_booking_id"), "box_slot", ["booking_id"], unique=False)
    op.create_table(
        "seat_item",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("booking_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("resource_id", sa.String(length=300), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("reference_code", sa.Text(), nullable=True),
        sa.Column("container", sa.Text(), nullable=True),
        sa.Column("box", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["booking_id"], ["seat_booking.id"], name=op.f("fk_seat_item_booking_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_seat_item")),
        sa.UniqueConstraint("booking_id", "number", name=op.f("uq_seat_item_booking_id")),
    )
    op.create_index(op.f("ix_seat_item_resource_id"), "seat_item", ["resource_id"], unique=False)
    op.create_table(
        "seat_slot",
        sa.Column("room", sa.String(length=40), nullable=False),
        sa.Column("seat", sa.String(length=20), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("booking_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["booking_id"], ["seat_booking.id"], name=op.f("fk_seat_slot_booking_id")),
        sa.PrimaryKeyConstraint("room", "seat", "at", name=op.f("pk_seat_slot")),
        sa.UniqueConstraint("room", "at", "place", name=op.f("uq_seat_slot_room")),
    )
    op.create_index(op.f("ix_seat_slot_booking_id"), "seat_slot", ["booking_id"], unique=False)
    op.create_table(
        "visit",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("place", sa.String(length=40), nullable=False),
        sa.Column("booking_id", sa.Integer(), nullable=True),
        sa.Column("request_id", sa.Integer(), nullable=True),
        sa.Column("person", sa.String(length=20), nullable=True),
        sa.Column("by", sa.String(length=100), nullable=False),
        sa.CheckConstraint("kind IN ('seat', 'window')", name=op.f("ck_visit_kind")),
        sa.ForeignKeyConstraint(["booking_id"], ["seat_booking.id"], name=op.f("fk_visit_booking_id")),
        sa.ForeignKeyConstraint(["request_id"], ["request.id"], name=op.f("fk_visit_request_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visit")),
    )
    op.create_index("ix_visit_day_kind", "visit", ["day", "kind"], unique=False)
    op.create_index(op.f("ix_visit_request_id"), "visit", ["request_id"], unique=False)
    for statement in APPEND_ONLY.get(op.get_bind().dialect.name, ()):
        op.execute(statement)


def downgrade() -> None:
    op.drop_table("visit")
    op.drop_table("seat_slot")
    op.drop_table("seat_item")
    op.drop_table("box_slot")
    op.drop_table("seat_booking")
    op.drop_table("queue_ticket")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION visit_is_append_only()")
