"""Three instances behind NGINX: forwarding, retries, rejections, and the form of its error responses."""

from ...balancer import Balancer
from ...deployment import PAGE_ORIGIN
from ...mirror import Mirror
from ...report import Check, at_least, none
from ...world import World
from .balancing import sends_again, takes_turns
from .clients import faults
from .forwarding import distrusts, passes
from .limits import half_sent, limits, preflights, refuses


async def run(world: World) -> list[Check]:
    async with Mirror() as mirror:
        checks = await passes(world, mirror) + await distrusts(world, mirror)
    async with world.deployment("proxy", apis=3, notifiers=1, log_level="warn") as exchange:
        urls = {name: api.url for name, api in exchange.instances.items()}
        async with world.balancer("proxy", urls, cors_origins=PAGE_ORIGIN) as balancer:
            checks += await takes_turns(exchange, balancer)
            checks += await sends_again(exchange, balancer)
            checks += await limits(balancer)
            checks += await preflights(balancer)
            checks += await half_sent(balancer)
            checks += await refuses(balancer)
            for api in exchange.apis:
                await api.kill()
            checks += [
                none(f"no instance at all, {path}: not 502 as a problem", await faults(balancer, "GET", path, 502))
                for path in ("/games", "/events")
            ]
            for api in exchange.apis:
                await api.start()
            checks += _log(balancer)
        await exchange.settled(within=60)
    return checks


def _log(balancer: Balancer) -> list[Check]:
    """Checks the access log. Reading it fails unless each line is JSON; a response of an instance names it."""
    lines = balancer.requests()
    wrong = [
        line
        for line in lines
        if not line["request_id"]
        or not line["trace_id"]
        or bool(line["upstream"]) != bool(line["upstream_status"])
        or (line["path"] == "/whoami" and line["status"] == 200 and not line["instance"].startswith("API-"))
    ]
    return [
        at_least("lines of NGINX's log, all of them JSON", len(lines), 500),
        none("lines without request id, trace or instance", wrong),
        none("lines with a query", [line for line in lines if "?" in line["path"]]),
    ]
