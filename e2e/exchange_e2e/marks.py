"""Marks in every private value that the harness generates. None may appear anywhere but in the database's own tables
and in letters: the drill `privacy` searches for them.
"""

import secrets

MAILBOX_DOMAIN = "canary-mailbox.example"
ADDRESS_MARK = "Canary Street"
MESSAGE_MARK = "canary-message"
PASSWORD_MARK = "canary-password"
ALL = (MAILBOX_DOMAIN, ADDRESS_MARK, MESSAGE_MARK, PASSWORD_MARK)


def address(number: int) -> str:
    """Returns a street address."""
    return f"{number} {ADDRESS_MARK}, Townsville"


def message(about: str) -> str:
    """Returns a unique message of an offer."""
    return f"{MESSAGE_MARK} {secrets.token_hex(4)}: {about}"
