"""The steps of the heat maps, the same in every report."""

from __future__ import annotations

SHADES = (50.0, 60.0, 70.0, 80.0, 90.0, 95.0)
"""Lower bounds of the steps from the second on."""


def shade(value: float | None) -> int | None:
    """The step of a score 0–100, 0 (worst) … 6 (best)."""
    return None if value is None else sum(value >= bound for bound in SHADES)
