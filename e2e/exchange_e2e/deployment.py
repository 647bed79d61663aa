"""One exchange: processes of API instances and notifiers with their own database, topic and mail server."""

import asyncio
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple, Self

import aiohttp
from confluent_kafka import KafkaException
from psycopg import OperationalError
from psycopg.rows import TupleRow

from . import marks
from .client import Client, Person
from .kafka import Kafka
from .mail import Catcher
from .ports import free_port
from .postgres import Postgres
from .processes import Process
from .waiting import NotInTime, until

# The published development secret: e-mail addresses count as confirmed at registration.
DEVELOPMENT_SECRET = "development-only-secret-that-everybody-knows"
FROM_DOMAIN = "exchange.example"
# An origin whose pages may call the exchange.
PAGE_ORIGIN = "https://games.example"
# The number of letters that a notifier sends at once; as many may be sent twice when it is killed.
SENDER_SLOTS = 16

# The advisory lock of the relay's leader. PostgreSQL shows the two halves of its key.
_LEADER_LOCK = divmod(int.from_bytes(b"\0\0outbox", "big"), 1 << 32)
_LEADER = """
SELECT application_name FROM pg_locks JOIN pg_stat_activity USING (pid)
WHERE locktype = 'advisory' AND granted AND datname = current_database()
    AND classid::bigint = %s AND objid::bigint = %s AND objsubid = 1"""


class Event(NamedTuple):
    id: str
    is_published: bool


class Program(Process):
    """An API instance or a notifier."""

    def __init__(self, name: str, command: list[str], environment: Mapping[str, str], log: Path, url: str) -> None:
        self.url = url
        self.health_url = url + ("/health/ready" if "PORT" in environment else "/health")
        super().__init__(name, command, environment, log, lambda: _is_well(self.health_url))


class Deployment:
    """Use it as `async with`: starts the programs, and stops them at the end. The database and logs stay readable."""

    def __init__(
        self,
        name: str,
        binaries: Path,
        logs: Path,
        postgres: Postgres,
        kafka: Kafka,
        catcher: Catcher,
        apis: int,
        notifiers: int,
        log_level: str,
        secret: str,
        trust_x_user_id: bool,
    ) -> None:
        self.name = name
        self.postgres, self.kafka, self.catcher = postgres, kafka, catcher
        self.topic, self.group = f"{name}.email-notifications", f"{name}.email-notification-group"
        self.dead_topic = f"{self.topic}.dead"
        # Ids of the events that the harness itself wrote to the topic.
        self.foreign_events: set[str] = set()
        self._binaries, self._logs = binaries, logs
        self._log_level, self._secret = log_level, secret
        self._trust_x_user_id = trust_x_user_id
        self.apis = [self._api(number + 1) for number in range(apis)]
        self.notifiers = [self.notifier(number + 1) for number in range(notifiers)]
        self.client = Client([api.url for api in self.apis])

    def _api(self, number: int) -> Program:
        name, port = f"api{number}", free_port()
        environment = self._environment(name) | {
            "HOST": "127.0.0.1",
            "PORT": str(port),
            "INSTANCE_NAME": name,
            "JWT_SECRET": self._secret,
            "TRUST_X_USER_ID": str(self._trust_x_user_id).lower(),
            "TRUSTED_PROXIES": "127.0.0.1",
            "CORS_ORIGINS": PAGE_ORIGIN,
        }
        return self._program("api", name, environment, f"http://127.0.0.1:{port}")

    def notifier(self, number: int, **other: str) -> Program:
        """Creates a notifier without starting it. `other`: settings that differ."""
        name, port = f"notifier{number}", free_port()
        environment = self._environment(name) | {"NOTIFIER_ADDRESS": f"127.0.0.1:{port}"} | other
        return self._program("notifier", name, environment, f"http://127.0.0.1:{port}")

    def _environment(self, name: str) -> dict[str, str]:
        return {
            "DATABASE_URL": self.postgres.url(self.name, name),
            "KAFKA_BOOTSTRAP_SERVERS": self.kafka.address,
            "KAFKA_TOPIC": self.topic,
            "KAFKA_GROUP": self.group,
            "SMTP_HOST": "127.0.0.1",
            "SMTP_PORT": str(self.catcher.port),
            "SMTP_TLS": "none",
            "FROM_EMAIL": f"noreply@{FROM_DOMAIN}",
            "PUBLIC_BASE_URL": "https://games.example",
            "LOG_FORMAT": "json",
            "RUST_LOG": self._log_level,
        }

    def _program(self, binary: str, name: str, environment: dict[str, str], url: str) -> Program:
        return Program(f"{self.name}/{name}", [str(self._binaries / binary)], environment, self.log(name), url)

    def log(self, name: str) -> Path:
        """Returns the log file of a program of this exchange."""
        return self._logs / f"{self.name}-{name}.log"

    async def __aenter__(self) -> Self:
        self.catcher.start()
        try:
            await self.postgres.create_database(self.name)
            for topic in (self.topic, self.dead_topic):
                await self.kafka.create_topic(topic)
            await asyncio.gather(*(program.start() for program in [*self.apis, *self.notifiers]))
        except BaseException:
            await self.__aexit__()
            raise
        return self

    async def __aexit__(self, *_failure: object) -> None:
        await self.client.close()
        await asyncio.gather(*(program.terminate() for program in [*self.apis, *self.notifiers]))
        self.catcher.stop()

    async def sql(self, query: str, *values: Any) -> list[TupleRow]:
        return await self.postgres.rows(self.name, query, *values)

    async def people(self, count: int, prefix: str = "person") -> list[Person]:
        """Registers people, few at a time, since hashing their passwords takes most of the time."""
        turn = asyncio.Semaphore(2 * len(self.apis))

        async def one(number: int) -> Person:
            async with turn:
                return await self.client.register(
                    f"{prefix}-{number}", f"{prefix.title()} {number}", marks.address(number)
                )

        return await asyncio.gather(*(one(number + 1) for number in range(count)))

    async def leader(self) -> Program | None:
        """Returns the instance that relays, if any."""
        names = [row[0] for row in await self.sql(_LEADER, *_LEADER_LOCK)]
        return next((api for name, api in self.instances.items() if name in names), None)

    async def elected(self) -> Program:
        return await until("an instance leads", self.leader, within=30)

    async def event(self, trace: str) -> Event | None:
        """Returns the event of the request with this trace, if it is in the outbox already."""
        rows = await self.sql(
            "SELECT id::text, published_at IS NOT NULL FROM outbox "
            "WHERE split_part(headers ->> 'traceparent', '-', 2) = %s",
            trace,
        )
        return Event(*rows[0]) if rows else None

    async def settled(self, within: float) -> None:
        """Waits until every event is published, consumed and sent, and releases held letters."""

        async def is_settled() -> bool:
            try:
                # Checked again, since a released letter may be waiting now.
                return not (await self.unsettled() or await self.let_an_hour_pass() or await self.unsettled())
            except (OperationalError, KafkaException):
                # A server that a drill stopped is not quite back yet.
                return False

        try:
            await until("everything is published, consumed and sent", is_settled, within=within, every=0.25)
        except NotInTime as late:
            raise NotInTime(f"{late}; but {await self.unsettled()}") from late

    async def let_an_hour_pass(self) -> int:
        """Makes an hour pass for the held letters of the inbox. Returns their number."""
        [(held,)] = await self.sql("SELECT count(*) FROM notifications WHERE state = 'held'")
        if held:
            await self.sql(
                "UPDATE notifications SET released_at = released_at - interval '1 hour', "
                "next_attempt_at = CASE state WHEN 'held' THEN now() ELSE next_attempt_at END "
                "WHERE state = 'held' OR released_at > now() - interval '1 hour'"
            )
        return int(held)

    async def unsettled(self) -> str:
        """Describes what is still in progress; empty if nothing is. Queried in the order in which an event proceeds."""
        [(unpublished,)] = await self.sql("SELECT count(*) FROM outbox WHERE published_at IS NULL")
        lag = 0 if unpublished else await self.kafka.lag(self.topic, self.group)
        waiting = await self.sql(
            "SELECT count(*), min(attempts), max(smtp_response) FROM notifications "
            "WHERE state = 'waiting' HAVING count(*) > 0"
        )
        if not unpublished and not lag and not waiting:
            return ""
        return f"{unpublished} events are unpublished, {lag} unconsumed, letters waiting (attempts, reply): {waiting}"

    async def dead_letters(self, *arguments: str) -> str:
        """Returns the output of `notifier dead …`."""
        command = [str(self._binaries / "notifier"), "dead", *arguments]
        environment = {"DATABASE_URL": self.postgres.url(self.name, "operator")}
        done = await asyncio.to_thread(
            subprocess.run, command, env=environment, cwd=self._logs, check=True, capture_output=True, text=True
        )
        return str(done.stdout)

    @property
    def instances(self) -> dict[str, Program]:
        """Returns the API instances by name."""
        return {api.name.split("/")[1]: api for api in self.apis}

    @property
    def logs(self) -> list[Path]:
        return sorted(self._logs.glob(f"{self.name}-*.log"))


async def _is_well(url: str) -> bool:
    try:
        async with aiohttp.request("GET", url, timeout=aiohttp.ClientTimeout(total=2)) as response:
            return response.status == 200
    except (TimeoutError, aiohttp.ClientError):
        return False
