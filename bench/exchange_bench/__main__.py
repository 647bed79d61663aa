"""Measures, prints the results, and writes docs/performance.md on request. Started by `bench/run`, which installs and
builds what is needed.

A figure that misses its goal fails nothing, since the speed of a machine is not a property of the code. A wrong
response fails the run.
"""

import argparse
import asyncio
import os
import platform
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from string import Template

from exchange_e2e.postgres import Postgres
from exchange_e2e.processes import Process

from .against import against
from .databases import Databases
from .measurements import MEASUREMENTS
from .report import Section, markdown, table
from .scale import FULL, SHORT, Scale
from .servers import Servers
from .world import World
from .wrk import Wrk

# The minimum number of rounds for two builds, for a meaningful interval.
_LEAST_ROUNDS = 9
_TEMPLATE = Path(__file__).parent / "performance.md"
_PAGE = Path(__file__).parents[2] / "docs" / "performance.md"


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench/run", description="Compares the exchange with other systems.")
    parser.add_argument("--short", action="store_true", help="show that everything can be measured, without figures")
    parser.add_argument("--only", nargs="+", choices=MEASUREMENTS, metavar="NAME", help="run only these measurements")
    parser.add_argument("--rounds", type=int, help="the number of rounds; default: 5, or 9 against another build")
    parser.add_argument("--against", type=Path, metavar="BINARY", help="only compare with this api of another build")
    parser.add_argument("--write", action="store_true", help="write docs/performance.md")
    for name, what in [
        ("binaries", "api and bench"),
        ("postgres", "initdb, postgres and pgbench"),
        ("fastapi", "the Python environment of FastAPI"),
    ]:
        parser.add_argument(f"--{name}", type=Path, required=True, help=f"the directory of {what}; bench/run passes it")
    options = parser.parse_args()
    if options.write and (options.short or options.only):
        parser.error("--write needs all measurements in the full form")
    if options.against and (options.only or options.write):
        parser.error("--against compares everything and writes no page")
    if options.against and not os.access(options.against, os.X_OK):
        parser.error(f"{options.against} is not a program; pass the api of another build, such as target/release/api")
    least = 2 if options.short else _LEAST_ROUNDS
    if options.against and options.rounds is not None and options.rounds < least:
        parser.error(f"an interval needs {least} rounds or more")
    return options


def scale_of(options: argparse.Namespace) -> Scale:
    scale = SHORT if options.short else FULL
    if options.against:
        scale = replace(scale, rounds=2 if options.short else _LEAST_ROUNDS)
    return scale if options.rounds is None else replace(scale, rounds=options.rounds)


async def run(options: argparse.Namespace, scale: Scale, scratch: Path, logs: Path) -> dict[str, Section]:
    this = asyncio.current_task()
    assert this is not None
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, this.cancel)
    postgres = Postgres(options.postgres, scratch, logs)
    databases = Databases(postgres, options.binaries, options.postgres, logs / "postgres.log")
    servers = Servers(options.binaries, options.fastapi, logs)
    world = World(scale, databases, servers, Wrk(scratch), scratch)
    found = {}
    try:
        await postgres.start()
        if options.against:
            found = {section.title: section for section in await against(world, options.against)}
            return found
        for name, measure in MEASUREMENTS.items():
            if options.only is None or name in options.only:
                began = time.monotonic()
                say(f"{name} ...")
                found[name] = await measure(world)
                say(f"{name}: {time.monotonic() - began:.0f} s")
    finally:
        await postgres.stop()
        for process in Process.made:
            await process.kill()
        print(f"\n{table(list(found.values()), scale.measures)}\n")
    return found


def say(text: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {text}", file=sys.stderr, flush=True)


def machine(postgres: Path) -> str:
    """Describes the machine."""
    processors = re.findall(r"^model name\s*: (.*)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    processor = processors[0] if processors else platform.machine()
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    rust, server = (
        subprocess.run([program, "--version"], check=True, capture_output=True, text=True).stdout.strip()
        for program in ("rustc", str(postgres / "postgres"))
    )
    cores = len(os.sched_getaffinity(0))
    return f"{cores} cores ({processor}), {memory:.0f} GiB, Linux {platform.release()}; {rust}; {server}"


def write(found: dict[str, Section], options: argparse.Namespace, scale: Scale) -> None:
    parts = {name: f"## {section.title}\n\n{markdown(section)}" for name, section in found.items()}
    page = Template(_TEMPLATE.read_text()).substitute(parts, machine=machine(options.postgres), rounds=scale.rounds)
    _PAGE.write_text(page)


def main() -> int:
    options = arguments()
    scale = scale_of(options)
    # PostgreSQL, which runs as another user, has its directory below it.
    scratch = Path(tempfile.mkdtemp(prefix="exchange-bench-"))
    scratch.chmod(0o711)
    logs = Path(tempfile.mkdtemp(prefix="exchange-bench-logs-"))
    logs.chmod(0o711)
    try:
        found = asyncio.run(run(options, scale, scratch, logs))
    except BaseException:
        say(f"the logs are in {logs}")
        raise
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    shutil.rmtree(logs, ignore_errors=True)
    if options.write:
        write(found, options, scale)
    return 0


if __name__ == "__main__":
    sys.exit(main())
