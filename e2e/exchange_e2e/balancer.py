"""NGINX before instances, with the very configuration of the deployment: `nginx/` at the top of the repository."""

import asyncio
import json
from collections.abc import Mapping
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
        files: Path | None,
    ) -> None:
        """`instances`: the address of each, as host and port, by its name. `files`: a directory with the front end in
        `app`."""
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        self._settings = {
            "RUN": str(scratch / f"{name}-nginx"),
            "LISTEN": f"127.0.0.1:{port}",
            "INSTANCES": " ".join(f"{name}={address}" for name, address in instances.items()),
            "TRUST_X_USER_ID": str(trust_x_user_id).lower(),
            "FILES": str(files or ""),
        }
        log = logs / f"{name}-nginx.log"
        super().__init__(f"{name}/nginx", [str(_NGINX / "serve")], self._settings, log, self._answers)

    async def __aenter__(self) -> "Balancer":
        await self.start()
        return self

    async def __aexit__(self, *_failure: object) -> None:
        await self.terminate()

    async def _answers(self) -> bool:
        """It answers by itself, whether there is an instance or not, and a front end or not."""
        try:
            async with aiohttp.request("GET", f"{self.url}/app/") as response:
                return response.status in (200, 404)
        except aiohttp.ClientError:
            return False

    async def take_down(self, instance: str) -> None:
        """Gives it no request any more; returns when the last one that was given to it is answered."""
        await self._instance("down", instance)

    async def put_up(self, instance: str) -> None:
        await self._instance("up", instance)

    async def _instance(self, *arguments: str) -> None:
        with self.log.open("ab") as log:
            process = await asyncio.create_subprocess_exec(
                str(_NGINX / "instance"), *arguments, env=self.environment, stdout=log, stderr=log
            )
        if await process.wait() != 0:
            raise RuntimeError(f"{self.name}: instance {' '.join(arguments)} failed; see {self.log}")

    def requests(self) -> list[dict[str, Any]]:
        """What the access log has, a line for each request."""
        lines = self.log.read_text().splitlines()
        # NGINX itself says what it does in lines that begin with the time.
        return [json.loads(line) for line in lines if not line[:4].isdigit()]
