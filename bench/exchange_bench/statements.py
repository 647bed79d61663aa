"""Converts the statements of one write from PostgreSQL's log into a script of pgbench, so that pgbench always runs the
same statements as the exchange.
"""

import re
from collections.abc import Mapping, Sequence
from functools import partial

_ENTRY = re.compile(r"^\S+ \S+ \S+ \[(\d+)\] (\w+):  (.*?)(?=^\d{4}-|\Z)", re.MULTILINE | re.DOTALL)
_PARAMETER = re.compile(r"\$(\d+) = (NULL|'(?:[^']|'')*')")
_PLACE = re.compile(r"\$(\d+)")
_UUID = re.compile(r"'[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}'")


class NotFound(Exception):
    """The log does not contain the statement."""


def transaction(log: str, containing: str) -> list[tuple[str, list[str]]]:
    """Returns the statements of the last transaction that contains this text, with their parameters as literals."""
    under_way: dict[str, list[tuple[str, list[str]]]] = {}
    found = None
    for process, kind, text in _ENTRY.findall(log):
        statements = under_way.setdefault(process, [])
        _, _, statement = text.strip().partition(": ")
        if statement == "BEGIN":
            statements.clear()
        elif statement == "COMMIT":
            if any(containing in sql for sql, _ in statements):
                found = list(statements)
        elif kind == "DETAIL" and statements:
            statements[-1] = (statements[-1][0], [value for _, value in _PARAMETER.findall(statement)])
        elif kind == "LOG" and text.startswith(("execute", "statement")):
            statements.append((statement, []))
    if found is None:
        raise NotFound(f"no transaction with {containing} in the log of PostgreSQL")
    return found


def script(
    statements: Sequence[tuple[str, list[str]]], names: Mapping[int, str], made: tuple[str, int] | None = None
) -> str:
    """Returns a script of pgbench that runs them in one transaction. Parameters with one of these numbers become
    variables. `made` is the beginning of the statement that returns a new id, and that id.
    """
    lines = ["BEGIN;"]
    for sql, values in statements:
        makes = made is not None and sql.startswith(made[0])
        literals = [_literal(value, {**names, made[1]: "new_id"} if made else names) for value in values]
        filled = _PLACE.sub(partial(_fill, literals), " ".join(sql.split()))
        lines.append(f"{filled} \\gset new_" if makes else f"{filled};")
    return "\n".join([*lines, "COMMIT;", ""])


def _fill(literals: Sequence[str], place: re.Match[str]) -> str:
    return literals[int(place[1]) - 1]


def _literal(value: str, names: Mapping[int, str]) -> str:
    number = value.strip("'")
    if number.isdecimal() and int(number) in names:
        return f":{names[int(number)]}::bigint"
    return "gen_random_uuid()" if _UUID.fullmatch(value) else value
