"""Tests clients with their default settings: queries, mutations and subscriptions, directly and through NGINX. Prints a
line for each client, scenario and path; fails if a client saw an unexpected result.

    clients/real/run
"""

import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
from live_server import free_port, live_server  # noqa: E402

PROGRAMS = (
    ["node", "urql.mjs"],
    ["node", "apollo.mjs"],
    ["node", "streams.mjs"],
    [sys.executable, "gql_client.py"],
    ["java", "Exchange.java"],
)
VIEWER = '{"query": "{ viewer { name } }"}'
JSON = "Content-Type: application/json"
TOO_LARGE = 8 << 20
ANSWERS_WITHIN_S = 10


def call(url: str, method: str, path: str, body: Any = None, token: str | None = None) -> Any:
    headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url + path, data, headers, method=method)
    with urllib.request.urlopen(request, timeout=20) as response:
        return json.load(response)


def people(url: str) -> dict[str, str]:
    """Creates Ann and Bob and an offer of hers to him, and returns the newest event before that."""
    tokens, games = {}, {}
    for name in ("ann", "bob"):
        person = {"name": name, "email": f"{name}@example.com", "password": "a long enough password"}
        person["street_address"] = "Main Street 1"
        call(url, "POST", "/users", person)
        session = call(url, "POST", "/auth/login", {"email": person["email"], "password": person["password"]})
        tokens[name] = session["access_token"]
        game = {"name": "Ico", "publisher": "Sony", "year_published": 2001, "gaming_system": "PS2", "condition": "good"}
        games[name] = call(url, "POST", "/games", game, tokens[name])["id"]
    newest = call(url, "POST", "/graphql", {"query": "{ newestEvent }"}, tokens["ann"])["data"]["newestEvent"]
    sides = {"offered_game_ids": [games["ann"]], "requested_game_ids": [games["bob"]]}
    offer = call(url, "POST", "/offers", sides, tokens["ann"])
    return {"EXCHANGE_TOKEN": tokens["ann"], "EXCHANGE_AFTER": newest, "EXCHANGE_OFFER": str(offer["id"])}


@contextmanager
def nginx(instance: str) -> Iterator[str]:
    """Starts NGINX with the configuration of the deployment in front of one instance."""
    with tempfile.TemporaryDirectory(prefix="nginx-") as directory:
        # Its workers may run as another user.
        Path(directory).chmod(0o755)
        listen = f"127.0.0.1:{free_port()}"
        settings = {"RUN": f"{directory}/run", "INSTANCES": f"api1={urlsplit(instance).netloc}", "LISTEN": listen}
        # Debian's path.
        settings["PATH"] = f"{os.environ['PATH']}:/usr/sbin"
        with Path(directory, "log").open("wb") as log:
            process = subprocess.Popen([HERE.parents[1] / "nginx/serve"], env=settings, stdout=log, stderr=log)
            try:
                await_answer(f"http://{listen}/health", process)
                yield f"http://{listen}"
            finally:
                process.terminate()
                process.wait()


def await_answer(url: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + ANSWERS_WITHIN_S
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=2):
                return
        except OSError:
            time.sleep(0.05)
    raise SystemExit("NGINX does not answer")


def programs(environment: dict[str, str]) -> Iterator[dict[str, Any]]:
    """Yields the results of the programs in this directory."""
    for command in PROGRAMS:
        played = subprocess.run(
            command, cwd=HERE, env=os.environ | environment, capture_output=True, text=True, check=False
        )
        told = [json.loads(line) for line in played.stdout.splitlines()]
        yield from told
        if played.returncode or not told:
            yield {"client": command[1], "what": "runs", "fault": played.stderr[-2000:] or "it printed nothing"}


def curl(environment: dict[str, str]) -> Iterator[dict[str, Any]]:
    url, token = environment["EXCHANGE_URL"], f"Authorization: Bearer {environment['EXCHANGE_TOKEN']}"
    query = json.dumps(
        {
            "query": "subscription($after: ID) { myOffers(after: $after) { type } }",
            "variables": {"after": environment["EXCHANGE_AFTER"]},
        }
    )
    # The stream of a subscription does not end: curl reads two seconds of it.
    listens = ["--no-buffer", "--max-time", "2", "-H", "Accept: text/event-stream", "-d", query]
    for option in ("--http1.1", "--http2"):
        for what, path, arguments, expected in (
            ("REST", "/games", [], '"games"'),
            ("query", "/graphql", ["-H", JSON, "-d", VIEWER], '"name":"ann"'),
            ("query by GET", "/graphql?query=%7Bviewer%7Bname%7D%7D", [], '"name":"ann"'),
            ("subscription", "/graphql", ["-H", JSON, *listens], "CREATED"),
        ):
            command = ["curl", "--silent", option, "-H", token, *arguments, url + path]
            seen = subprocess.run(command, capture_output=True, text=True, check=False).stdout
            yield {"client": f"curl {option}", "what": what, "fault": None if expected in seen else seen or "nothing"}


def urllib_(environment: dict[str, str]) -> Iterator[dict[str, Any]]:
    url, token = environment["EXCHANGE_URL"], environment["EXCHANGE_TOKEN"]

    def rest() -> bool:
        return "games" in call(url, "GET", "/games")["_embedded"]

    def query() -> bool:
        answer = call(url, "POST", "/graphql", json.loads(VIEWER), token)
        return bool(answer["data"] == {"viewer": {"name": "ann"}})

    def too_large(path: str) -> bool:
        try:
            call(url, "POST", path, "x" * TOO_LARGE, token)
        except urllib.error.HTTPError as refusal:
            return refusal.code == 413
        return False

    for what, scenario in (
        ("REST", rest),
        ("query", query),
        ("a body of 8 MB to REST", lambda: too_large("/games")),
        ("a body of 8 MB to GraphQL", lambda: too_large("/graphql")),
    ):
        yield {"client": "urllib", "what": what, "fault": fault(scenario)}


def fault(scenario: Callable[[], bool]) -> str | None:
    try:
        return None if scenario() else "another response"
    except (OSError, ValueError, KeyError) as failure:
        return f"{type(failure).__name__}: {failure}"


def main() -> int:
    faults = 0
    with live_server() as direct, nginx(direct) as balanced:
        environment = people(direct)
        for way, url in (("directly", direct), ("NGINX", balanced)):
            there = environment | {"EXCHANGE_URL": url}
            for source in (programs, curl, urllib_):
                for told in source(there):
                    outcome = "ok" if told["fault"] is None else "FAILED"
                    faults += told["fault"] is not None
                    print(f"{outcome:7}{way:10}{told['client']:17}{told['what']}", flush=True)
                    if told["fault"] is not None:
                        print(f"       {told['fault']}", flush=True)
    print(f"{faults} of the scenarios failed" if faults else "every client saw the expected results")
    return int(faults > 0)


if __name__ == "__main__":
    sys.exit(main())
