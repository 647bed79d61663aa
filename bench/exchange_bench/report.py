"""What was measured, as tables: for the terminal, and for docs/performance.md."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """One line: a figure, or a ratio to another system's. A goal that is not reached is told, and fails nothing."""

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
    """The median of a figure over all rounds, with its spread, held against a goal."""
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
    """Ours for one of theirs, round by round."""
    return figure(what, [our / their for our, their in zip(ours, theirs)], " ×", least=least, most=most)


def _short(value: float) -> str:
    """Three digits that count."""
    if value >= 100:
        return f"{value:,.0f}".replace(",", " ")
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"


_HEAD = ("what", "figure", "goal", "reached")


def table(sections: Sequence[Section], with_goals: bool) -> str:
    """For the terminal."""
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
    """A table of a page."""
    lines = [_HEAD, ("---",) * 4, *(figure.cells() for figure in section.figures)]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in lines)
