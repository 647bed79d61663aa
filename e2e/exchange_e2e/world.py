"""The state that all drills share: the servers, the programs under test, and every deployment so far."""

from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from .balancer import Balancer
from .deployment import DEVELOPMENT_SECRET, Deployment
from .kafka import Kafka
from .mail import Catcher
from .postgres import Postgres
from .scale import Scale


class World:
    def __init__(self, binaries: Path, postgres: Path, kafka: Path, scratch: Path, logs: Path, scale: Scale) -> None:
        self.scratch = scratch
        self.scale = scale
        self.postgres = Postgres(postgres, scratch, logs)
        self.kafka = Kafka(kafka, scratch, logs)
        self.deployments: list[Deployment] = []
        self.binaries, self.logs = binaries, logs
        self._postgres_binaries = postgres

    async def start(self) -> None:
        """Starts the servers that are not running: first all, later those that a failed drill stopped."""
        await self.postgres.start()
        await self.kafka.start()

    def postgres_at(self, home: Path) -> Postgres:
        """Creates a server for one drill, in this directory."""
        return Postgres(self._postgres_binaries, home, home, segment_size=1)

    async def stop(self) -> None:
        await self.kafka.kill()
        await self.postgres.stop()

    def deployment(
        self,
        name: str,
        *,
        apis: int = 2,
        notifiers: int = 2,
        log_level: str = "info",
        catcher: Catcher | None = None,
        secret: str = DEVELOPMENT_SECRET,
        trust_x_user_id: bool = True,
    ) -> Deployment:
        """Creates an exchange, to be used as `async with`. With another secret than the published one it is not in
        development mode, and e-mail addresses have to be confirmed."""
        made = Deployment(
            name,
            self.binaries,
            self.logs,
            self.postgres,
            self.kafka,
            catcher or Catcher(),
            apis,
            notifiers,
            log_level,
            secret,
            trust_x_user_id,
        )
        self.deployments.append(made)
        return made

    def balancer(
        self,
        name: str,
        instances: Mapping[str, str],
        *,
        trust_x_user_id: bool = True,
        app: Path | None = None,
        cors_origins: str = "",
    ) -> Balancer:
        """Creates an NGINX in front of instances, given as URLs by name; to be used as `async with`. Its log is among
        those of the deployment of this name. `app`: a directory with the front end."""
        addresses = {instance: urlsplit(url).netloc for instance, url in instances.items()}
        return Balancer(name, addresses, self.scratch, self.logs, trust_x_user_id, app, cors_origins)
