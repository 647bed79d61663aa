"""Five times the capacity of the exchange, and 200 log-ins at once: it serves what it can and rejects the rest."""

import asyncio
import itertools
import os
from collections.abc import Iterable

from ..crowd import Course, Crowd, Reply, crowd, p99
from ..deployment import Deployment
from ..report import Check, at_least, at_most, if_measured, information, none
from ..scale import Scale
from ..world import World

_PEOPLE = 20
_GAMES = 100
# Enough clients to keep each below the rate limit of one address, on any machine.
_ADDRESSES = [f"127.0.{net}.{number}" for net in (6, 7) for number in range(1, 251)]
# The load is raised in steps, from half of what a few clients achieve in a closed loop, until less than this part of it
# succeeds.
_IN_TURNS = 8
_STEP, _STEP_SECONDS = 1.2, 4.0
_OUTDONE = 0.8
# At the sustainable load this part of the requests succeeds at the first attempt.
_SUSTAINED = 0.99
_TIMES = 5
_GOODPUT = 0.8
_REFUSED_WITHIN = 50.0
# The limit of an instance's growth: all admitted requests and their responses.
_GROWTH = 256
# A list of games, their owners, and the other games of these.
_OWNED = "games(first: 20) { nodes { id name publisher gamingSystem } }"
_DEAR = {"query": f"{{ games(first: 100) {{ nodes {{ id name publisher owner {{ id name {_OWNED} }} }} }} }}"}
_LOGINS = 200
_OTHERS_RATE = 50
_OTHERS_WITHIN = 50.0


async def run(world: World) -> list[Check]:
    async with world.deployment("overload", apis=3, notifiers=1, log_level="error") as exchange:
        people = await exchange.people(_PEOPLE)
        for number in range(_GAMES):
            await exchange.client.list_game(people[number % _PEOPLE].id, f"Game {number}")
        await exchange.settled(within=60)
        urls = {name: api.url for name, api in exchange.instances.items()}
        async with world.balancer("overload", urls) as balancer, crowd(balancer.url, _ADDRESSES) as everybody:
            logins = [{"email": person.email, "password": person.password} for person in people]
            return [
                *await _log_ins(everybody, logins, world.scale),
                *await _overload(exchange, everybody, world.scale),
            ]


async def _log_ins(everybody: Crowd, logins: list[dict[str, str]], scale: Scale) -> list[Check]:
    """Logs in from many addresses, so that NGINX forwards all requests to the queues of the instances."""
    seconds = scale.overload_seconds

    async def others() -> list[Reply]:
        return (await everybody.at_rate(_OTHERS_RATE, seconds, "GET", "/games")).replies

    alone = await others()
    logins_at_once = [everybody.ask("POST", "/auth/login", logins[number % len(logins)]) for number in range(_LOGINS)]
    beside, replies = await asyncio.gather(others(), asyncio.gather(*logins_at_once))
    limit = max(_OTHERS_WITHIN, 2 * p99(alone))
    return [
        information(f"{_LOGINS} log-ins at once: successful", str(sum(reply.is_done for reply in replies))),
        none("neither successful nor a problem with Retry-After", _untold(replies)),
        none("other routes meanwhile: failed", _shown(reply for reply in alone + beside if not reply.is_done)),
        information("other routes, p99 without log-ins", f"{p99(alone):g} ms"),
        if_measured(at_most("other routes, p99 with log-ins", p99(beside), limit, " ms"), scale.measures),
    ]


async def _overload(exchange: Deployment, everybody: Crowd, scale: Scale) -> list[Check]:
    sustainable, peak = await _what_can_be_done(everybody)
    before = _memory(exchange)
    course = await _at_rate(everybody, _TIMES * sustainable, scale.overload_seconds)
    grown = max(after - before[name] for name, after in _memory(exchange).items())
    again = await _at_rate(everybody, sustainable, _STEP_SECONDS)
    return [
        information("capacity in requests a second: sustainable, peak", f"{sustainable:.0f}, {peak.goodput:.0f}"),
        information(
            f"{_TIMES} times the capacity: sent, successful, rejected",
            f"{len(course.replies)}, {len(course.done)}, {len(course.refused)}",
        ),
        information("the clients meanwhile: cores, largest delay", f"{course.cores:.2f}, {1000 * course.late:.0f} ms"),
        information("goodput in percent of the peak", str(round(100 * course.goodput / peak.goodput))),
        if_measured(
            at_least(
                "the same for each core that the clients leave",
                round(100 * _of_a_core(course) / _of_a_core(peak)),
                100 * _GOODPUT,
            ),
            scale.measures,
        ),
        information("successful requests, p99", f"{p99(course.done):g} ms"),
        if_measured(at_most("rejections, p99", p99(course.refused), _REFUSED_WITHIN, " ms"), scale.measures),
        none("responses that are neither successful nor a problem with Retry-After", _untold(course.replies)),
        at_most("growth of an instance's memory", round(grown), _GROWTH, " MiB"),
        if_measured(
            at_least(
                "afterwards, at the sustainable load: successful, in percent", _percent_done(again), 100 * _OUTDONE
            ),
            scale.measures,
        ),
    ]


async def _what_can_be_done(everybody: Crowd) -> tuple[float, Course]:
    """Finds the sustainable load in requests a second, and the course with the highest throughput."""
    replies = await everybody.in_turns(_IN_TURNS, _STEP_SECONDS, "POST", "/graphql", _DEAR)
    first = sum(reply.is_done for reply in replies) / _STEP_SECONDS / 2
    sustainable, courses = first, []
    for step in itertools.count():
        rate = first * _STEP**step
        course = await _at_rate(everybody, rate, _STEP_SECONDS)
        courses.append(course)
        if _percent_done(course) >= 100 * _SUSTAINED:
            sustainable = rate
        if _percent_done(course) < 100 * _OUTDONE:
            return sustainable, max(courses, key=lambda course: course.goodput)
    raise AssertionError("no load is too high")


async def _at_rate(everybody: Crowd, rate: float, seconds: float) -> Course:
    return await everybody.at_rate(rate, seconds, "POST", "/graphql", _DEAR)


def _of_a_core(course: Course) -> float:
    """Returns the throughput for each core that the clients leave: real clients have their own machines."""
    return course.goodput / (len(os.sched_getaffinity(0)) - course.cores)


def _percent_done(course: Course) -> float:
    return round(100 * len(course.done) / len(course.replies), 1)


def _untold(replies: list[Reply]) -> list[str]:
    return _shown(reply for reply in replies if not reply.is_done and not reply.is_told)


def _shown(replies: Iterable[Reply]) -> list[str]:
    return [f"{reply.status} {reply.text[:120]}" for reply in replies]


def _memory(exchange: Deployment) -> dict[str, float]:
    """Returns the memory of each instance in MiB."""
    return {api.name: api.memory() for api in exchange.apis}
