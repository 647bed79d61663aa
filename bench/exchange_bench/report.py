"""The results as tables, for the terminal and for docs/performance.md."""

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """One line: a figure, or a ratio to another system. A missed goal is reported and fails nothing."""

    what: str
    figure: str
    goal: str = ""
    reached: bool | None = None

    def cells(self) -> tuple[str, str, str, str]:
        verdict = {True: "yes", False: "no", None: ""}[self.reached]
        return self.what, self.figure, self.goal, verdict


@dataclass(frozen=True)
class Section:
    title: str
    figures: Sequence[Figure]


def figure(
    what: str, values: Sequence[float], unit: str, *, least: float | None = None, most: float | None = None
) -> Figure:
    """Returns the median of a figure over all rounds, with its spread, compared with a goal."""
    middle = statistics.median(values)
    spread = f" ({_short(min(values))}–{_short(max(values))})" if len(values) > 1 else ""
    text = f"{_short(middle)}{unit}{spread}"
    if least is not None:
        return Figure(what, text, f"≥ {least:g}{unit}", middle >= least)
    if most is not None:
        return Figure(what, text, f"≤ {most:g}{unit}", middle <= most)
    return Figure(what, text)


def ratio(
    what: str, ours: Sequence[float], theirs: Sequence[float], *, least: float | None = None, most: float | None = None
) -> Figure:
    """Returns the ratio of ours to theirs, round by round."""
    return figure(what, [our / their for our, their in zip(ours, theirs)], " ×", least=least, most=most)


# The 97.5 % quantiles of Student's t, for 1, 2, … degrees of freedom.
_T = (
    *(12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228),
    *(2.201, 2.179, 2.160, 2.145, 2.131, 2.120, 2.110, 2.101, 2.093, 2.086),
    *(2.080, 2.074, 2.069, 2.064, 2.060, 2.056, 2.052, 2.048, 2.045, 2.042),
)
# A lower ratio to the other build's rate counts as a loss, where nothing else is said.
LEAST = 0.95


def interval(ours: Sequence[float], theirs: Sequence[float]) -> tuple[float, float, float]:
    """Returns the geometric mean of the ratios of all rounds, and its 95 % interval. Ratios are symmetric on a
    logarithmic scale, where twice is as far from one as half."""
    logs = [math.log(our / their) for our, their in zip(ours, theirs, strict=True)]
    middle = statistics.fmean(logs)
    freedom = len(logs) - 1
    reach = _T[min(freedom, len(_T)) - 1] * statistics.stdev(logs) / math.sqrt(len(logs))
    return math.exp(middle - reach), math.exp(middle), math.exp(middle + reach)


def compared(what: str, ours: Sequence[float], theirs: Sequence[float], least: float | None = LEAST) -> Figure:
    """Returns the ratio of ours to theirs. It misses its goal if the whole interval lies below the least ratio."""
    low, middle, high = interval(ours, theirs)
    rates = f"{_short(statistics.median(ours))} and {_short(statistics.median(theirs))} /s"
    text = f"{middle:.3f} × ({low:.3f}–{high:.3f}); {rates}"
    if least is None:
        return Figure(what, text)
    return Figure(what, text, f"not surely < {least:g} ×", high >= least)


def _short(value: float) -> str:
    """Formats three significant digits."""
    if value >= 100:
        return f"{value:,.0f}".replace(",", " ")
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"


_HEAD = ("what", "figure", "goal", "reached")


def table(sections: Sequence[Section], with_goals: bool) -> str:
    """Formats a table for the terminal."""
    columns = 4 if with_goals else 2
    rows = [figure.cells() for section in sections for figure in section.figures]
    widths = [max(len(row[column]) for row in [_HEAD, *rows]) for column in range(columns)]

    def line(cells: Sequence[str]) -> str:
        return "  ".join(cell.ljust(width) for cell, width in zip(cells, widths)).rstrip()

    lines = [line(_HEAD), line(["-" * width for width in widths])]
    for section in sections:
        lines += ["", section.title, *(line(figure.cells()) for figure in section.figures)]
    return "\n".join(lines)


def markdown(section: Section) -> str:
    """Formats a table for a page."""
    lines = [_HEAD, ("---",) * 4, *(figure.cells() for figure in section.figures)]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in lines)
