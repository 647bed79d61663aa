"""Runs drills and prints their results. Started by `e2e/run`, which installs and builds what is needed.

Always stops everything that it started. Removes the logs if every check passed.
"""

import argparse
import asyncio
import logging
import shutil
import signal
import sys
import tempfile
import time
import traceback
import warnings
from collections.abc import Iterable
from pathlib import Path

import uvloop

from .drills import DRILLS, Drill
from .processes import Process
from .report import Check, table
from .scale import FULL, SHORT
from .world import World

_TAIL = 15


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="e2e/run", description="Tests the deployment from outside.")
    parser.add_argument("--full", action="store_true", help="the promises as they are written; about half an hour")
    parser.add_argument("--only", nargs="+", choices=DRILLS, metavar="DRILL", help="run only these drills")
    parser.add_argument("--list", action="store_true", help="print the names of the drills and what each one shows")
    for name, what in [
        ("binaries", "api and notifier"),
        ("postgres", "initdb and postgres"),
        ("kafka", "Kafka's jars"),
    ]:
        parser.add_argument(f"--{name}", type=Path, required=True, help=f"the directory of {what}; e2e/run passes it")
    return parser.parse_args()


async def run(options: argparse.Namespace, scratch: Path, logs: Path) -> set[str]:
    """Runs the drills and returns those with a failed check."""
    this = asyncio.current_task()
    assert this is not None
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, this.cancel)
    scale = FULL if options.full else SHORT
    world = World(options.binaries, options.postgres, options.kafka, scratch, logs, scale)
    results: list[tuple[str, list[Check]]] = []
    try:
        for name, drill in DRILLS.items():
            if options.only is None or name in options.only:
                results.append((name, await _checks_of(name, drill, world)))
    finally:
        await world.stop()
        for process in Process.made:
            await process.kill()
        print(f"\n{table(results)}\n")
    return {name for name, checks in results if not all(check.holds for check in checks)}


async def _checks_of(name: str, drill: Drill, world: World) -> list[Check]:
    """Runs one drill. An exception counts as a failed check and does not prevent the other drills from running."""
    began = time.monotonic()
    say(f"{name} ...")
    try:
        await world.start()
        checks = await drill(world)
    except Exception as failure:
        traceback.print_exc()
        while isinstance(failure, ExceptionGroup):
            failure = failure.exceptions[0]
        checks = [Check("the drill completes", type(failure).__name__, "", False, str(failure))]
    failed = sum(not check.holds for check in checks)
    say(f"{name}: {time.monotonic() - began:.0f} s, {f'{failed} FAILED' if failed else 'ok'}")
    return checks


def say(text: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {text}", file=sys.stderr, flush=True)


def show_logs(logs: Path, drills: Iterable[str]) -> None:
    """Prints the ends of the logs of the servers and of these drills."""
    names = ["postgres", "kafka", *(f"{drill}-*" for drill in drills)]
    for log in sorted(log for name in names for log in logs.glob(f"{name}.log")):
        lines = log.read_text(errors="replace").splitlines()[-_TAIL:]
        print(f"\n==> the end of {log.name}", *(line[:200] for line in lines), sep="\n", file=sys.stderr)
    say(f"the logs are in {logs}")


def main() -> int:
    options = arguments()
    if options.list:
        for name, drill in DRILLS.items():
            print(f"{name:<12} {(sys.modules[drill.__module__].__doc__ or '').splitlines()[0]}")
        return 0
    # aiosmtpd logs every connection that a drill breaks, and warns about a server that accepts passwords in clear text.
    logging.getLogger("mail.log").setLevel(logging.CRITICAL)
    warnings.filterwarnings("ignore", module="aiosmtpd")
    # PostgreSQL, which runs as another user, and the programs have their directories below it.
    scratch = Path(tempfile.mkdtemp(prefix="exchange-e2e-"))
    scratch.chmod(0o711)
    logs = Path(tempfile.mkdtemp(prefix="exchange-e2e-logs-"))
    logs.chmod(0o711)
    failed = set(DRILLS)
    try:
        # The clients and the mail server share the cores with the system under test: a cheaper loop leaves it more.
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            failed = runner.run(run(options, scratch, logs))
    except (KeyboardInterrupt, asyncio.CancelledError):
        say("interrupted")
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
        if failed:
            show_logs(logs, failed)
        else:
            shutil.rmtree(logs, ignore_errors=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
