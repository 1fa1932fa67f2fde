"""Numbers and words as people read them, in both languages."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from string import Formatter
from typing import Any

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from qa_scorer import reports
from qa_scorer.errors import OutputError
from qa_scorer.reports.language import Language, load_language
from qa_scorer.reports.wording import Definition, metric_definitions, other_definitions, standing
from qa_scorer.results.summary import Figure

ZH, EN = load_language("zh"), load_language("en")
FOLDER = Path(reports.__file__).parent


@pytest.mark.parametrize(
    ("seconds", "zh", "en"),
    [
        (0, "0 秒", "0 s"),
        (59.4, "59 秒", "59 s"),
        (59.6, "1 分钟", "1 min"),
        (83, "1 分 23 秒", "1 min 23 s"),
        (7500, "2 小时 5 分", "2 h 5 min"),
        (None, "—", "—"),
    ],
)
def test_durations_read_naturally(seconds: float | None, zh: str, en: str) -> None:
    assert (ZH.seconds(seconds), EN.seconds(seconds)) == (zh, en)


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (0.0, "0%"),
        (0.0004, "<0.1%"),
        (0.004, "0.4%"),
        (0.916, "92%"),
        (0.996, "99.6%"),
        (0.9996, ">99.9%"),
        (1.0, "100%"),
    ],
)
def test_a_share_never_rounds_some_to_none_or_to_all(share: float, text: str) -> None:
    assert ZH.share(share) == text


@pytest.mark.parametrize(
    ("figure", "unit", "text"),
    [
        (Figure(84.96, 9, target=85.0, met=False), "score", "84.96"),
        (Figure(85.04, 9, target=85.0, met=True), "score", "85.0"),
        (Figure(0.8961, 9, target=0.9, met=False), "share", "89.61%"),
        (Figure(None, 0, target=0.9), "share", "—"),
    ],
)
def test_a_missed_target_is_not_rounded_up_to_it(figure: Figure, unit: str, text: str) -> None:
    assert ZH.figure(figure, unit) == text


def test_the_period_is_one_day_two_days_or_unknown() -> None:
    first, last = datetime(2026, 10, 1, 8, tzinfo=UTC), datetime(2026, 10, 31, 9, tzinfo=UTC)
    assert EN.period((first, last)) == "2026-10-01 – 2026-10-31"
    assert EN.period((first, first)) == "2026-10-01"
    assert ZH.period((None, None)) == "数据中没有时间"


@pytest.mark.parametrize(
    ("low", "high", "met", "words"),
    [
        (86.0, 90.0, True, "Reliably at or above"),
        (70.0, 80.0, False, "Reliably below"),
        (83.0, 91.0, True, "does not rule out a value below"),
        (79.0, 86.0, False, "does not rule out a value above"),
        (None, None, True, "too few conversations"),
    ],
)
def test_the_sentence_under_the_score_claims_no_more_than_the_interval(
    low: float | None, high: float | None, met: bool, words: str
) -> None:
    assert words in standing(EN, Figure(85.0 + met, 40, low, high, 85.0, met))


def test_an_unknown_language_names_the_known_ones() -> None:
    with pytest.raises(OutputError, match=r"zh or en.*--lang"):
        load_language("fr")


def test_every_text_of_the_reports_has_a_chinese_translation_and_none_is_left_over() -> None:
    methods = [("**.py", "python"), ("templates/**.html", "jinja2")]
    options = {"templates/**.html": {"newstyle_gettext": "true"}}
    wanted = {message for _, _, message, _, _ in extract_from_dir(FOLDER, methods, options)}
    with (FOLDER / "locale" / "zh.po").open("rb") as file:
        entries = [entry for entry in read_po(file, locale="zh", abort_invalid=True) if entry.id]
    assert {entry.id if isinstance(entry.id, str) else tuple(entry.id) for entry in entries} == wanted
    for entry in entries:
        ids, texts = _list(entry.id), _list(entry.string)
        assert all(texts), f"not translated: {ids[0]}"
        assert not entry.fuzzy
        for text in texts:
            assert _places(text) == _places(ids[-1]), f"placeholders differ: {text}"


def test_the_documentation_explains_each_figure_in_the_words_of_the_reports() -> None:
    page = (Path(__file__).parents[2] / "docs" / "reports.md").read_text(encoding="utf-8")
    for english, chinese in zip(_definitions(EN), _definitions(ZH), strict=True):
        assert f"| {english.name} ({chinese.name}) | {english.meaning}" in page


def _definitions(language: Language) -> list[Definition]:
    return [*metric_definitions(language).values(), *other_definitions(language).values()]


def _list(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else list(value)


def _places(text: str) -> set[str]:
    """Names in ``%(name)s`` and ``{name}``."""
    percent = {part.split(")")[0] for part in text.split("%(")[1:]}
    return percent | {field for _, field, _, _ in Formatter().parse(text) if field}
