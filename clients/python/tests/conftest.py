"""Starts an exchange for each test. EXCHANGE_BINARY is the program."""

from collections.abc import Iterator

import httpx
import pytest

from live_server import live_server

PASSWORD = "pass123"


@pytest.fixture
def empty() -> Iterator[str]:
    """The URL of an empty exchange."""
    with live_server() as url:
        yield url


@pytest.fixture
def exchange(empty: str) -> str:
    """The URL of an exchange with Abbey (user 1, game 1) and Ben (user 2, game 2)."""
    for user, name in enumerate(("Abbey", "Ben"), start=1):
        person = {
            "name": name,
            "email": f"{name.lower()}@example.com",
            "password": PASSWORD,
            "address": f"{user} Street",
        }
        httpx.post(f"{empty}/users", json=person).raise_for_status()
        game = {
            "name": f"Game of {name}",
            "publisher": "Nintendo",
            "year_published": 1986,
            "gaming_system": "NES",
            "condition": "good",
        }
        httpx.post(f"{empty}/games", json=game, headers={"X-User-ID": str(user)}).raise_for_status()
    return empty
