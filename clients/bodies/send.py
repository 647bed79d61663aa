"""Sends bodies to the exchange at EXCHANGE_URL with two clients in their default settings: curl, and Python's urllib,
which reads the response only after the whole body is sent. Prints the faults.
"""

import json
import os
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import Any

URL = os.environ["EXCHANGE_URL"]
TOO_LARGE = b" " * (8 * 1024 * 1024)
ROUNDS = 10
# Path, X-User-ID and expected status; user 99 does not exist.
PLACES = (("/games", "1", 413), ("/graphql", "1", 413), ("/games", "99", 401), ("/nothing", "1", 404))


def urllib_sends(path: str, body: bytes, headers: Mapping[str, str]) -> tuple[int, Any]:
    request = urllib.request.Request(URL + path, body, dict(headers), method="POST")
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as refusal:
        return refusal.code, json.load(refusal)


def curl_sends(path: str, body: bytes, headers: Mapping[str, str], *options: str) -> tuple[int, Any]:
    with tempfile.NamedTemporaryFile() as file:
        Path(file.name).write_bytes(body)
        told = [part for name, value in headers.items() for part in ("-H", f"{name}: {value}")]
        fixed = ("curl", "-sS", "-m", "60", "-w", "\n%{http_code}")
        command = [*fixed, *options, *told, "--data-binary", f"@{file.name}", URL + path]
        answer = subprocess.run(command, capture_output=True, check=False)
    if answer.returncode:
        raise OSError(f"curl ended with {answer.returncode}: {answer.stderr.decode()}")
    text, _, status = answer.stdout.decode().rpartition("\n")
    return int(status), json.loads(text)


def at_once(path: str, body: bytes, headers: Mapping[str, str]) -> tuple[int, Any]:
    """Sends the body without waiting for 100 Continue, which curl does by default for large ones."""
    return curl_sends(path, body, headers, "-H", "Expect:")


def refusals() -> list[str]:
    """Checks that the response to a body that is too large can be read."""
    wrong = []
    for client in (urllib_sends, curl_sends, at_once):
        for path, user, expected in PLACES:
            headers = {"Content-Type": "application/json", "X-User-ID": user}
            for _ in range(ROUNDS):
                try:
                    status, _ = client(path, TOO_LARGE, headers)
                except (OSError, ValueError) as failure:
                    wrong.append(f"{client.__name__} {path} as {user}: {failure}")
                    break
                if status != expected:
                    wrong.append(f"{client.__name__} {path} as {user}: {status}, not {expected}")
    return wrong


def largest() -> list[str]:
    """Checks that the longest message is accepted as `json.dumps` writes it: twelve bytes a character."""
    message = "\N{GRINNING FACE}" * 2000
    query = (
        "mutation($m: String) { createOffer(input: {offeredGameIds: [1], requestedGameIds: [99], message: $m})"
        " { userErrors { code } } }"
    )
    offer = {"offered_game_id": 1, "requested_game_id": 99, "message": message}
    wrong = []
    for path, body, expected in (
        ("/offers", offer, (404, "game_not_found")),
        ("/graphql", {"query": query, "variables": {"m": message}}, (200, "game_not_found")),
    ):
        headers = {"Content-Type": "application/json", "X-User-ID": "1"}
        status, answer = urllib_sends(path, json.dumps(body).encode(), headers)
        told = json.dumps(answer)
        if status != expected[0] or expected[1] not in told:
            wrong.append(f"{path}: {status} {told[:500]}")
    return wrong


def main() -> int:
    wrong = refusals() + largest()
    print("\n".join(wrong) or f"{3 * len(PLACES) * ROUNDS} rejections were read, and the largest bodies accepted")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
