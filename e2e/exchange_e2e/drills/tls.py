"""Letters are sent encrypted and authenticated; a server without TLS, or with an untrusted certificate, gets none."""

import ssl
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import trustme

from .. import marks
from ..client import Person
from ..deployment import Deployment, Program
from ..mail import Catcher
from ..report import Check, exactly, none
from ..waiting import until
from ..world import World

_ACCOUNT = ("exchange", "the mail server's password")


async def run(world: World) -> list[Check]:
    authority = trustme.CA()
    authority_file = world.scratch / "authority.pem"
    authority.cert_pem.write_to_path(str(authority_file))
    good = Catcher(tls=_context(authority), account=_ACCOUNT)
    plain, greedy, stranger = (
        Catcher(),
        Catcher(account=_ACCOUNT),
        Catcher(tls=_context(trustme.CA()), account=_ACCOUNT),
    )
    async with world.deployment("tls", apis=1, notifiers=0, catcher=good) as exchange:
        people = await exchange.people(2)

        def notifier(catcher: Catcher, account: tuple[str, str] | None = _ACCOUNT) -> Program:
            username, password = account or ("", "")
            return exchange.notifier(
                1,
                SMTP_HOST="localhost",
                SMTP_PORT=str(catcher.port),
                SMTP_TLS="starttls",
                SMTP_USERNAME=username,
                SMTP_PASSWORD=password,
                SSL_CERT_FILE=str(authority_file),
            )

        checks = []
        with _started(plain, greedy, stranger):
            for what, catcher, program in [
                ("without STARTTLS", plain, notifier(plain, account=None)),
                ("without STARTTLS that asks for the password", greedy, notifier(greedy)),
                ("with an untrusted certificate", stranger, notifier(stranger)),
                ("that rejects the password", good, notifier(good, (_ACCOUNT[0], "wrong"))),
            ]:
                await _offer(exchange, people)
                checks += await _sends_nothing(exchange, f"a server {what}", program, catcher)
            checks.append(exactly("passwords that the wrong servers received", greedy.logins + stranger.logins, 0))
        checks += await _sends(exchange, notifier(good))
        return checks


@contextmanager
def _started(*catchers: Catcher) -> Iterator[None]:
    with ExitStack() as stack:
        for catcher in catchers:
            catcher.start()
            stack.callback(catcher.stop)
        yield


def _context(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("localhost").configure_cert(context)
    return context


async def _sends_nothing(exchange: Deployment, what: str, notifier: Program, catcher: Catcher) -> list[Check]:
    """Checks that a letter waits and that this server learns no recipient."""
    await notifier.start()

    async def tried() -> bool:
        untried = await exchange.sql(
            "SELECT 1 FROM outbox LEFT JOIN notifications ON event_id = outbox.id "
            "WHERE coalesce(smtp_response, '') = ''"
        )
        return not untried

    await until(f"{what}: the letters are attempted", tried, within=60)
    await notifier.terminate()
    given_up = await exchange.sql("SELECT id, state FROM notifications WHERE state <> 'waiting'")
    return [
        none(f"{what}: letters that do not wait", given_up),
        exactly(f"{what}: recipients that it learned", len(catcher.attempts), 0),
    ]


async def _offer(exchange: Deployment, people: list[Person]) -> None:
    mine, yours = [await exchange.client.list_game(person.id, "Tetris") for person in people]
    await exchange.client.offer(people[0].id, mine, yours, marks.message("mine for yours"))


async def _sends(exchange: Deployment, notifier: Program) -> list[Check]:
    """Sends all waiting letters without waiting for the back-off."""
    await exchange.sql("UPDATE notifications SET next_attempt_at = now() WHERE state = 'waiting'")
    await notifier.start()
    await exchange.settled(within=60)
    await notifier.terminate()
    [(wanted,)] = await exchange.sql("SELECT count(*) FROM notifications WHERE state = 'sent'")
    letters = exchange.catcher.letters
    return [
        exactly("the right server: letters", len({letter.message_id for letter in letters}), wanted),
        none(
            "the right server: letters not encrypted, or not authenticated",
            [letter.message_id for letter in letters if not letter.encrypted or letter.username != _ACCOUNT[0]],
        ),
    ]
