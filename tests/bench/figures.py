# SPDX-License-Identifier: MIT
"""The table that the benchmark prints: what was measured of each contender,
and the ratios of the last one to the others, round by round."""

from __future__ import annotations

import statistics
from dataclasses import dataclass

WHAT = 27
UNIT = 15


def number(value: float) -> str:
    if value >= 100 or value == 0:
        return f"{value:.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def heading(names: list[str]) -> None:
    """A line that names the contenders; the last one is compared."""
    values = "".join(f"{name:>10}" for name in names)
    ratios = "".join(f"   {'to ' + name + ': min, median, max':>28}"
                     for name in names[:-1])
    print(f"\n{'':<{WHAT}} {'':<{UNIT}}{values}{ratios}", flush=True)


@dataclass
class Figure:
    """A line: the values of each contender, in the same order of rounds."""

    what: str
    unit: str
    values: list[list[float]]

    def ratios(self, other: int) -> list[float]:
        return [mine / max(its, 1e-9)
                for mine, its in zip(self.values[-1], self.values[other])]

    def show(self) -> None:
        line = f"{self.what:<{WHAT}} {self.unit:<{UNIT}}"
        line += "".join(f"{number(statistics.median(v)):>10}" for v in self.values)
        for other in range(len(self.values) - 1):
            ratios = self.ratios(other)
            line += (f"   {'':>7}{min(ratios):7.2f}{statistics.median(ratios):7.2f}"
                     f"{max(ratios):7.2f}")
        print(line, flush=True)


def show_values(what: str, unit: str, values: list[float]) -> None:
    """What has no other to be compared with: median, least and most."""
    print(f"{what:<{WHAT}} {unit:<{UNIT}}{number(statistics.median(values)):>10}"
          f"   ({number(min(values))} to {number(max(values))})", flush=True)
