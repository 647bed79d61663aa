"""Programs that the harness starts, stops, kills and freezes.

Each runs in its own process group, writes its output to a log file, and is killed by the kernel when the harness itself
dies. Processes are never looked up by name: only those that were started here are ended here.
"""

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from .waiting import until


class Died(Exception):
    """A program ended unexpectedly."""


class Process:
    """One program, which can be restarted after it ended. `made` lists all of them, for the end of the run."""

    made: list["Process"] = []

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        environment: Mapping[str, str],
        log: Path,
        answers: Callable[[], Awaitable[bool]],
        user: str | None = None,
    ) -> None:
        self.name = name
        self.log = log
        self._command = [*_guard(user), *command]
        self.environment = {"PATH": os.environ["PATH"], **environment}
        self._is_up = answers
        self._process: asyncio.subprocess.Process | None = None
        Process.made.append(self)

    def launch_by(self, launcher: Sequence[str]) -> None:
        """Starts it through another command, which executes it at its end."""
        self._command = [*launcher, *self._command]

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.returncode is None

    async def start(self, within: float = 60) -> None:
        """Starts it and waits until it is ready."""
        with self.log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *self._command,
                env=self.environment,
                cwd=self.log.parent,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        await until(f"{self.name} is ready", self.is_ready, within=within)

    async def is_ready(self) -> bool:
        """Returns whether it is ready. Raises if it is not running."""
        if not self.is_running:
            raise Died(f"{self.name} ended at startup; see {self.log}")
        return await self._is_up()

    async def kill(self) -> None:
        """Kills it (kill -9)."""
        await self._end(signal.SIGKILL, within=10)

    async def terminate(self, with_signal: signal.Signals = signal.SIGTERM, within: float = 30) -> None:
        """Asks it to end, and kills it if it does not end in time."""
        await self._end(with_signal, within)

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def memory(self, figure: str = "VmRSS") -> float:
        """Returns its resident memory in MiB; with `VmHWM` its maximum so far."""
        status = Path(f"/proc/{self.pid}/status").read_text()
        [kilobytes] = [line.split()[1] for line in status.splitlines() if line.startswith(figure)]
        return int(kilobytes) / 1024

    def freeze(self) -> None:
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self._signal(signal.SIGCONT)

    async def _end(self, with_signal: signal.Signals, within: float) -> None:
        if not self.is_running:
            return
        assert self._process is not None
        self._signal(with_signal)
        try:
            await asyncio.wait_for(self._process.wait(), within)
        except TimeoutError:
            self._signal(signal.SIGKILL)
            await self._process.wait()

    def _signal(self, number: signal.Signals) -> None:
        """Signals the whole group; PostgreSQL's children have their own groups and follow their parent."""
        assert self._process is not None
        if self._process.returncode is None:
            # It may just have ended by itself.
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, number)


def _guard(user: str | None) -> list[str]:
    """Makes the kernel kill the program when the harness dies. `user` is for root only."""
    guard = ["setpriv", "--pdeathsig", "KILL"]
    if user is not None and os.geteuid() == 0:
        guard += ["--reuid", user, "--regid", user, "--clear-groups"]
    return [*guard, "--"]
