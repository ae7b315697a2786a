"""Runs the migrations on the connection, and in the transaction, that `service_desk.database` hands over."""

from alembic import context

from service_desk.models import Base
from service_desk.printed import tables as _printed  # noqa: F401 - its tables belong to Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    transactional_ddl=True,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
