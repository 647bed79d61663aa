"""The results of the drills as a table."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Check:
    """One result. `limit` is empty if there is none: then the figure is for information."""

    what: str
    figure: str
    limit: str
    holds: bool
    # The failing ids, if it does not hold.
    examples: str = ""


def none(what: str, found: Iterable[object]) -> Check:
    """Returns a check that holds if nothing was found."""
    found = list(found)
    return Check(what, str(len(found)), "0", not found, examples_of(found))


def at_most(what: str, figure: float, limit: float, unit: str = "") -> Check:
    return Check(what, f"{figure:g}{unit}", f"≤ {limit:g}{unit}", figure <= limit)


def at_least(what: str, figure: float, limit: float, unit: str = "") -> Check:
    return Check(what, f"{figure:g}{unit}", f"≥ {limit:g}{unit}", figure >= limit)


def exactly(what: str, figure: int, wanted: int) -> Check:
    return Check(what, str(figure), str(wanted), figure == wanted)


def information(what: str, figure: str) -> Check:
    return Check(what, figure, "", True)


def if_measured(check: Check, measures: bool) -> Check:
    """Returns a check that depends on the speed of the machine; for information only unless `measures`."""
    return check if measures else information(check.what, check.figure)


def examples_of(found: Sequence[object]) -> str:
    shown = ", ".join(str(one) for one in found[:5])
    return shown + (", …" if len(found) > 5 else "")


def table(results: list[tuple[str, list[Check]]]) -> str:
    """Formats each drill with its checks, followed by examples of the failed ones."""
    rows = [("drill", "what", "figure", "limit", "")]
    for drill, checks in results:
        for check in checks:
            verdict = "ok" if check.holds else "FAILED"
            rows.append(
                (drill, check.what, check.figure, check.limit, verdict if check.limit or not check.holds else "")
            )
            drill = ""
    widths = [max(len(row[column]) for row in rows) for column in range(5)]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip() for row in rows]
    lines.insert(1, "  ".join("-" * width for width in widths).rstrip())
    failed = [
        f"{drill}: {check.what}: {check.examples}"
        for drill, checks in results
        for check in checks
        if not check.holds and check.examples
    ]
    return "\n".join([*lines, *failed])
