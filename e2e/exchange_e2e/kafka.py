"""An Apache Kafka broker (KRaft, one node), which can be stopped and restarted with the same data and port, and the
harness's own consumer and producer.

The library blocks, so each call runs in a thread.
"""

import asyncio
import subprocess
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from confluent_kafka import (
    OFFSET_BEGINNING,
    Consumer,
    KafkaException,
    Message,
    Producer,
    TopicPartition,
)
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic

from .ports import free_port
from .processes import Process

PARTITIONS = 6
# The default size limit of a batch, in bytes.
MAX_RECORD = 1_048_588
_PATIENCE = 30.0
# Any cluster id will do.
_CLUSTER = "exchange-drills-000001"

_Headers = Sequence[tuple[str, str | bytes | None]]

_SETTINGS = """
process.roles=broker,controller
node.id=1
listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}
advertised.listeners=PLAINTEXT://127.0.0.1:{port}
controller.listener.names=CONTROLLER
controller.quorum.bootstrap.servers=127.0.0.1:{controller}
log.dirs={data}
offsets.topic.num.partitions=4
offsets.topic.replication.factor=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
group.initial.rebalance.delay.ms=0
auto.create.topics.enable=false
"""


@dataclass(frozen=True)
class Record:
    """A record of a topic."""

    key: bytes
    value: bytes
    headers: Sequence[tuple[str, bytes]]
    partition: int = -1
    offset: int = -1
    named: dict[str, str] = field(init=False, compare=False)

    def __post_init__(self) -> None:
        texts = {name: value.decode(errors="replace") for name, value in self.headers}
        object.__setattr__(self, "named", texts)

    @property
    def event_id(self) -> str:
        return self.named.get("ce_id", "")


class Kafka:
    def __init__(self, jars: Path, scratch: Path, logs: Path) -> None:
        self._home = scratch / "kafka"
        self._jars = jars
        self._port, self._controller = free_port(), free_port()
        options = ["-Xms256m", "-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Dlog4j2.level=WARN"]
        command = [*self._java(*options), "kafka.Kafka", str(self._home / "server.properties")]
        self._server = Process("kafka", command, {}, logs / "kafka.log", self._answers)

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self._port}"

    def _java(self, *options: str) -> list[str]:
        return ["java", *options, "-cp", f"{self._jars}/*"]

    async def start(self) -> None:
        """Starts it unless it is running; after `stop` or `kill` with the same data."""
        if not self._home.exists():
            await asyncio.to_thread(self._format)
        if not self._server.is_running:
            await self._server.start()

    def _format(self) -> None:
        self._home.mkdir()
        settings = self._home / "server.properties"
        settings.write_text(_SETTINGS.format(port=self._port, controller=self._controller, data=self._home / "data"))
        tool = ["kafka.tools.StorageTool", "format", "--standalone", "-t", _CLUSTER, "-c", str(settings)]
        subprocess.run([*self._java(), *tool], check=True, capture_output=True)

    async def stop(self) -> None:
        await self._server.terminate()

    async def kill(self) -> None:
        await self._server.kill()

    async def _answers(self) -> bool:
        return await asyncio.to_thread(self._lists_topics)

    def _lists_topics(self) -> bool:
        try:
            AdminClient(self._client()).list_topics(timeout=1)
        except KafkaException:
            return False
        return True

    async def create_topic(self, name: str) -> None:
        admin = AdminClient(self._client())
        created = admin.create_topics([NewTopic(name, num_partitions=PARTITIONS, replication_factor=1)])
        await asyncio.to_thread(created[name].result, _PATIENCE)

    async def read(self, topic: str) -> list[Record]:
        """Reads the whole topic in its current state: partition by partition, each in its order."""
        return await asyncio.to_thread(self._read, topic)

    def _read(self, topic: str) -> list[Record]:
        consumer = self.reader()
        try:
            ends = self.ends(consumer, topic)
            consumer.assign([TopicPartition(topic, partition, OFFSET_BEGINNING) for partition in ends])
            records: list[Record] = []
            left = sum(ends.values())
            while left > 0:
                messages = consumer.consume(min(left, 1000), timeout=_PATIENCE)
                if not messages:
                    raise RuntimeError(f"{topic} does not return its last {left} records")
                records += [_record(message) for message in messages]
                left -= len(messages)
            return sorted(records, key=lambda record: (record.partition, record.offset))
        finally:
            consumer.close()

    def reader(self, group: str = "drills") -> Consumer:
        """Creates a consumer without a group: it assigns partitions itself and commits nothing."""
        return Consumer(self._client() | {"group.id": group, "enable.auto.commit": False})

    def _client(self) -> dict[str, Any]:
        """Returns settings of a client that does not log a stopped broker."""
        return {"bootstrap.servers": self.address, "log_level": 0, "reconnect.backoff.max.ms": 500}

    def ends(self, consumer: Consumer, topic: str) -> dict[int, int]:
        """Returns the offset of the next record of each partition."""
        partitions = consumer.list_topics(topic, timeout=_PATIENCE).topics[topic].partitions
        return {
            partition: consumer.get_watermark_offsets(TopicPartition(topic, partition), timeout=_PATIENCE)[1]
            for partition in partitions
        }

    async def lag(self, topic: str, group: str) -> int:
        """Returns the number of records that the group has not committed."""
        return await asyncio.to_thread(self._lag, topic, group)

    def _lag(self, topic: str, group: str) -> int:
        # Reads the group's offsets without joining it.
        consumer = self.reader(group)
        try:
            ends = self.ends(consumer, topic)
            committed = consumer.committed([TopicPartition(topic, partition) for partition in ends], timeout=_PATIENCE)
        finally:
            consumer.close()
        return sum(ends[one.partition] - max(one.offset, 0) for one in committed)

    async def write(self, topic: str, records: Iterable[Record]) -> None:
        """Writes records and waits until the broker acknowledged them."""
        await asyncio.to_thread(self._write, topic, list(records))

    def _write(self, topic: str, records: list[Record]) -> None:
        producer = Producer(self._client() | {"acks": "all", "message.max.bytes": MAX_RECORD})
        failures: list[str] = []

        def delivered(failure: object, _message: Message) -> None:
            if failure is not None:
                failures.append(str(failure))

        for record in records:
            producer.produce(
                topic, value=record.value, key=record.key, headers=dict(record.headers), on_delivery=delivered
            )
            producer.poll(0)
        left = producer.flush(_PATIENCE)
        if left or failures:
            raise RuntimeError(f"{left} records were not written; failures: {failures[:3]}")


class Tail:
    """Follows a topic from its current end, for drills that act on an event as soon as it arrives."""

    def __init__(self, kafka: Kafka, topic: str) -> None:
        self._consumer = kafka.reader()
        self._seen: set[str] = set()
        ends = kafka.ends(self._consumer, topic)
        self._consumer.assign([TopicPartition(topic, partition, end) for partition, end in ends.items()])

    async def has(self, event_id: str) -> bool:
        """Returns whether the event has arrived."""
        await asyncio.to_thread(self._poll)
        return event_id in self._seen

    def _poll(self) -> None:
        for message in self._consumer.consume(500, timeout=0.05):
            if message.error() is None:
                self._seen.add(_record(message).event_id)

    def close(self) -> None:
        self._consumer.close()


def _record(message: Message) -> Record:
    if message.error() is not None:
        raise KafkaException(message.error())
    partition, offset = message.partition(), message.offset()
    assert partition is not None and offset is not None
    headers = [(name, _bytes(value)) for name, value in cast(_Headers, message.headers() or [])]
    return Record(_bytes(message.key()), _bytes(message.value()), headers, partition, offset)


def _bytes(value: str | bytes | None) -> bytes:
    return value.encode() if isinstance(value, str) else value or b""
