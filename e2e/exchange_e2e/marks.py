"""Marks in every private value that the harness makes up. None of them may ever be seen outside of the database's own
tables and the letters: the drill `privacy` searches for them.
"""

import secrets

MAILBOX_DOMAIN = "canary-mailbox.example"
ADDRESS_MARK = "Canary Street"
MESSAGE_MARK = "canary-message"
PASSWORD_MARK = "canary-password"
ALL = (MAILBOX_DOMAIN, ADDRESS_MARK, MESSAGE_MARK, PASSWORD_MARK)


def address(number: int) -> str:
    """A street address."""
    return f"{number} {ADDRESS_MARK}, Townsville"


def message(about: str) -> str:
    """A message of an offer; no two are the same."""
    return f"{MESSAGE_MARK} {secrets.token_hex(4)}: {about}"
