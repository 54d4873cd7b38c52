"""What Alembic runs: `migration.upgrade` hands it a connection on which a transaction is already open.

A new revision is written by `alembic.command.revision` with the configuration of `migration.configuration`.
"""

from alembic import context

from router.store.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,  # SQLite cannot alter most columns in place
    transactional_ddl=True,  # true of SQLite as `database` opens it: a migration that is killed leaves nothing behind
)
with context.begin_transaction():
    context.run_migrations()
