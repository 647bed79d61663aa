"""Who may do what: for every route and every mutation how it ends for four people, in the terms of REST.

What changes something that exists is asked for in a state that nobody saw (If-Match). So nothing is changed, and 412 is
said to those who may, after 401 and 403 to those who may not. To add a route or a mutation, add its row: the drill
`outside` fails without one.
"""

from typing import Any, NamedTuple

from .client import Person

PEOPLE = ("nobody", "a stranger", "the offerer", "the receiver")
# No version of anything.
UNSEEN = "never-seen"
GAME = {"name": "Ico", "publisher": "Sony", "year_published": 2001, "gaming_system": "PS2", "condition": "good"}


class Board(NamedTuple):
    """What routes and mutations are about: the user is the offerer, and the game is the offerer's."""

    user: int
    game: int
    offer: int
    # A game of the receiver's.
    requested: int


# In the order of PEOPLE.
_ALL = (200, 200, 200, 200)
_OWNER = _OFFERER = (401, 403, 412, 403)
_RECEIVER = (401, 403, 403, 412)

ROUTES: dict[str, tuple[int, ...]] = {
    "GET /": _ALL,
    "GET /auth/email-confirmation": _ALL,
    "POST /auth/email-confirmation": (401, 401, 401, 401),
    "POST /auth/login": (401, 401, 401, 401),
    "POST /auth/logout": (204, 204, 204, 204),
    "GET /auth/password-reset": _ALL,
    "POST /auth/password-reset": (202, 202, 202, 202),
    "POST /auth/password-reset/confirm": (401, 401, 401, 401),
    "POST /auth/refresh": (401, 401, 401, 401),
    "GET /events": (401, 200, 200, 200),
    "GET /games": _ALL,
    "POST /games": (401, 201, 201, 201),
    "GET /games/{game_id}": _ALL,
    "PUT /games/{game_id}": _OWNER,
    "PATCH /games/{game_id}": _OWNER,
    "DELETE /games/{game_id}": _OWNER,
    "GET /health": _ALL,
    "GET /health/live": _ALL,
    "GET /health/ready": _ALL,
    "GET /offers": _ALL,
    "POST /offers": (401, 403, 409, 403),
    "GET /offers/{offer_id}": _ALL,
    "PUT /offers/{offer_id}": _OFFERER,
    "PATCH /offers/{offer_id}": _OFFERER,
    "PUT /offers/{offer_id}/accept": _RECEIVER,
    "PUT /offers/{offer_id}/reject": _RECEIVER,
    "PUT /offers/{offer_id}/cancel": _OFFERER,
    "GET /problems": _ALL,
    "GET /problems/{code}": _ALL,
    "GET /trade-offers": _ALL,
    "POST /trade-offers": (401, 403, 409, 403),
    "GET /trade-offers/user/{user_id}/received": _ALL,
    "GET /trade-offers/user/{user_id}/sent": _ALL,
    "GET /trade-offers/{trade_offer_id}": _ALL,
    "PUT /trade-offers/{trade_offer_id}": _OFFERER,
    "PATCH /trade-offers/{trade_offer_id}": _OFFERER,
    "PUT /trade-offers/{trade_offer_id}/accept": _RECEIVER,
    "PUT /trade-offers/{trade_offer_id}/reject": _RECEIVER,
    "PUT /trade-offers/{trade_offer_id}/cancel": _OFFERER,
    "GET /users": _ALL,
    "POST /users": (409, 409, 409, 409),
    "GET /users/{user_id}": _ALL,
    "PUT /users/{user_id}": _OWNER,
    "PATCH /users/{user_id}": _OWNER,
    "DELETE /users/{user_id}": _OWNER,
    "POST /users/{user_id}/email-confirmation": _OWNER,
    "GET /users/{user_id}/games": _ALL,
    "PUT /users/{user_id}/password": _OWNER,
    "GET /whoami": _ALL,
}

# By their input, with which they are asked for, and the code that each of PEOPLE hears; empty where it is done.
_NOBODY, _STALE = "not_identified", "stale"


def _only(role: str) -> tuple[str, ...]:
    """What only somebody in this role may do; it is the offerer but for what only the receiver may."""
    refusal = f"only_{role}"
    return (_NOBODY, refusal, refusal, _STALE) if role == "receiver" else (_NOBODY, refusal, _STALE, refusal)


MUTATIONS: dict[str, tuple[str, tuple[str, ...]]] = {
    "acceptOffer": ("offerId: {offer}, ifMatch: {unseen}", _only("receiver")),
    "cancelOffer": ("offerId: {offer}, ifMatch: {unseen}", _only("offerer")),
    "changePassword": (
        'userId: {user}, currentPassword: {password}, newPassword: "canary-password-2", ifMatch: {unseen}',
        _only("self"),
    ),
    "confirmEmail": ('token: "none"', ("bad_letter_token",) * 4),
    "createGame": (
        'name: "Ico", publisher: "Sony", yearPublished: 2001, gamingSystem: "PS2", condition: GOOD',
        (_NOBODY, "", "", ""),
    ),
    "createOffer": (
        "offeredGameIds: [{game}], requestedGameIds: [{requested}]",
        (_NOBODY, "not_your_game", "duplicate_offer", "not_your_game"),
    ),
    "deleteGame": ("gameId: {game}, ifMatch: {unseen}", _only("owner")),
    "deleteUser": ("userId: {user}, ifMatch: {unseen}", _only("self")),
    "login": ('email: "nobody@example.com", password: "wrong-password"', ("bad_credentials",) * 4),
    "register": ('name: "Again", email: {email}, password: "canary-password-2"', ("email_taken",) * 4),
    "rejectOffer": ("offerId: {offer}, ifMatch: {unseen}", _only("receiver")),
    "requestEmailConfirmation": ("userId: {user}", (_NOBODY, "only_self", "", "only_self")),
    "requestPasswordReset": ('email: "nobody@example.com"', ("",) * 4),
    "resetPassword": ('token: "none", newPassword: "canary-password-2"', ("bad_letter_token",) * 4),
    "updateGame": ('gameId: {game}, name: "Other", ifMatch: {unseen}', _only("owner")),
    "updateOffer": ('offerId: {offer}, message: "other", ifMatch: {unseen}', _only("offerer")),
    "updateUser": ('userId: {user}, name: "Other", ifMatch: {unseen}', _only("self")),
}


def request(route: str, board: Board, offerer: Person) -> tuple[str, str, Any]:
    """Method, path and body with which a route is asked for."""
    method, path = route.split()
    for name, value in {
        "user_id": board.user,
        "game_id": board.game,
        "offer_id": board.offer,
        "trade_offer_id": board.offer,
        "code": "internal",
    }.items():
        path = path.replace(f"{{{name}}}", str(value))
    if method in ("GET", "DELETE") or path.endswith(("/accept", "/reject", "/cancel")):
        return method, path, None
    return method, path, _body(route, board, offerer)


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
        case "/users/{user_id}/email-confirmation":
            return {}
        case "/games" | "/games/{game_id}":
            return GAME
        case "/offers" | "/trade-offers":
            return {"offered_game_id": board.game, "requested_game_id": board.requested}
        case _:
            return {"message": "other"}
