"""A live exchange for tests: the program `api` on a free port of 127.0.0.1, with an empty SQLite file in its own
directory. It is ended by its process id. As a program it runs a command with the URL in EXCHANGE_URL:

    python clients/live_server.py [--demo] COMMAND [ARGUMENT…]

EXCHANGE_BINARY is the program; without it, target/debug/api of this checkout (`cargo build`).
"""

import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

BINARY = Path(__file__).resolve().parent.parent / "target/debug/api"
READY_WITHIN_S = 30
ENDS_WITHIN_S = 15


@contextmanager
def live_server(*options: str) -> Iterator[str]:
    """Starts the exchange with these options, yields its URL, and ends it."""
    binary = Path(os.environ.get("EXCHANGE_BINARY", BINARY)).resolve()
    if not binary.exists():
        raise SystemExit(f"{binary} does not exist: build it (cargo build), or set EXCHANGE_BINARY")
    with tempfile.TemporaryDirectory(prefix="exchange-") as directory:
        port = free_port()
        log = Path(directory, "server.log")
        with log.open("wb") as output:
            process = subprocess.Popen(
                [binary, *options],
                cwd=directory,
                env=_settings(port),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
            )
        try:
            url = f"http://127.0.0.1:{port}"
            _wait_until_ready(url, process, log)
            yield url
            if process.poll() is not None:
                raise SystemExit(f"the exchange ended during the test:\n{_tail(log)}")
        finally:
            _end(process)


def _settings(port: int) -> dict[str, str]:
    """Returns settings without those of the caller, except the paths of programs and libraries."""
    kept = {name: value for name, value in os.environ.items() if name in ("PATH", "LD_LIBRARY_PATH")}
    return kept | {
        "HOST": "127.0.0.1",
        "PORT": str(port),
        "DATABASE_URL": "sqlite://exchange.db?mode=rwc",
        "RUST_LOG": "warn",
    }


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait_until_ready(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + READY_WITHIN_S
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(f"{url}/health/ready", timeout=2):
                return
        except OSError:
            time.sleep(0.05)
    raise SystemExit(f"the exchange does not answer:\n{_tail(log)}")


def _tail(log: Path) -> str:
    return "\n".join(log.read_text(errors="replace").splitlines()[-40:])


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(ENDS_WITHIN_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def main() -> int:
    command = sys.argv[1:]
    options = ["--demo"] if command[:1] == ["--demo"] else []
    command = command[len(options) :]
    if not command:
        raise SystemExit(__doc__)
    with live_server(*options) as url:
        return subprocess.run(command, env=os.environ | {"EXCHANGE_URL": url}, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
