"""Forged access tokens, and tokens signed with the exchange's own secret that it would never issue."""

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
    """Creates a token with these claims. Algorithms without a secret, or with a key pair, get an empty signature."""
    header = _HEADER if header is None else header
    signed = f"{_encoded(header)}.{_encoded(claims)}"
    algorithm = _HASHES.get(header["alg"])
    signature = hmac.digest(secret.encode(), signed.encode(), algorithm) if algorithm else b""
    return f"{signed}.{_base64(signature)}"


def claims_of(token: str) -> dict[str, Any]:
    payload = token.split(".")[1]
    return dict(json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4))))


def forged(good: str, secret: str, another_person: int) -> dict[str, str]:
    """Returns tokens that must be rejected, by their fault. `good`: a token that is accepted."""
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
        "without a signature": good.rpartition(".")[0] + ".",
        "another key": made(claims, secrets.token_urlsafe(48)),
        "an empty key": made(claims, ""),
        "its own key in the header": made(claims, "k" * 32, _HEADER | {"jwk": {"kty": "oct", "k": _base64(b"k" * 32)}}),
        "a file as the key": made(claims, "", _HEADER | {"kid": "../../../../dev/null"}),
        "expired": made(claims | {"exp": now - _MINUTE}, secret),
        "not valid yet": made(claims | {"nbf": now + _MINUTE}, secret),
        "for another audience": made(claims | {"aud": "another-api"}, secret),
        "by another issuer": made(claims | {"iss": "another-exchange"}, secret),
        "an id token": made(claims, secret, _HEADER | {"typ": "JWT"}),
        "without a type": made(claims, secret, {"alg": "HS256"}),
        **{f"without {claim}": made(_without(claims, claim), secret) for claim in claims},
        "of an ended session": made(claims | {"token_version": claims["token_version"] - 1}, secret),
        "of an unknown user": made(claims | {"sub": "999999999"}, secret),
        "with a name as the subject": made(claims | {"sub": "admin"}, secret),
        "with another payload": f"{head}.{_encoded(claims | {'sub': str(another_person)})}.{signature}",
        "huge, with another key": made(huge, "another"),
    }


def _without(claims: dict[str, Any], claim: str) -> dict[str, Any]:
    return {name: value for name, value in claims.items() if name != claim}


def _encoded(part: dict[str, Any]) -> str:
    return _base64(json.dumps(part).encode())


def _base64(part: bytes) -> str:
    return base64.urlsafe_b64encode(part).rstrip(b"=").decode()
