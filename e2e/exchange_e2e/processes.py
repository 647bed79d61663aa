"""Programs that the harness starts, and the ways in which it lets them end: asked, killed, frozen.

Each runs in a process group of its own, writes its output to a log file, and is killed by the kernel when the harness
itself dies. Nothing is ever looked up by name: only what was started here is ended here.
"""

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from .waiting import until


class Died(Exception):
    """A program ended that should run."""


class Process:
    """One program, which can be started again after it ended. `made` lists all of them, for the end of the run."""

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
        """Has it started by another command, which ends by executing it."""
        self._command = [*launcher, *self._command]

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.returncode is None

    async def start(self, within: float = 60) -> None:
        """Starts it and waits until it is ready for work."""
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
        """Is it ready for work? It has to run."""
        if not self.is_running:
            raise Died(f"{self.name} ended at its start; see {self.log}")
        return await self._is_up()

    async def kill(self) -> None:
        """kill -9."""
        await self._end(signal.SIGKILL, within=10)

    async def terminate(self, with_signal: signal.Signals = signal.SIGTERM, within: float = 30) -> None:
        """Asks it to end, and kills it if it does not."""
        await self._end(with_signal, within)

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def memory(self, figure: str = "VmRSS") -> float:
        """What it has in memory, in MiB. With `VmHWM` the most that it had so far."""
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
        """To the whole group, but for PostgreSQL, whose children have groups of their own and follow their parent."""
        assert self._process is not None
        if self._process.returncode is None:
            # It may have ended by itself a moment ago.
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, number)


def _guard(user: str | None) -> list[str]:
    """The kernel kills the program when the harness dies. `user` matters to root only."""
    guard = ["setpriv", "--pdeathsig", "KILL"]
    if user is not None and os.geteuid() == 0:
        guard += ["--reuid", user, "--regid", user, "--clear-groups"]
    return [*guard, "--"]
