"""NGINX in front of instances, with the configuration of the deployment: `nginx/` at the top of the repository."""

import asyncio
import itertools
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import aiohttp

from .ports import free_port
from .processes import Process

_NGINX = Path(__file__).parents[2] / "nginx"


class Balancer(Process):
    """Use it as `async with`."""

    def __init__(
        self,
        name: str,
        instances: Mapping[str, str],
        scratch: Path,
        logs: Path,
        trust_x_user_id: bool,
        app: Path | None,
        cors_origins: str,
    ) -> None:
        """`instances`: the address of each, as host and port, by its name. `app`: a directory with the front end.
        `cors_origins`: origins whose pages may read NGINX's own responses."""
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        self._settings = {
            "RUN": str(scratch / f"{name}-nginx"),
            "LISTEN": f"127.0.0.1:{port}",
            "INSTANCES": " ".join(f"{name}={address}" for name, address in instances.items()),
            "TRUST_X_USER_ID": str(trust_x_user_id).lower(),
            "APP": str(app or ""),
            "CORS_ORIGINS": cors_origins,
        }
        log = logs / f"{name}-nginx.log"
        super().__init__(f"{name}/nginx", [str(_NGINX / "serve")], self._settings, log, self._answers)

    async def __aenter__(self) -> "Balancer":
        await self.start()
        return self

    async def __aexit__(self, *_failure: object) -> None:
        await self.terminate()

    async def _answers(self) -> bool:
        """Answers at a path that needs neither an instance nor a front end."""
        try:
            async with aiohttp.request("GET", f"{self.url}/app/") as response:
                return response.status in (200, 404)
        except aiohttp.ClientError:
            return False

    async def take_down(self, instance: str) -> None:
        """Takes the instance out of rotation; returns when its requests in flight are completed."""
        await self._instance("down", instance)

    async def put_up(self, instance: str) -> None:
        await self._instance("up", instance)

    async def each_down(self, instances: Sequence[str]) -> AsyncIterator[str]:
        """Takes the instances down one after the other, as `scripts/roll-out` does. The first is the free one, which
        has no streams; the streams of the others move to it."""
        first, *others = instances
        await self.take_down(first)
        yield first
        for before, instance in itertools.pairwise(instances):
            await self._instance("swap", before, instance)
            yield instance
        await self.put_up(instances[-1])
        await self._instance("free", others[0])

    async def free(self) -> str:
        """Returns the instance that gets no streams while all are up."""
        _, free = (await self._instance("state")).split()
        return free

    async def reload(self) -> None:
        """Reloads its changed files."""
        await self._run("reload")

    async def _instance(self, *arguments: str) -> str:
        return await self._run("instance", *arguments)

    async def _run(self, script: str, *arguments: str) -> str:
        with self.log.open("ab") as log:
            process = await asyncio.create_subprocess_exec(
                str(_NGINX / script), *arguments, env=self.environment, stdout=asyncio.subprocess.PIPE, stderr=log
            )
        printed, _ = await process.communicate()
        if process.returncode != 0:
            raise RuntimeError(f"{self.name}: {script} {' '.join(arguments)} failed; see {self.log}")
        return printed.decode()

    def requests(self) -> list[dict[str, Any]]:
        """Returns the lines of the access log, one for each request."""
        lines = self.log.read_text().splitlines()
        # NGINX's own messages begin with the time.
        return [json.loads(line) for line in lines if not line[:4].isdigit()]
