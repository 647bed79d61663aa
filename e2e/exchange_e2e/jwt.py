"""Access tokens as somebody would forge them, and, with the exchange's own secret, such as it would never make."""

import base64
import hashlib
import hmac
import json
import secrets
import time
from typing import Any

_HASHES = {"HS256": hashlib.sha256, "HS384": hashlib.sha384, "HS512": hashlib.sha512}
_HEADER = {"alg": "HS256", "typ": "at+jwt"}
_MINUTE = 60


def made(claims: dict[str, Any], secret: str, header: dict[str, Any] | None = None) -> str:
    """A token with these claims. Algorithms that want no secret, or another kind of one, are signed with none."""
    header = _HEADER if header is None else header
    signed = f"{_encoded(header)}.{_encoded(claims)}"
    algorithm = _HASHES.get(header["alg"])
    signature = hmac.digest(secret.encode(), signed.encode(), algorithm) if algorithm else b""
    return f"{signed}.{_base64(signature)}"


def claims_of(token: str) -> dict[str, Any]:
    payload = token.split(".")[1]
    return dict(json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4))))


def forged(good: str, secret: str, another_person: int) -> dict[str, str]:
    """Tokens that must not pass, by what is wrong with them. `good`: one that passes."""
    claims, now = claims_of(good), int(time.time())
    head, _, signature = good.split(".")
    huge = claims | {"more": "a" * 6000}
    return {
        "nothing": "",
        "no token": "canary",
        **{f"alg {name}": made(claims, secret, _HEADER | {"alg": name}) for name in ("none", "None", "NONE", "nOnE")},
        **{
            f"alg {name}": made(claims, secret, _HEADER | {"alg": name})
            for name in ("HS384", "HS512", "RS256", "ES256")
        },
        "the signature left out": good.rpartition(".")[0] + ".",
        "another key": made(claims, secrets.token_urlsafe(48)),
        "no key": made(claims, ""),
        "a key of its own in the header": made(
            claims, "k" * 32, _HEADER | {"jwk": {"kty": "oct", "k": _base64(b"k" * 32)}}
        ),
        "a key that is a file": made(claims, "", _HEADER | {"kid": "../../../../dev/null"}),
        "expired": made(claims | {"exp": now - _MINUTE}, secret),
        "not valid yet": made(claims | {"nbf": now + _MINUTE}, secret),
        "for somebody else": made(claims | {"aud": "another-api"}, secret),
        "by somebody else": made(claims | {"iss": "another-exchange"}, secret),
        "an id token": made(claims, secret, _HEADER | {"typ": "JWT"}),
        "of no type": made(claims, secret, {"alg": "HS256"}),
        **{f"without {claim}": made(_without(claims, claim), secret) for claim in claims},
        "of sessions that were ended": made(claims | {"token_version": claims["token_version"] - 1}, secret),
        "of nobody": made(claims | {"sub": "999999999"}, secret),
        "of a person with a name": made(claims | {"sub": "admin"}, secret),
        "the payload exchanged": f"{head}.{_encoded(claims | {'sub': str(another_person)})}.{signature}",
        "huge, with another key": made(huge, "another"),
    }


def _without(claims: dict[str, Any], claim: str) -> dict[str, Any]:
    return {name: value for name, value in claims.items() if name != claim}


def _encoded(part: dict[str, Any]) -> str:
    return _base64(json.dumps(part).encode())


def _base64(part: bytes) -> str:
    return base64.urlsafe_b64encode(part).rstrip(b"=").decode()
