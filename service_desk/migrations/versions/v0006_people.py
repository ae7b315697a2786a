"""Roles of accounts, versions of policies, the audit log; contacts of readers and the codes that confirm them; persons
at the window and the documents they showed; identities at an OpenID provider;
terminals of the reading room. Texts of
events may be emptied once their request says nothing of anybody any more.
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

APPEND_ONLY = {
    "sqlite": (
        "CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit "
        "BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END",
        "CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit "
        "BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END",
    ),
    "postgresql": (
        "CREATE FUNCTION audit_is_append_only() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'the audit log is append-only'; END $$",
        "CREATE TRIGGER audit_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit "
        "FOR EACH STATEMENT EXECUTE FUNCTION audit_is_append_only()",
    ),
}

# An event changes in one way only: it forgets its text, and which reader it was, when its request has forgotten whose
# it is.
FORGETTING = {
    "sqlite": (
        "DROP TRIGGER event_no_update",
        "CREATE TRIGGER event_no_update BEFORE UPDATE ON event WHEN NOT ("
        "NEW.id IS OLD.id AND NEW.request_id IS OLD.request_id AND NEW.number IS OLD.number AND NEW.at IS OLD.at "
        "AND NEW.party IS OLD.party AND NEW.what IS OLD.what AND NEW.text = '' AND NEW.payload = '{}' "
        "AND (NEW.actor IS OLD.actor OR (OLD.party = 'reader' AND NEW.actor IS NULL)) "
        "AND EXISTS (SELECT 1 FROM request WHERE id = OLD.request_id AND name = '' AND contact = '')) "
        "BEGIN SELECT RAISE(ABORT, 'events are append-only'); END",
    ),
    "postgresql": (
        "DROP TRIGGER event_append_only ON event",
        "CREATE TRIGGER event_append_only BEFORE DELETE OR TRUNCATE ON event "
        "FOR EACH STATEMENT EXECUTE FUNCTION event_is_append_only()",
        "CREATE FUNCTION event_may_only_forget() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NOT ("
        "NEW.id = OLD.id AND NEW.request_id = OLD.request_id AND NEW.number = OLD.number AND NEW.at = OLD.at "
        "AND NEW.party = OLD.party AND NEW.what = OLD.what AND NEW.text = '' AND NEW.payload::text = '{}' "
        "AND (NEW.actor IS NOT DISTINCT FROM OLD.actor OR (OLD.party = 'reader' AND NEW.actor IS NULL)) "
        "AND EXISTS (SELECT 1 FROM request WHERE id = OLD.request_id AND name = '' AND contact = '')) "
        "THEN RAISE EXCEPTION 'events are append-only'; END IF; RETURN NEW; END $$",
        "CREATE TRIGGER event_only_forgets BEFORE UPDATE ON event "
        "FOR EACH ROW EXECUTE FUNCTION event_may_only_forget()",
    ),
}
REMEMBERING = {
    "sqlite": (
        "DROP TRIGGER event_no_update",
        "CREATE TRIGGER event_no_update BEFORE UPDATE ON event "
        "BEGIN SELECT RAISE(ABORT, 'events are append-only'); END",
    ),
    "postgresql": (
        "DROP TRIGGER event_only_forgets ON event",
        "DROP FUNCTION event_may_only_forget()",
        "DROP TRIGGER event_append_only ON event",
        "CREATE TRIGGER event_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON event "
        "FOR EACH STATEMENT EXECUTE FUNCTION event_is_append_only()",
    ),
}


def upgrade() -> None:
    op.create_table(
        "given_role",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_name", sa.String(length=100), nullable=False),
        sa.Column("role", sa.String(length=40), nullable=False),
        sa.Column("holder", sa.String(length=100), nullable=False),
        sa.Column("fonds", sa.String(length=100), nullable=False),
        sa.Column("department", sa.String(length=100), nullable=False),
        sa.Column("theme", sa.String(length=100), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("by", sa.String(length=100), nullable=False),
        sa.ForeignKeyConstraint(["account_name"], ["account.name"], name=op.f("fk_given_role_account_name")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_given_role")),
        sa.UniqueConstraint(
            "account_name", "role", "holder", "fonds", "department", "theme", name=op.f("uq_given_role_account_name")
        ),
    )
    op.create_table(
        "policy_version",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("by", sa.String(length=100), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_policy_version")),
    )
    op.create_index(op.f("ix_policy_version_name"), "policy_version", ["name"], unique=False)
    op.create_table(
        "audit",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("actor", sa.String(length=100), nullable=True),
        sa.Column("what", sa.String(length=40), nullable=False),
        sa.Column("subject", sa.String(length=400), nullable=False),
        sa.Column("detail", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("previous", sa.String(length=64), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit")),
    )
    op.create_index("ix_audit_actor_id", "audit", ["actor", "id"], unique=False)
    op.create_index("ix_audit_subject_id", "audit", ["subject", "id"], unique=False)
    for statements in (APPEND_ONLY, FORGETTING):
        for statement in statements.get(op.get_context().dialect.name, ()):
            op.execute(statement)
    op.create_table(
        "contact",
        sa.Column("account_name", sa.String(length=100), nullable=False),
        sa.Column("value", sa.String(length=254), nullable=False),
        sa.Column("confirmed", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["account_name"], ["account.name"], name=op.f("fk_contact_account_name")),
        sa.PrimaryKeyConstraint("account_name", name=op.f("pk_contact")),
        sa.UniqueConstraint("value", name=op.f("uq_contact_value")),
    )
    op.create_table(
        "confirmation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("purpose", sa.String(length=20), nullable=False),
        sa.Column("contact_digest", sa.String(length=64), nullable=False),
        sa.Column("browser_digest", sa.String(length=64), nullable=True),
        sa.Column("code_digest", sa.String(length=64), nullable=False),
        sa.Column("expires", sa.DateTime(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("body", sa.JSON(none_as_null=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_confirmation")),
    )
    op.create_index(op.f("ix_confirmation_contact_digest"), "confirmation", ["contact_digest"], unique=False)
    op.create_index(op.f("ix_confirmation_expires"), "confirmation", ["expires"], unique=False)
    op.create_table(
        "familiar_browser",
        sa.Column("account_name", sa.String(length=100), nullable=False),
        sa.Column("browser_digest", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["account_name"], ["account.name"], name=op.f("fk_familiar_browser_account_name")),
        sa.PrimaryKeyConstraint("account_name", "browser_digest", name=op.f("pk_familiar_browser")),
    )
    op.create_index(op.f("ix_familiar_browser_at"), "familiar_browser", ["at"], unique=False)
    op.create_table(
        "person",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("contact", sa.String(length=254), nullable=False),
        sa.Column("account_name", sa.String(length=100), nullable=True),
        sa.Column("registered", sa.DateTime(), nullable=False),
        sa.Column("by", sa.String(length=100), nullable=False),
        sa.ForeignKeyConstraint(["account_name"], ["account.name"], name=op.f("fk_person_account_name")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person")),
        sa.UniqueConstraint("account_name", name=op.f("uq_person_account_name")),
        sa.UniqueConstraint("code", name=op.f("uq_person_code")),
    )
    op.create_index(op.f("ix_person_registered"), "person", ["registered"], unique=False)
    op.create_table(
        "identity_document",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("last", sa.String(length=8), nullable=False),
        sa.Column("checked", sa.DateTime(), nullable=False),
        sa.Column("checked_by", sa.String(length=100), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_identity_document_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_identity_document")),
        sa.UniqueConstraint("digest", name=op.f("uq_identity_document_digest")),
    )
    op.create_index(op.f("ix_identity_document_person_id"), "identity_document", ["person_id"], unique=False)
    op.create_table(
        "external_identity",
        sa.Column("issuer", sa.String(length=300), nullable=False),
        sa.Column("subject", sa.String(length=255), nullable=False),
        sa.Column("account_name", sa.String(length=100), nullable=False),
        sa.ForeignKeyConstraint(["account_name"], ["account.name"], name=op.f("fk_external_identity_account_name")),
        sa.PrimaryKeyConstraint("issuer", "subject", name=op.f("pk_external_identity")),
    )
    op.create_index(op.f("ix_external_identity_account_name"), "external_identity", ["account_name"], unique=False)
    op.create_table(
        "terminal",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("key_digest", sa.String(length=64), nullable=False),
        sa.Column("token_digest", sa.String(length=64), nullable=True),
        sa.Column("added", sa.DateTime(), nullable=False),
        sa.Column("by", sa.String(length=100), nullable=False),
        sa.Column("opened", sa.DateTime(), nullable=True),
        sa.Column("removed", sa.DateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_terminal")),
        sa.UniqueConstraint("key_digest", name=op.f("uq_terminal_key_digest")),
    )
    op.create_index(op.f("ix_terminal_name"), "terminal", ["name"], unique=False)
    with op.batch_alter_table("notice") as notice:
        notice.alter_column("request_id", existing_type=sa.Integer(), nullable=True)


def downgrade() -> None:
    for statement in REMEMBERING.get(op.get_context().dialect.name, ()):
        op.execute(statement)
    op.execute("DELETE FROM notice WHERE request_id IS NULL")
    with op.batch_alter_table("notice") as notice:
        notice.alter_column("request_id", existing_type=sa.Integer(), nullable=False)
    op.drop_table("terminal")
    op.drop_table("external_identity")
    op.drop_table("identity_document")
    op.drop_table("person")
    op.drop_table("familiar_browser")
    op.drop_table("confirmation")
    op.drop_table("contact")
    op.drop_table("audit")
    if op.get_context().dialect.name == "postgresql":
        op.execute("DROP FUNCTION audit_is_append_only()")
    op.drop_table("policy_version")
    op.drop_table("given_role")
