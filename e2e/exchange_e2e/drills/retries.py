"""A retry with an Idempotency-Key is executed once, on any instance and after a kill before the response.

For the kill, a trigger makes the commit itself wait at a gate; the instance is frozen there, the commit completed, and
the instance killed before it can respond.
"""

import asyncio
import itertools
from typing import Any

from .. import gate
from ..client import Answer
from ..deployment import Deployment
from ..report import Check, exactly, none
from ..waiting import until
from ..world import World

_PARALLEL = 64
# Deferred: it runs at the end of the commit.
_TRIGGER = f"""
{gate.FUNCTION};
CREATE CONSTRAINT TRIGGER gate AFTER INSERT ON offers DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    EXECUTE FUNCTION wait_at_the_gate()"""
_NO_TRIGGER = "DROP TRIGGER gate ON offers; DROP FUNCTION wait_at_the_gate"
_AT_THE_GATE = """
SELECT count(*) FROM pg_locks JOIN pg_stat_activity USING (pid)
WHERE locktype = 'advisory' AND NOT granted AND datname = current_database() AND mode = 'ShareLock'"""


async def run(world: World) -> list[Check]:
    keys = (f"key-{number}" for number in itertools.count())
    async with world.deployment("retries", notifiers=1, log_level="warn") as exchange:
        drill = _Drill(exchange, [person.id for person in await exchange.people(2)])
        thrice = await drill.thrice(next(keys))
        parallel = [await drill.in_parallel(next(keys)) for _ in range(world.scale.parallel_rounds)]
        killed = [await drill.killed(next(keys)) for _ in range(world.scale.retried_kills)]
        foreign = await drill.foreign(next(keys))
        await exchange.settled(within=60)
        return [
            none("the same POST three times over two instances: not one row, one event, one response", thrice),
            none(f"{_PARALLEL} at once with one key, {len(parallel)} times: likewise", sum(parallel, [])),
            none(f"killed between commit and response, {len(killed)} times: likewise", sum(killed, [])),
            none("responses for one person that another one got with the same key", foreign),
            exactly("offers, and events of their creation", await drill.stored(), drill.expected),
        ]


class _Drill:
    def __init__(self, exchange: Deployment, people: list[int]) -> None:
        self.exchange = exchange
        self.offerer, self.receiver = people
        self.expected = 0

    async def _offer(self) -> dict[str, int]:
        """Returns the body of an offer that does not exist yet."""
        mine = await self.exchange.client.list_game(self.offerer, "Mine")
        yours = await self.exchange.client.list_game(self.receiver, "Yours")
        self.expected += 1
        return {"offered_game_id": mine, "requested_game_id": yours}

    async def _send(self, offer: dict[str, int], key: str, instance: int) -> Answer:
        url = self.exchange.apis[instance % len(self.exchange.apis)].url
        return await self.exchange.client.ask("POST", "/offers", offer, by=self.offerer, url=url, key=key)

    async def thrice(self, key: str) -> list[str]:
        offer = await self._offer()
        answers = [await self._send(offer, key, number) for number in range(3)]
        return self._differences(answers) + [
            f"{answer.status} {answer.body}" for answer in answers if answer.status != 201
        ]

    async def in_parallel(self, key: str) -> list[str]:
        """Sends concurrent requests with one key. Those that wait too long for the first get 409, and are retried."""
        offer = await self._offer()
        answers = await asyncio.gather(*(self._send(offer, key, number) for number in range(_PARALLEL)))
        late = [number for number, answer in enumerate(answers) if answer.status == 409]
        again = [await self._send(offer, key, number) for number in late]
        return self._differences([answer for answer in answers if answer.status != 409] + again)

    async def killed(self, key: str) -> list[str]:
        victim = self.exchange.apis[0]
        offer = await self._offer()
        await self.exchange.sql(_TRIGGER)
        async with gate.closed(self.exchange) as open_gate:
            first = asyncio.create_task(self._send(offer, key, 0))

            async def waits() -> bool:
                [(waiting,)] = await self.exchange.sql(_AT_THE_GATE)
                return bool(waiting)

            await until("the commit waits at the gate", waits, within=30)
            victim.freeze()
            await open_gate()

            async def is_committed() -> bool:
                [(stored,)] = await self.exchange.sql("SELECT count(*) FROM offers")
                return bool(stored == self.expected)

            await until("the offer is committed", is_committed, within=30)
            await victim.kill()
        await self.exchange.sql(_NO_TRIGGER)
        answer = await first
        again = [await self._send(offer, key, 1), await self._send(offer, key, 1)]
        await victim.start()
        again.append(await self._send(offer, key, 0))
        said = [] if not answer.is_done else ["the instance responded before it died"]
        return said + self._differences(again)

    async def foreign(self, key: str) -> list[str]:
        """Sends the same request with the same key as the receiver, for whom the key is unused."""
        offer = await self._offer()
        made = await self._send(offer, key, 0)
        theirs = await self.exchange.client.ask("POST", "/offers", offer, by=self.receiver, key=key)
        return [str(theirs.body)] if theirs.is_done or made.status != 201 else []

    def _differences(self, answers: list[Answer]) -> list[str]:
        """Returns the differences between the responses."""

        def told(answer: Answer) -> Any:
            return answer.status, answer.body

        return [f"{told(answer)} is not {told(answers[0])}" for answer in answers if told(answer) != told(answers[0])]

    async def stored(self) -> int:
        """Returns the number of offers if each has exactly one event of its creation, else 0."""
        [(offers,)] = await self.exchange.sql("SELECT count(*) FROM offers")
        [(events,)] = await self.exchange.sql("SELECT count(*) FROM outbox WHERE type = 'offer.created'")
        return int(offers) if offers == events else 0
