"""The permissions of the deployed system, from tests/permissions.toml: the outcome of each route and mutation for four
people.

Writes to an existing resource carry an If-Match that never matches. So nothing changes: callers who may do it get 412,
the others 401 or 403 before that. A new route or mutation needs a row: the drill `outside` fails without one.
"""

import tomllib
from pathlib import Path
from typing import Any, NamedTuple

from .client import Person

PEOPLE = ("nobody", "a stranger", "the offerer", "the receiver")
# A tag that matches nothing.
UNSEEN = "never-seen"
GAME = {"name": "Ico", "publisher": "Sony", "year_published": 2001, "gaming_system": "PS2", "condition": "good"}


class Board(NamedTuple):
    """The ids for routes and mutations: the user is the offerer, who owns the game."""

    user: int
    game: int
    offer: int
    # A game of the receiver.
    requested: int


# Cells are in the order of PEOPLE.
_CELLS = tomllib.loads((Path(__file__).parents[2] / "tests/permissions.toml").read_text())


def _row(cells: dict[str, Any]) -> tuple[Any, ...]:
    return cells["nobody"], cells["stranger"], cells["offerer"], cells["receiver"]


ROUTES: dict[str, tuple[int, ...]] = {route: _row(cells) for route, cells in _CELLS["routes"].items()}

# The error codes of each mutation, empty on success.
MUTATIONS: dict[str, tuple[str, ...]] = {mutation: _row(cells) for mutation, cells in _CELLS["mutations"].items()}

# The input of each mutation. Those of an action on an offer have the same.
_ON_OFFER = "offerId: {offer}, ifMatch: {unseen}"
_INPUTS = {
    "changePassword": (
        'userId: {user}, currentPassword: {password}, newPassword: "canary-password-2", ifMatch: {unseen}'
    ),
    "confirmEmail": 'token: "none"',
    "createGame": 'name: "Ico", publisher: "Sony", yearPublished: 2001, gamingSystem: "PS2", condition: GOOD',
    "createOffer": "offeredGameIds: [{game}], requestedGameIds: [{requested}]",
    "deleteGame": "gameId: {game}, ifMatch: {unseen}",
    "deleteUser": "userId: {user}, ifMatch: {unseen}",
    "login": 'email: "nobody@example.com", password: "wrong-password"',
    "register": 'name: "Again", email: {email}, password: "canary-password-2"',
    "requestEmailConfirmation": "userId: {user}",
    "requestPasswordReset": 'email: "nobody@example.com"',
    "resetPassword": 'token: "none", newPassword: "canary-password-2"',
    "updateGame": 'gameId: {game}, name: "Other", ifMatch: {unseen}',
    "updateUser": 'userId: {user}, name: "Other", ifMatch: {unseen}',
}


def arguments(mutation: str, values: dict[str, Any]) -> str:
    """Returns the input of a mutation."""
    return _INPUTS.get(mutation, _ON_OFFER).format(**values)


def takes(operation: dict[str, Any], parameter: str) -> bool:
    """Returns true if an operation of openapi.json has a parameter with this name."""
    return any(described["name"] == parameter for described in operation.get("parameters", []))


def request(route: str, operation: dict[str, Any], board: Board, offerer: Person) -> tuple[str, str, Any]:
    """Returns the method, path and body of a request to a route, which openapi.json describes as this operation."""
    method, path = route.split()
    for name, value in {
        "user_id": board.user,
        "game_id": board.game,
        "offer_id": board.offer,
        "trade_offer_id": board.offer,
        "code": "internal",
        "key": "ico",
    }.items():
        path = path.replace(f"{{{name}}}", str(value))
    return method, path, _body(route, board, offerer) if "requestBody" in operation else None


def _body(route: str, board: Board, offerer: Person) -> dict[str, Any]:
    match route.split()[1]:
        case "/auth/login":
            return {"email": "nobody@example.com", "password": "wrong-password"}
        case "/auth/logout" | "/auth/refresh":
            return {"refresh_token": "none"}
        case "/auth/password-reset":
            return {"email": "nobody@example.com"}
        case "/auth/email-confirmation":
            return {"token": "none"}
        case "/auth/password-reset/confirm":
            return {"token": "none", "new_password": "canary-password-2"}
        case "/users":
            return {"name": "Again", "email": offerer.email, "password": "canary-password-2"}
        case "/users/{user_id}":
            return {"name": "Other"}
        case "/users/{user_id}/password":
            return {"current_password": offerer.password, "new_password": "canary-password-2"}
        case "/games" | "/games/{game_id}":
            return GAME
        case "/offers" | "/trade-offers":
            return {"offered_game_id": board.game, "requested_game_id": board.requested}
        case _:
            return {"message": "other"}
