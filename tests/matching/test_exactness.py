"""Every shortcut of the search equals its plain definition, on arbitrary text: speed must never change a verdict."""

from __future__ import annotations

import re
from pathlib import Path
from unittest import mock

import numpy as np
import pyarrow as pa
import pytest
import re2
from hypothesis import given, reject, settings
from hypothesis import strategies as st

from qa_scorer.checks import compile_plan
from qa_scorer.errors import RulebookError
from qa_scorer.matching import fuzzy, triggers
from qa_scorer.matching.gates import Gates
from qa_scorer.matching.index import MIN_SPACED, TextIndex
from qa_scorer.matching.normalise import Views, fold, make_views, normalise
from qa_scorer.matching.patternset import PatternSet, compile_regex
from qa_scorer.matching.search import Search
from qa_scorer.matching.segment import cut
from qa_scorer.model.patterns import Fuzzy, Literal, Pattern, Regex, Word
from qa_scorer.rulebook import load
from qa_scorer.transcripts import ReadOptions, read

ALPHABET = "您好请申问不行可能这是我的题管归 ,，。！?aB１2😀/\n"
FEW_TEXTS = "qa_scorer.matching.index.FEW_TEXTS"
texts = st.lists(st.text(ALPHABET, max_size=18), min_size=1, max_size=12)
phrases = st.text("您好请申问不行可能这是我的题管归a2", min_size=1, max_size=7)


def search(patterns: list[Pattern], messages: list[str], few: int = 0) -> tuple[PatternSet, Search, Views]:
    """What an index finds that makes gates, for the first text already or beyond ``few``."""
    compiled = PatternSet(patterns)
    views = make_views(pa.array(messages, pa.string()))
    with mock.patch(FEW_TEXTS, few):
        return compiled, Search(TextIndex(compiled), pa.array(messages, pa.string())), views


def spans(hits: Search, number: int, allowed: list[int] | None = None) -> set[tuple[int, int, int]]:
    messages = range(len(hits.text)) if allowed is None else [row for row in allowed if row < len(hits.text)]
    texts = np.isin(np.arange(len(hits.numbers)), hits.text[list(messages)])
    found = hits.find(np.array([number]), texts)
    rows = list(zip(found.message.tolist(), found.start.tolist(), found.end.tolist(), strict=True))
    return {(message, start, end) for message in messages for text, start, end in rows if hits.text[message] == text}


def original_spans(views: Views, message: int, start: int, end: int, *, bare: bool) -> tuple[int, int, int]:
    view = views.bare if bare else views.clean
    base = int(view.starts[message])
    return message, int(view.origin[base + start]), int(view.origin[base + end - 1]) + 1


@settings(max_examples=150, deadline=None)
@given(texts, st.lists(phrases, min_size=1, max_size=5))
def test_literals_are_found_wherever_str_find_finds_them(messages: list[str], words: list[str]) -> None:
    compiled, hits, views = search([Literal(word) for word in words], messages)
    for number, pattern in enumerate(compiled.patterns):
        assert isinstance(pattern, Literal)
        [form] = normalise([pattern.text])
        expected = set()
        for message in range(len(messages)):
            bare, at = views.bare.message(message), -1
            while (at := bare.find(form, at + 1)) >= 0:
                base = int(views.bare.starts[message])
                first, last = views.bare_in_clean[base + at], views.bare_in_clean[base + at + len(form) - 1]
                if last - first + 1 == len(form) or len(form) >= MIN_SPACED:
                    expected.add(original_spans(views, message, at, at + len(form), bare=True))
        assert spans(hits, number) == expected


@settings(max_examples=150, deadline=None)
@given(texts, phrases, st.sampled_from([60.0, 75.0, 80.0, 85.0, 92.0, 100.0]))
def test_the_fuzzy_filter_loses_nothing(messages: list[str], phrase: str, cutoff: float) -> None:
    _, hits, views = search([Fuzzy(phrase, cutoff)], messages)
    expected = set()
    for message in range(len(messages)):
        found = fuzzy.find_fuzzy(normalise([phrase])[0], views.bare.message(message), cutoff)
        if found is not None:
            expected.add(original_spans(views, message, *found, bare=True))
    assert spans(hits, 0) == expected


@pytest.mark.parametrize(
    "regex",
    [
        "不.{0,2}行", "^您", "好$", "[^我]管", "(这|那)?不归我(们)?管", "请(问)?", r"\s您", "a", r"\d+", "^[?？!]+$",
        "(不行|不可能)(的|了)?", "您|好", "我.*题", r"\ba\b", "(您您|您)您?", "(我的)?我", "A[Ｂ2]", "您 好|您，", "[[:digit:]您]好", "您{,1}好",
    ],
)  # fmt: skip
@settings(max_examples=60, deadline=None)
@given(messages=texts, few=st.sampled_from([0, 100]))
def test_regexes_over_lines_equal_one_search_per_message(regex: str, messages: list[str], few: int) -> None:
    _, hits, views = search([Regex(regex)], messages, few)
    options = re2.Options()
    options.case_sensitive = False
    plain = re2.compile(fold(regex), options)
    finite = triggers.finite_texts(fold(regex).lower())
    expected = set()
    for message in range(len(messages)):
        text = views.clean.message(message)
        if finite is None:
            found = [match.span() for match in plain.finditer(text) if match.group()]
        else:  # phrases in disguise: every occurrence, overlapping ones too
            found = [(m.start(), m.start() + len(t)) for t in finite for m in re.finditer(f"(?={re.escape(t)})", text)]
        expected |= {original_spans(views, message, start, end, bare=False) for start, end in found}
    assert spans(hits, 0) == expected


def alternatives(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Regexes one level deeper: sequences, and groups with and without something behind them."""
    group = st.lists(inner, min_size=1, max_size=3).map("|".join)
    opening, behind = (
        st.sampled_from(["(", "(?:", "(?P<n>", "(?i:"]),
        st.sampled_from(["", "", "?", "*", "+", "{0,1}", "{2}", "??"]),
    )
    return st.one_of(
        st.lists(inner, min_size=2, max_size=3).map("".join),
        st.tuples(opening, group, st.just(")"), behind).map("".join),
    )


regexes = st.recursive(
    st.sampled_from([
        "您", "您好", "不行", "可能？", "题?", "管*", "我{0,2}", "归+", "请{1}", "归{,1}", "a", "B", ".", "[您好]", "[^我|(]", "[]）]", "[[:alpha:]题]",
        r"\d", r"\(", r"\|", r"\p{Han}", r"\x{60a8}", r"[\]您]", "。", " ", "^", "$", r"\b", r"\Q您|\E", "(?i)", "",
    ]),
    alternatives,
    max_leaves=8,
)  # fmt: skip


@settings(max_examples=600, deadline=None)
@given(regexes, texts)
def test_a_glance_refuses_no_text_that_the_regex_matches(regex: str, messages: list[str]) -> None:
    compiled = readable(regex)
    for text in normalise(messages):
        if compiled.search(text.encode()):
            assert triggers.may_match(fold(regex).lower(), text)


@settings(max_examples=400, deadline=None)
@given(st.lists(regexes, min_size=1, max_size=4), texts)
def test_few_texts_hold_what_many_would(several: list[str], messages: list[str]) -> None:
    patterns: list[Pattern] = [Regex(regex, tried=True) for regex in several if readable(regex)]
    compiled, many, _ = search(patterns, messages)
    _, few, _ = search(patterns, messages, 100)
    for number in range(len(compiled.patterns)):
        assert spans(few, number) == spans(many, number)


def readable(regex: str) -> re2._Regexp:
    """The regex compiled; examples that RE2 cannot read are of no use here."""
    try:
        return compile_regex(regex)
    except RulebookError:
        reject()


def test_few_texts_hold_what_many_would_of_all_that_ships() -> None:
    plan = compile_plan(load(None))
    batches = read([Path(__file__).parents[2] / "sample_transcripts"], ReadOptions()).batches()
    messages = list(dict.fromkeys(text for batch in batches for text in batch.messages["text"].to_pylist()))
    patterns = list(plan.patterns.patterns)
    _, many, _ = search(patterns, messages)
    _, few, _ = search(patterns, messages, len(messages))
    assert (few.index.needles.for_many, many.index.needles.for_many) == (False, True)
    hits = 0
    for number in range(len(patterns)):
        found, expected = (where(way, number) for way in (few, many))
        assert np.array_equal(found, expected), patterns[number]
        hits += len(found)
    assert hits > 3_000


def where(hits: Search, number: int) -> np.ndarray[tuple[int, ...], np.dtype[np.int64]]:
    """(text, start, end) of every occurrence in any text, sorted."""
    found = hits.find(np.array([number]), np.ones(len(hits.numbers), dtype=np.bool_))
    return np.unique(np.stack((found.message, found.start, found.end), axis=1), axis=0)


@settings(max_examples=100, deadline=None)
@given(texts, st.sampled_from(["请", "请问", "申请", "不行", "可能"]))
def test_words_stand_between_borders_of_the_segmented_message(messages: list[str], word: str) -> None:
    _, hits, views = search([Word(word)], messages)
    expected = set()
    for message in range(len(messages)):
        text = views.clean.message(message)
        at = 0
        for token in cut([text])[0] if text else []:
            if token == word:
                expected.add(original_spans(views, message, at, at + len(token), bare=False))
            at += len(token)
    found = spans(hits, 0)
    assert expected <= found
    for message, start, end in found - expected:  # a word made of several tokens still begins and ends on borders
        borders = np.cumsum([0, *map(len, cut([views.clean.message(message)])[0])]).tolist()
        base = int(views.clean.starts[message])
        origin = views.clean.origin[base : base + len(views.clean.message(message))].tolist()
        assert origin.index(start) in borders
        assert origin.index(end - 1) + 1 in borders


@settings(max_examples=100, deadline=None)
@given(texts, phrases)
def test_neighbours_in_a_batch_change_nothing(messages: list[str], phrase: str) -> None:
    patterns: list[Pattern] = [Literal(phrase), Fuzzy(phrase, 75), Regex(f"^{phrase}|{phrase}$")]
    _, together, _ = search(patterns, messages)
    for number in range(len(patterns)):
        alone = set()
        for index, message in enumerate(messages):
            _, hits, _ = search(patterns, [message])
            alone |= {(index, start, end) for _, start, end in spans(hits, number)}
        assert spans(together, number) == alone


@settings(max_examples=60, deadline=None)
@given(st.lists(texts, min_size=1, max_size=4), phrases, st.integers(0, 12))
def test_an_index_finds_the_same_before_and_after_it_makes_gates(
    batches: list[list[str]], phrase: str, few: int
) -> None:
    patterns: list[Pattern] = [
        Literal(phrase),
        Fuzzy(phrase, 75),
        Regex(f"{phrase}.*$|[?？]"),
        Regex(f"^{phrase}"),
        Regex(f"{phrase}(请|请问)?"),
        Word("请"),
    ]
    texts = TextIndex(PatternSet(patterns))
    for messages in batches:
        with mock.patch(FEW_TEXTS, few):
            hits = Search(texts, pa.array(messages, pa.string()))
        _, alone, _ = search(patterns, messages)
        for number in range(len(patterns)):
            assert spans(hits, number) == spans(alone, number)


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.lists(st.lists(st.sampled_from("甲乙丙丁戊"), min_size=1, max_size=3), max_size=3), max_size=6),
    st.lists(st.text("甲乙丙丁戊", max_size=4), max_size=150),
)
def test_a_text_passes_a_gate_that_holds_a_key_of_each_of_its_sets(
    sets: list[list[list[str]]], messages: list[str]
) -> None:
    numbers = {char: number for number, char in enumerate("甲乙丙丁戊", start=3)}
    gates = Gates(dict(enumerate(sets)), numbers, len(sets))
    held = [(numbers[char], text) for text, message in enumerate(messages) for char in message]
    key, text = np.array(held, dtype=np.int64).reshape(-1, 2).T
    with mock.patch("qa_scorer.matching.gates._BLOCK", 64):
        passed = set(zip(*(column.tolist() for column in gates.passed(key, text, len(messages))), strict=True))
    assert gates.is_open.tolist() == [not of_pattern for of_pattern in sets]
    assert passed == {
        (pattern, text)
        for pattern, of_pattern in enumerate(sets)
        for text, message in enumerate(messages)
        if of_pattern and all(any(key in message for key in keys) for keys in of_pattern)
    }


@settings(max_examples=150, deadline=None)
@given(st.lists(st.text(max_size=20), min_size=1, max_size=6))
def test_offsets_of_both_views_lead_to_characters_of_the_original(messages: list[str]) -> None:
    views = make_views(pa.array(messages, pa.string()))
    for index, message in enumerate(messages):
        for view in (views.clean, views.bare):
            begin, end = int(view.starts[index]), int(view.starts[index + 1]) - 1
            origin = view.origin[begin:end].tolist()
            assert len(view.message(index)) == len(origin)
            assert origin == sorted(set(origin))
            assert all(0 <= place < len(message) for place in origin)


@settings(max_examples=300, deadline=None)
@given(phrases, st.text("您好请申问不行可能这是我的题管归a2", max_size=12), st.floats(50, 100))
def test_a_match_holds_at_least_one_piece(phrase: str, text: str, cutoff: float) -> None:
    cut_up = fuzzy.pieces(phrase, cutoff)
    if cut_up is not None and fuzzy.find_fuzzy(phrase, text, cutoff) is not None:
        assert "".join(cut_up) == phrase
        assert any(piece in text for piece in cut_up)


@settings(max_examples=100, deadline=None)
@given(texts, phrases, st.sets(st.integers(0, 11)))
def test_asking_message_by_message_finds_what_asking_at_once_finds(
    messages: list[str], phrase: str, some: set[int]
) -> None:
    patterns: list[Pattern] = [Literal(phrase), Fuzzy(phrase, 75), Regex(f"{phrase}.?")]
    _, at_once, _ = search(patterns, messages)
    _, in_parts, _ = search(patterns, messages)
    for number in range(len(patterns)):
        spans(in_parts, number, sorted(some))
        assert spans(in_parts, number) == spans(at_once, number)
        chosen = {span for span in spans(at_once, number) if span[0] in some}
        assert spans(in_parts, number, sorted(some)) == chosen


@settings(max_examples=100, deadline=None)
@given(texts, st.data())
def test_spans_of_many_clean_views_lead_to_the_originals_and_back_as_those_of_one(
    messages: list[str], data: st.DataObject
) -> None:
    _, hits, _ = search([Literal("您")], messages)
    index, numbers = hits.index, hits.number_of.tolist()
    filled = [number for number in numbers if index.clean(number)]
    rows = []
    for number in data.draw(st.lists(st.sampled_from(filled), max_size=8)) if filled else []:
        end = data.draw(st.integers(1, len(index.clean(number))))
        rows.append((number, data.draw(st.integers(0, end - 1)), end))
    text, start, end = np.array(rows, dtype=np.int64).reshape(-1, 3).T
    origins = [index.clean_origin(number) for number in text.tolist()]
    first, last = index.clean_in_original(text, start, end)
    assert first.tolist() == [origin[at] for origin, at in zip(origins, start, strict=True)]
    assert last.tolist() == [origin[at - 1] + 1 for origin, at in zip(origins, end, strict=True)]
    begin, stop = index.original_in_clean(text, first, last)
    assert begin.tolist() == [np.searchsorted(origin, at) for origin, at in zip(origins, first, strict=True)]
    assert stop.tolist() == [np.searchsorted(origin, at) for origin, at in zip(origins, last, strict=True)]
