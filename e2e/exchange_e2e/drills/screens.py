"""Two people in browsers, each at another instance behind NGINX: the actions of one show on the other's screen."""

import asyncio
import json
from pathlib import Path
from typing import Any

from ..report import Check, at_most, exactly, if_measured, information
from ..world import World

_WEB = Path(__file__).parents[3] / "examples" / "web"
_LIMIT_MS = 1000


async def run(world: World) -> list[Check]:
    await _npm("run", "build")
    async with world.deployment("screens", apis=3, notifiers=1) as exchange:
        urls = {name: api.url for name, api in exchange.instances.items()}
        async with world.balancer("screens", urls, app=_WEB / "dist") as balancer:
            printed = await _npm("run", "--silent", "test:deployment", "--", f"{balancer.url}/app/")
        await exchange.settled(within=60)
    saw: dict[str, Any] = json.loads(printed)
    return [
        exactly("instances that the two were connected to", len(set(saw["instances"])), 2),
        if_measured(at_most("her offer on his screen", saw["offer_ms"], _LIMIT_MS, " ms"), world.scale.measures),
        if_measured(
            at_most("his reply on hers, clicks included", saw["answer_ms"], _LIMIT_MS, " ms"), world.scale.measures
        ),
        information("the instances", " and ".join(saw["instances"])),
    ]


async def _npm(*arguments: str) -> bytes:
    process = await asyncio.create_subprocess_exec(
        "npm", "--prefix", str(_WEB), *arguments, stdout=asyncio.subprocess.PIPE
    )
    printed, _ = await process.communicate()
    if process.returncode != 0:
        raise RuntimeError(f"npm {' '.join(arguments)} failed: {printed.decode()}")
    return printed
