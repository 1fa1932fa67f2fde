"""How reports speak: translated words, and numbers, times and rates as a reader of the language expects them."""

from __future__ import annotations

import gettext
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path

from qa_scorer.catalogues import load_catalogue
from qa_scorer.errors import OutputError
from qa_scorer.results.summary import Figure
from qa_scorer.transcripts.sentences import translate_sentence

LANGUAGES = {"zh": "zh-CN", "en": "en"}
"""What ``--lang`` takes, and the tag that a page declares. Message ids are English, so ``en`` has no catalogue."""

_LOCALE = Path(__file__).parent / "locale"


@dataclass(frozen=True, slots=True)
class Language:
    """A language of the reports. ``absent`` stands wherever the data do not carry a figure."""

    code: str
    tag: str
    catalogue: gettext.NullTranslations
    absent: str = "—"

    def gettext(self, message: str) -> str:
        return self.catalogue.gettext(message)

    def ngettext(self, singular: str, plural: str, n: int) -> str:
        return self.catalogue.ngettext(singular, plural, n)

    def reader(self, text: str) -> str:
        """What the reader of exports said of a row or a file."""
        return translate_sentence(text, self.code)

    def count(self, value: int) -> str:
        """1204 → ``1,204``."""
        return f"{value:,}"

    def score(self, value: float | None) -> str:
        """87.345 → ``87.3``."""
        return self.absent if value is None else f"{value:.1f}"

    def lost(self, value: float) -> str:
        """Points that something costs on average: 2.34 → ``2.3``, and 0.02 → ``<0.1``, for it is not nothing."""
        return "<0.1" if 0 < value < 0.05 else self.score(value)

    def points(self, value: float) -> str:
        """Points of a rule: 5.0 → ``5``, 2.5 → ``2.5``."""
        return f"{value:.1f}".removesuffix(".0")

    def share(self, value: float | None) -> str:
        """0.916 → ``92%``. Never rounds some to none or to all: 0.004 → ``0.4%``, 0.9996 → ``>99.9%``."""
        if value is None:
            return self.absent
        if value in (0, 1) or 0.01 <= value <= 0.99:
            return f"{value:.0%}"
        if value < 0.001:
            return "<0.1%"
        return ">99.9%" if value > 0.999 else f"{value:.1%}"

    def seconds(self, value: float | None) -> str:
        """83 → ``1 分 23 秒``, 7500 → ``2 小时 5 分``."""
        if value is None:
            return self.absent
        whole = round(value)
        hours, minutes, seconds = whole // 3600, whole // 60 % 60, whole % 60
        _ = self.gettext
        if hours:
            return (_("%(h)d h %(m)d min") if minutes else _("%(h)d h")) % {"h": hours, "m": minutes}
        if minutes:
            return (_("%(m)d min %(s)d s") if seconds else _("%(m)d min")) % {"m": minutes, "s": seconds}
        return _("%(s)d s") % {"s": seconds}

    def value(self, value: float | None, unit: str, exact: bool = False) -> str:
        """A number in a ``Metric``'s unit. ``exact``: shares with a decimal, as they must be beside a change."""
        if value is None:
            return self.absent
        if exact and unit == "share" and self.share(value) not in ("0%", "100%", "<0.1%", ">99.9%"):
            return f"{value:.1%}"
        if unit == "count":
            return self.count(round(value))
        words = {"score": self.score, "share": self.share, "seconds": self.seconds, "stars": self.score}
        return words[unit](value)

    def difference(self, value: float, unit: str) -> str:
        """A change with its sign, ``+1.3``, ``−4.0 个百分点``, ``+12 秒``; one too small to see is ``±0``."""
        sign = "+" if value > 0 else "−"
        if unit == "share":
            points = f"{100 * abs(value):.1f}"
            text = self.gettext("%(points)s pp") % {"points": points}
            return "±" + text if float(points) == 0 else sign + text
        if unit == "seconds":
            return "±" + self.seconds(0) if round(value) == 0 else sign + self.seconds(abs(value))
        text = self.score(abs(value))
        return "±" + text if float(text) == 0 else sign + text

    def span(self, low: float | None, high: float | None, unit: str) -> str:
        """The interval of a change, ``+0.2 至 +4.1``, or nothing. Its unit stands with the change."""
        if low is None or high is None:
            return ""
        if unit == "share":
            low, high, unit = 100 * low, 100 * high, "score"
        return self.gettext("%(low)s to %(high)s") % {
            "low": self.difference(low, unit),
            "high": self.difference(high, unit),
        }

    def figure(self, figure: Figure, unit: str, exact: bool = False) -> str:
        """The figure's value. A value that misses its target is never rounded up to it: 84.96 of 85 → ``84.96``."""
        text = self.value(figure.value, unit, exact)
        if figure.value is None or figure.target is None or figure.met is not False:
            return text
        if unit in ("score", "share") and text in (self.value(figure.target, unit), f"{figure.target:.1f}"):
            return f"{figure.value:.2f}" if unit == "score" else f"{figure.value:.2%}"
        return text

    def interval(self, figure: Figure, unit: str) -> str:
        """``86.1–88.5``, or nothing when the sample bears no interval."""
        if figure.low is None or figure.high is None:
            return ""
        return f"{self.value(figure.low, unit)}–{self.value(figure.high, unit)}"

    def moment(self, time: datetime | None) -> str:
        """``2026-10-03 14:05:09``; times are shown in the zone that they carry."""
        return self.absent if time is None else f"{time.date()} {self.clock(time)}"

    def clock(self, time: datetime | None) -> str:
        """``14:05:09``, nothing when the export has no times."""
        return "" if time is None else f"{time.hour:02}:{time.minute:02}:{time.second:02}"

    def period(self, period: tuple[datetime | None, datetime | None]) -> str:
        """``2026-10-01 – 2026-10-31``, one day when both are the same."""
        first, last = period
        if first is None or last is None:
            return self.gettext("no timestamps in the data")
        days = (first.strftime("%Y-%m-%d"), last.strftime("%Y-%m-%d"))
        return days[0] if days[0] == days[1] else " – ".join(days)


@lru_cache
def load_language(code: str) -> Language:
    """The language for ``zh`` or ``en``. Raises OutputError for any other."""
    if code not in LANGUAGES:
        raise OutputError(
            f"Reports are written in {' or '.join(LANGUAGES)}, not in {code!r}: choose one of them with --lang."
        )
    return Language(code, LANGUAGES[code], load_catalogue(_LOCALE, code))
