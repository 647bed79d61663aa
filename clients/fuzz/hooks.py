"""Corrections that schemathesis cannot derive from openapi.json. They change valid cases only."""

import re
from itertools import count
from typing import Any

import schemathesis
from schemathesis import GenerationMode

# The user of the tests. If the account were deleted, every later request would be a 401 and test nothing.
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
        # A key that is reused with another request is rejected (422), so each request has its own.
        case.headers["Idempotency-Key"] = f"key-{next(KEYS)}"
    if case.meta is None or case.meta.generation.mode is not GenerationMode.POSITIVE:
        return
    for condition in ("If-Match", "If-None-Match"):
        if case.headers and condition in case.headers:
            # The pattern is too complex to generate from. This tag matches nothing: 412, or success.
            case.headers[condition] = '"0.0"'
    if case.query:
        fit_query(case.query)
    if isinstance(case.body, dict) and case.method == "POST" and case.path in ("/offers", "/trade-offers"):
        fit_offer(case.body)


def fit_query(query: dict[str, Any]) -> None:
    # A cursor is opaque: a generated one is invalid.
    query.pop("after", None)
    query.pop("before", None)
    # Two names of one parameter: one is enough.
    if "receiver_id" in query:
        query.pop("user_id", None)


def fit_offer(offer: dict[str, Any]) -> None:
    """Makes each side name 1 to 20 games, by either field."""
    for one, several in (("offered_game_id", "offered_game_ids"), ("requested_game_id", "requested_game_ids")):
        if several in offer:
            offer[several] = offer[several][:19]
        if offer.get(one) is None and not offer.get(several):
            offer[one] = 1
