"""What schemathesis cannot read from openapi.json. It changes what is made to fit; what is made not to fit stays."""

import re
from itertools import count
from typing import Any

import schemathesis
from schemathesis import GenerationMode

# Whom the tests act as. Were the account deleted, every later request would be a 401 and test nothing.
ACTOR = 1
NOBODY = 2**53

KEYS = count(1)
KEY = re.compile(r"[!#-~]{1,255}")


@schemathesis.hook
def before_call(context: Any, case: Any, kwargs: dict[str, Any]) -> None:
    if (case.method, case.path) == ("DELETE", "/users/{user_id}") and str(case.path_parameters.get("user_id")) == str(
        ACTOR
    ):
        case.path_parameters["user_id"] = NOBODY
    if case.headers and KEY.fullmatch(case.headers.get("Idempotency-Key", "")):
        # A key that comes again with another request is refused (422): each request has its own.
        case.headers["Idempotency-Key"] = f"key-{next(KEYS)}"
    if case.meta is None or case.meta.generation.mode is not GenerationMode.POSITIVE:
        return
    for condition in ("If-Match", "If-None-Match"):
        if case.headers and condition in case.headers:
            # The pattern is more than can be made up. A state that nothing has: 412, or done.
            case.headers[condition] = '"0.0"'
    if case.query:
        fit_query(case.query)
    if isinstance(case.body, dict) and case.method == "POST" and case.path in ("/offers", "/trade-offers"):
        fit_offer(case.body)


def fit_query(query: dict[str, Any]) -> None:
    # A cursor is opaque: one that is made up is none.
    query.pop("after", None)
    query.pop("before", None)
    # Two names for the same: one of them is enough.
    if "receiver_id" in query:
        query.pop("user_id", None)


def fit_offer(offer: dict[str, Any]) -> None:
    """Each side names 1 to 20 games, by either field."""
    for one, several in (("offered_game_id", "offered_game_ids"), ("requested_game_id", "requested_game_ids")):
        if several in offer:
            offer[several] = offer[several][:19]
        if offer.get(one) is None and not offer.get(several):
            offer[one] = 1
