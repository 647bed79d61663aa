"""No e-mail or street address, message, password or token of any drill is in an outbox, inbox, topic or log."""

import re
import secrets
from collections.abc import Iterable
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default
from typing import Any

from .. import marks
from ..client import Client, Person, Refused
from ..deployment import Deployment
from ..report import Check, at_least, none
from ..waiting import until
from ..world import World

_LINK_WITH_TOKEN = re.compile(r"https://games\.example/auth/[a-z-]+#([A-Za-z0-9_.~-]+)")
_WORD = re.compile(r"[A-Za-z0-9_.~-]{16,}")
_WITHIN = 30.0


async def run(world: World) -> list[Check]:
    secret = secrets.token_urlsafe(48)
    async with world.deployment("privacy", secret=secret) as exchange:
        tokens = {secret} | await _use_everything_private(exchange)
        await exchange.settled(within=60)
    letters = [_text(letter.raw) for deployment in world.deployments for letter in deployment.catcher.letters]
    from_letters = {token for text in letters for token in _LINK_WITH_TOKEN.findall(text)}
    in_letters = [mark for mark in (marks.ADDRESS_MARK, marks.MESSAGE_MARK) if any(mark in text for text in letters)]
    checks = [
        at_least("kinds of private values found in letters, which validates the search", len(in_letters), 2),
        at_least("tokens of letters searched for", len(from_letters), 3),
        at_least("secrets and tokens of sessions searched for", len(tokens), 4),
    ]
    found: dict[str, list[str]] = {}
    for deployment in world.deployments:
        for place, texts in (await _places(deployment)).items():
            found.setdefault(place, []).extend(
                f"{deployment.name}: {private}" for private in _private_in(texts, tokens | from_letters)
            )
    return checks + [none(f"private values in {place}", hits) for place, hits in found.items()]


async def _use_everything_private(exchange: Deployment) -> set[str]:
    """Uses confirmation, log-in, sessions, a new and a forgotten password, and a trade that shows addresses. Returns
    the tokens of the sessions."""
    offerer, receiver = await exchange.people(2)
    client = exchange.client
    for person in (offerer, receiver):
        token = await _token_for(exchange, person, "email-confirmation")
        await _succeed(client, "POST", "/auth/email-confirmation", {"token": token})
    login = {"email": offerer.email, "password": offerer.password}
    sessions = [await _succeed(client, "POST", "/auth/login", login)]
    sessions.append(await _succeed(client, "POST", "/auth/refresh", {"refresh_token": sessions[0]["refresh_token"]}))
    access = sessions[-1]["access_token"]
    mine, yours = [await client.list_game(person.id, "Tetris") for person in (offerer, receiver)]
    offer = await client.offer(offerer.id, mine, yours, marks.message("mine for yours"))
    assert offer is not None
    await client.accept(offer, receiver.id)
    # Rejections are logged, too.
    await client.ask("POST", "/auth/login", login | {"password": f"{marks.PASSWORD_MARK}-wrong"})
    await client.ask("POST", "/users", login | {"name": "Again", "street_address": marks.address(1)})
    await client.ask("GET", "/whoami", token=f"{access}x")
    change = {"current_password": offerer.password, "new_password": f"{marks.PASSWORD_MARK}-new"}
    await client.ask("PUT", f"/users/{offerer.id}/password", change, token=access)
    await _succeed(client, "POST", "/auth/password-reset", {"email": receiver.email})
    token = await _token_for(exchange, receiver, "password-reset")
    reset = {"token": token, "new_password": f"{marks.PASSWORD_MARK}-another"}
    await _succeed(client, "POST", "/auth/password-reset/confirm", reset)
    return {session[kind] for session in sessions for kind in ("access_token", "refresh_token")}


async def _succeed(client: Client, method: str, path: str, body: Any) -> Any:
    answer = await client.insist(method, path, body)
    if not answer.is_done:
        raise Refused(f"{method} {path}: {answer.status} {answer.body}")
    return answer.body


async def _token_for(exchange: Deployment, person: Person, purpose: str) -> str:
    """Waits for a letter to this person and returns its token."""

    async def has_come() -> str | None:
        texts = [_text(letter.raw) for letter in exchange.catcher.to(person.email)]
        links = [_LINK_WITH_TOKEN.search(text) for text in texts if f"/auth/{purpose}#" in text]
        return links[0].group(1) if links and links[0] else None

    return await until(f"the letter of {purpose} arrives", has_come, within=_WITHIN)


def _text(raw: bytes) -> str:
    parsed = BytesParser(EmailMessage, policy=default).parsebytes(raw)
    body = parsed.get_body(("plain",))
    return "" if body is None else str(body.get_content())


async def _places(deployment: Deployment) -> dict[str, list[str]]:
    """Returns all stored texts except those that the harness wrote itself."""
    topic = await deployment.kafka.read(deployment.topic)
    dead = await deployment.kafka.read(deployment.dead_topic)
    own = [record for record in topic if record.event_id not in deployment.foreign_events]
    return {
        "the outbox": [text for (text,) in await deployment.sql("SELECT row_to_json(outbox)::text FROM outbox")],
        "the inbox": [
            text for (text,) in await deployment.sql("SELECT row_to_json(notifications)::text FROM notifications")
        ],
        "the topic": [f"{record.key!r} {record.named} {record.value!r}" for record in own],
        "the dead topic": [
            value for record in dead for name, value in record.named.items() if name.startswith("dead_")
        ],
        "the logs": [log.read_text(errors="replace") for log in deployment.logs],
    }


def _private_in(texts: Iterable[str], tokens: set[str]) -> set[str]:
    """Returns the marks and tokens that are in the texts."""
    found = set()
    for text in texts:
        found |= {mark for mark in marks.ALL if mark in text}
        found |= tokens.intersection(_WORD.findall(text))
    return found
