"""Five times of what the exchange can do, and 200 log-ins at once: it does what it can and refuses the rest."""

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
# As many as keep each of them below the rate of one address, whatever the machine can do.
_ADDRESSES = [f"127.0.{net}.{number}" for net in (6, 7) for number in range(1, 251)]
# The load is raised in steps, from half of what a few are served who ask in turns, until less than this part of it is
# done.
_IN_TURNS = 8
_STEP, _STEP_SECONDS = 1.2, 4.0
_OUTDONE = 0.8
# At the sustainable load this part of the requests is done at the first try.
_SUSTAINED = 0.99
_TIMES = 5
_GOODPUT = 0.8
_REFUSED_WITHIN = 50.0
# What an instance may grow by: all the requests that it lets in, and their answers.
_GROWTH = 256
# A list of everything, its owners, and what else they have.
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
    """Each from an address of its own, so that NGINX lets all of them pass to the queues of the instances."""
    seconds = scale.overload_seconds

    async def others() -> list[Reply]:
        return (await everybody.at_rate(_OTHERS_RATE, seconds, "GET", "/games")).replies

    alone = await others()
    logins_at_once = [everybody.ask("POST", "/auth/login", logins[number % len(logins)]) for number in range(_LOGINS)]
    beside, replies = await asyncio.gather(others(), asyncio.gather(*logins_at_once))
    limit = max(_OTHERS_WITHIN, 2 * p99(alone))
    return [
        information(f"{_LOGINS} log-ins at once: done", str(sum(reply.is_done for reply in replies))),
        none("and neither done nor refused as a problem with Retry-After", _untold(replies)),
        none("other routes meanwhile: not done", _shown(reply for reply in alone + beside if not reply.is_done)),
        information("other routes, p99 without log-ins", f"{p99(alone):g} ms"),
        if_measured(at_most("other routes, p99 beside them", p99(beside), limit, " ms"), scale.measures),
    ]


async def _overload(exchange: Deployment, everybody: Crowd, scale: Scale) -> list[Check]:
    sustainable, peak = await _what_can_be_done(everybody)
    before = _memory(exchange)
    course = await _at_rate(everybody, _TIMES * sustainable, scale.overload_seconds)
    grown = max(after - before[name] for name, after in _memory(exchange).items())
    again = await _at_rate(everybody, sustainable, _STEP_SECONDS)
    return [
        information("what can be done, requests a second: sustainable, peak", f"{sustainable:.0f}, {peak.goodput:.0f}"),
        information(
            f"asked for {_TIMES} times of it: asked, done, refused",
            f"{len(course.replies)}, {len(course.done)}, {len(course.refused)}",
        ),
        information("meanwhile the crowd itself: cores, latest", f"{course.cores:.2f}, {1000 * course.late:.0f} ms"),
        information("goodput in percent of the peak", str(round(100 * course.goodput / peak.goodput))),
        if_measured(
            at_least(
                "the same for each core that the crowd leaves",
                round(100 * _of_a_core(course) / _of_a_core(peak)),
                100 * _GOODPUT,
            ),
            scale.measures,
        ),
        information("what was done, p99", f"{p99(course.done):g} ms"),
        if_measured(at_most("refusals, p99", p99(course.refused), _REFUSED_WITHIN, " ms"), scale.measures),
        none("answers that are neither done nor a problem with Retry-After", _untold(course.replies)),
        at_most("an instance's memory, grown by", round(grown), _GROWTH, " MiB"),
        if_measured(
            at_least("afterwards, at the sustainable load: done, in percent", _percent_done(again), 100 * _OUTDONE),
            scale.measures,
        ),
    ]


async def _what_can_be_done(everybody: Crowd) -> tuple[float, Course]:
    """The sustainable load in requests a second, and the course in which the most was done."""
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
    raise AssertionError("no load is too much")


async def _at_rate(everybody: Crowd, rate: float, seconds: float) -> Course:
    return await everybody.at_rate(rate, seconds, "POST", "/graphql", _DEAR)


def _of_a_core(course: Course) -> float:
    """What is done in a second, for each core that is left: the people would have machines of their own."""
    return course.goodput / (len(os.sched_getaffinity(0)) - course.cores)


def _percent_done(course: Course) -> float:
    return round(100 * len(course.done) / len(course.replies), 1)


def _untold(replies: list[Reply]) -> list[str]:
    return _shown(reply for reply in replies if not reply.is_done and not reply.is_told)


def _shown(replies: Iterable[Reply]) -> list[str]:
    return [f"{reply.status} {reply.text[:120]}" for reply in replies]


def _memory(exchange: Deployment) -> dict[str, float]:
    """What each instance has in memory, in MiB."""
    return {api.name: api.memory() for api in exchange.apis}
