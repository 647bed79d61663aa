"""The drills, in the order in which they run. To add one, write its file with `async def run(world) -> list[Check]` and
a first line of documentation that says what it shows, and list it here. `privacy` is last: it searches the data that
the others left.
"""

from collections.abc import Awaitable, Callable

from ..report import Check
from ..world import World
from . import (
    crashes,
    disk,
    headers,
    instances,
    latency,
    letters,
    links,
    live,
    log_ins,
    mail,
    memory,
    outside,
    overload,
    privacy,
    proxy,
    retries,
    screens,
    storm,
    takeover,
    tls,
    unreadable,
)

Drill = Callable[[World], Awaitable[list[Check]]]

DRILLS: dict[str, Drill] = {
    "storm": storm.run,
    "takeover": takeover.run,
    "crashes": crashes.run,
    "disk": disk.run,
    "mail": mail.run,
    "letters": letters.run,
    "unreadable": unreadable.run,
    "latency": latency.run,
    "headers": headers.run,
    "tls": tls.run,
    "links": links.run,
    "live": live.run,
    "log-ins": log_ins.run,
    "screens": screens.run,
    "retries": retries.run,
    "proxy": proxy.run,
    "instances": instances.run,
    "overload": overload.run,
    "memory": memory.run,
    "outside": outside.run,
    "privacy": privacy.run,
}
