"""A gate in the database: while it is closed, transactions in which a drill's trigger calls it wait. The programs under
test have no hooks for this.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from .deployment import Deployment

_GATE = int.from_bytes(b"the gate", "big")
# The function for a drill's trigger to execute; for all rows.
FUNCTION = f"""
CREATE FUNCTION wait_at_the_gate() RETURNS trigger LANGUAGE plpgsql AS
    'begin perform pg_advisory_xact_lock_shared({_GATE}); return new; end'"""


@asynccontextmanager
async def closed(exchange: Deployment) -> AsyncIterator[Callable[[], Awaitable[None]]]:
    """Closes the gate until the end of the block, or until the yielded function opens it."""
    async with await exchange.postgres.connect(exchange.name) as session:
        await session.execute("SELECT pg_advisory_lock(%s)", (_GATE,))

        async def open_gate() -> None:
            await session.execute("SELECT pg_advisory_unlock(%s)", (_GATE,))

        yield open_gate
