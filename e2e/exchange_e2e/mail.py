"""A mail server that keeps every letter, and injects faults for the recipients that a drill names.

It runs in its own thread, so that it keeps up while the drills create load. To add a fault, add a member to `Fault` and
its behaviour to `_Handler`.
"""

import asyncio
import email.parser
import email.policy
import ssl
import time
from dataclasses import dataclass
from enum import Enum
from typing import Any, cast

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from .ports import free_port

_HEADERS_ONLY = email.parser.BytesHeaderParser(policy=email.policy.compat32)


class Fault(Enum):
    """A fault for letters to a recipient, instead of their acceptance."""

    LATER = "421"
    NEVER = "550"
    HANG_AT_RECIPIENT = "no answer to RCPT"
    HANG_AT_DATA = "no answer to DATA"
    DROP = "connection dropped"


@dataclass(frozen=True)
class Letter:
    """A letter that the server accepted."""

    message_id: str
    recipients: tuple[str, ...]
    raw: bytes
    # Seconds of time.time() at the server's final reply.
    arrived: float
    encrypted: bool
    username: str | None


@dataclass
class _Spell:
    """A fault and its duration from the first letter that meets it; `None`: until it is removed."""

    fault: Fault
    seconds: float | None
    began: float | None = None

    def is_over(self) -> bool:
        if self.began is None:
            self.began = time.monotonic()
        return self.seconds is not None and time.monotonic() - self.began > self.seconds


class Catcher:
    """The mail server."""

    def __init__(
        self, tls: ssl.SSLContext | None = None, account: tuple[str, str] | None = None, slowness: float = 0.0
    ) -> None:
        """`tls`: offers STARTTLS and requires it. `account`: requires this name and password; without `tls` it would
        accept them in clear text, which no client should send. `slowness`: the seconds that the sender waits for the
        reply after a letter was accepted."""
        self.slowness = slowness
        self.port = free_port()
        self.letters: list[Letter] = []
        # The number of letters that it is receiving.
        self.under_way = 0
        # The number of passwords received, right or wrong.
        self.logins = 0
        # The number of RCPT commands, with any outcome.
        self.attempts: dict[str, int] = {}
        self.spells: dict[str, _Spell] = {}
        self._account = account
        options: dict[str, Any] = {}
        if account is not None:
            options |= {"auth_required": True, "auth_require_tls": tls is not None, "authenticator": self._knows}
        if tls is not None:
            options |= {"tls_context": tls, "require_starttls": True}
        self._controller = Controller(_Handler(self), hostname="127.0.0.1", port=self.port, **options)

    def start(self) -> None:
        self._controller.start()

    def stop(self) -> None:
        self._controller.stop()

    def misbehave(self, recipient: str, fault: Fault, seconds: float | None = None) -> None:
        self.spells[recipient] = _Spell(fault, seconds)

    def behave(self, recipient: str) -> None:
        self.spells.pop(recipient, None)

    def to(self, recipient: str) -> list[Letter]:
        return [letter for letter in list(self.letters) if recipient in letter.recipients]

    def by_id(self) -> dict[str, list[Letter]]:
        """Returns every copy of each letter, in order of arrival."""
        found: dict[str, list[Letter]] = {}
        for letter in list(self.letters):
            found.setdefault(letter.message_id, []).append(letter)
        return found

    def fault_for(self, recipient: str) -> Fault | None:
        spell = self.spells.get(recipient)
        return None if spell is None or spell.is_over() else spell.fault

    def _knows(self, _server: SMTP, _session: Session, _envelope: Envelope, _how: str, data: object) -> AuthResult:
        self.logins += 1
        known = isinstance(data, LoginPassword) and (data.login.decode(), data.password.decode()) == self._account
        # Not handled: aiosmtpd then tells the client that it is rejected.
        return AuthResult(success=known, handled=known, auth_data=data)


class _Handler:
    """The replies of the server, for aiosmtpd."""

    def __init__(self, catcher: Catcher) -> None:
        self._catcher = catcher

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        self._catcher.attempts[address] = self._catcher.attempts.get(address, 0) + 1
        match self._catcher.fault_for(address):
            case Fault.LATER:
                return "421 4.3.2 try again later"
            case Fault.NEVER:
                # Many servers repeat the address. It must not end up in a log.
                return f"550 5.1.1 <{address}> is nobody here"
            case Fault.HANG_AT_RECIPIENT:
                await _for_ever()
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 go on"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        self._catcher.under_way += 1
        try:
            return await self._take(server, session, envelope)
        finally:
            self._catcher.under_way -= 1

    async def _take(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        faults = {self._catcher.fault_for(address) for address in envelope.rcpt_tos}
        if Fault.HANG_AT_DATA in faults:
            await _for_ever()
        if Fault.DROP in faults:
            # uvloop's transport is one, but is not declared as such.
            cast(asyncio.WriteTransport, server.transport).abort()
            await _for_ever()
        self._catcher.letters.append(_letter(session, envelope))
        # From here on only this server knows that the letter was accepted.
        await asyncio.sleep(self._catcher.slowness)
        return f"250 2.0.0 taken for {' '.join(envelope.rcpt_tos)}"


def _letter(session: Session, envelope: Envelope) -> Letter:
    raw = envelope.original_content or b""
    login = session.auth_data
    return Letter(
        message_id=(_HEADERS_ONLY.parsebytes(raw)["Message-ID"] or "").strip(),
        recipients=tuple(envelope.rcpt_tos),
        raw=raw,
        arrived=time.time(),
        encrypted=session.ssl is not None,
        username=login.login.decode() if isinstance(login, LoginPassword) else None,
    )


async def _for_ever() -> None:
    """Waits until the client closes the connection: aiosmtpd then cancels this task."""
    await asyncio.Event().wait()
