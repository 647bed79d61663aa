"""What schemathesis cannot know of the exchange."""

from typing import Any

import schemathesis

# Whom the tests act as. Were the account deleted, every later request would be a 401 and test nothing.
ACTOR = 1
NOBODY = 2**53


@schemathesis.hook
def before_call(context: Any, case: Any, kwargs: dict[str, Any]) -> None:
    if (case.method, case.path) == ("DELETE", "/users/{user_id}") and str(case.path_parameters.get("user_id")) == str(ACTOR):
        case.path_parameters["user_id"] = NOBODY
