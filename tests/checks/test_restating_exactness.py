"""Every shortcut of the check for restating (B3) equals its plain definition: speed must never change a verdict."""

from __future__ import annotations

import re
from itertools import pairwise
from unittest import mock

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from rapidfuzz import fuzz

from qa_scorer.checks import compile_plan, content, judge, quantities
from qa_scorer.checks.content import Mention, Synonyms, read_contents, read_mentions
from qa_scorer.checks.finding import Evaluator
from qa_scorer.checks.paraphrase import _Reading
from qa_scorer.checks.quantities import read_quantities
from qa_scorer.checks.restating import restatements
from qa_scorer.checks.told import Told
from qa_scorer.checks.weighing import Said, needed, weigh
from qa_scorer.matching.batch import Batch
from qa_scorer.matching.segment import cut
from qa_scorer.model.checks import Paraphrase
from qa_scorer.model.patterns import Said as SaidBy
from qa_scorer.model.words import Role
from qa_scorer.transcripts.script import batch_of, parse_script
from tests.checks.test_paraphrase import plan, rulebook

SYNONYMS = Synonyms(
    {
        "发货": ["寄出", "发出"],
        "未发货": ["没动静", "没发"],
        "退款": ["退钱", "退"],
        "换货": ["换一", "换"],
        "收货": ["收到"],
    },
    [("发货", "未发货"), ("退款", "换货")],
)
ALPHABET = "付款三天了还没发货不是吗么对您说要退钱换一寄出大小个周半千万己失败灵3.50块号 ,?。~;!a"
texts = st.text(ALPHABET, max_size=24)
PHRASES = [
    "付款三天了", "还没发货", "寄出了", "您是说", "您的意思是", "要退钱", "换一条", "三天还没寄出", "没动静", "扣了四次", "两次", "对吗", "是吗?",
    "吗", "请稍等", "把39改到99", "从99改到39", "灯泡不亮了", "我帮您", "裤子短", "押了500", "退了300", "请问您的订单号是多少呢?", "锅的盖子", "锅盖",
]  # fmt: skip
sentences = st.lists(st.sampled_from(PHRASES), min_size=1, max_size=4).map("".join)
chats = st.lists(st.tuples(st.sampled_from("客服"), sentences), min_size=1, max_size=6).map(
    lambda rows: "\n".join(f"{role}: {text}" for role, text in rows)
)


@settings(max_examples=300, deadline=None)
@given(texts)
def test_sentences_without_a_form_are_the_pieces_of_sentences_that_ask(text: str) -> None:
    parted = text.count(" ") * 6 < len(text)
    pieces = []
    for found in re.finditer(r"(?:[^。!?;~…\n.]|\.(?=\d))+[?!。…~;]*", text):
        inside = re.compile(r"\S+").finditer(text, *found.span()) if parted else [found]
        pieces += [piece.span() for piece in inside]
    asking = [span for span in pieces if re.search(r"\?|[吗么嘛]\W*$", text[slice(*span)])]
    said = [span for span in asking if re.search(r"[\u4e00-\u9fff]", text[slice(*span)])]
    clauses = [[found.span() for found in re.compile(r"[^,:、?!。…~;\s]+").finditer(text, *span)] for span in said]
    expected = [(tuple(parts), span, len(parts) - 1) for parts, span in zip(clauses, said, strict=True) if parts]
    found = restatements(text, ())
    assert [(one.clauses, one.span, one.asked) for one in found] == expected
    assert not any(one.formed or one.led for one in found)


@settings(max_examples=300, deadline=None)
@given(st.text("零一二两三十百千万半个大前昨明后天上下去周星期礼拜日号点钟块毛元月年3.5, 来多", max_size=16))
def test_no_quantity_begins_with_another_character(text: str) -> None:
    everywhere = re.compile(quantities._QUANTITY.pattern.replace(quantities._FIRST, "", 1))
    assert everywhere.pattern != quantities._QUANTITY.pattern
    found = read_quantities(text)
    with mock.patch.object(quantities, "_QUANTITY", everywhere):
        assert read_quantities(text) == found


@settings(max_examples=300, deadline=None)
@given(texts)
def test_negations_are_looked_for_wherever_one_may_be(text: str) -> None:
    found = read_mentions([text], SYNONYMS)
    with mock.patch.object(content, "_MAY_NEGATE", re.compile(r".")):
        assert read_mentions([text], SYNONYMS) == found


@settings(max_examples=300, deadline=None)
@given(texts)
def test_mentions_are_synonyms_then_quantities_then_what_is_left_of_words(text: str) -> None:
    typed = content.as_typed(text)
    assert typed == content._FOLDED.sub("已", text)
    words = cut([typed])[0] if typed else []
    ends = np.cumsum([0, *map(len, words)]).tolist()
    borders = {*ends, *(end + 1 for end, word in zip(ends, words, strict=False) if word[0] in "没不未")}
    taken = [False] * len(typed)
    spans = []
    for _, start, end in SYNONYMS.find(typed):
        if end - start > 1 or {start, end} <= borders:
            spans.append((start, end))
            taken[start:end] = [True] * (end - start)
    for quantity in read_quantities(typed):
        if not any(taken[quantity.start : quantity.end]):
            spans.append((quantity.start, quantity.end))
            taken[quantity.start : quantity.end] = [True] * (quantity.end - quantity.start)
    for start, end in pairwise(ends):
        free = "".join("1" if taken[place] else "0" for place in range(start, end))
        pieces = [(start + piece.start(), start + piece.end()) for piece in re.finditer("0+", free)]
        spans += [
            (first, last)
            for first, last in pieces
            if typed[first:last] not in content._function_words() and content._WORD.search(typed[first:last])
        ]
    assert [(mention.start, mention.end) for mention in read_mentions([text], SYNONYMS)[0]] == sorted(spans)


@settings(max_examples=100, deadline=None)
@given(st.lists(texts, max_size=5))
def test_what_texts_mention_does_not_depend_on_their_neighbours(several: list[str]) -> None:
    assert read_mentions(several, SYNONYMS) == [read_mentions([text], SYNONYMS)[0] for text in several]


@settings(max_examples=300, deadline=None)
@given(st.text(ALPHABET, min_size=1, max_size=6), st.text(ALPHABET, max_size=4))
def test_tokens_are_the_word_and_its_telling_characters(text: str, group: str) -> None:
    assert Mention(group, False, text, 0, len(text)).tokens == frozenset((group, *content.telling(text)))


def weighed(text: str, excused: list[bool], told: Told) -> list[object]:
    """What the sentences of a text are."""
    [said] = read_contents([text], SYNONYMS)
    forms = tuple(found.span() for found in re.finditer("您是说|您的意思是|对吗", text))
    results: list[object] = []
    for sentence in restatements(text, forms):
        excuse = [0 if excused[number % len(excused)] else -1 for number in range(len(sentence.clauses))]
        least = needed(sentence, said, 2, SYNONYMS)
        one = Said(sentence, excuse, (0, 1), said, least)
        params = Paraphrase(any=(), except_=(SaidBy(Role.AGENT),))
        results.append((weigh(one, told, 0, params, SYNONYMS), [told.share(m, m.tokens) for m in said.mentions]))
    return results


@settings(max_examples=300, deadline=None)
@given(sentences | texts, st.lists(st.booleans(), min_size=1, max_size=3), st.lists(sentences | texts, max_size=4))
def test_what_no_token_was_told_of_is_not_shared(text: str, excused: list[bool], earlier: list[str]) -> None:
    messages = list(enumerate(read_contents(earlier, SYNONYMS)))
    tokens = frozenset().union(*[heard.tokens for _, heard in messages])
    every = tokens | {"0", *text, *(m.word for m in read_mentions([text], SYNONYMS)[0]), *SYNONYMS.meaning_of}
    assert weighed(text, excused, Told(messages, tokens)) == weighed(text, excused, Told(messages, every))


@settings(max_examples=300, deadline=None)
@given(st.text("abcde", max_size=12), st.text("abcde", max_size=12), st.sampled_from([0.0, 50.0, 80.0, 88.0, 100.0]))
def test_whether_texts_are_alike_enough_does_not_depend_on_stopping_early(one: str, other: str, least: float) -> None:
    compare = fuzz.partial_ratio if len(one) <= len(other) else fuzz.ratio
    assert (compare(one, other, score_cutoff=least) >= least) == (compare(one, other) >= least)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.text("您好吗么嘛?？_a1。, 😀", min_size=1, max_size=8), min_size=1, max_size=6))
def test_questions_are_found_in_all_texts_at_once_as_in_each(several: list[str]) -> None:
    chat = "\n".join(f"服: {text}" for text in several)
    view = Evaluator(Batch(batch_of([("chat", parse_script(chat))])), plan())
    check = rulebook().rules[0].check
    assert isinstance(check, Paraphrase)
    reading = _Reading(check, view, np.zeros(view.batch.size, dtype=np.bool_))
    found = reading._look_for_questions(np.ones(len(view.search.numbers), dtype=np.bool_))
    clean = [view.search.index.clean(number) for number in view.search.numbers.tolist()]
    expected = [row for row, text in enumerate(clean) if re.search(r"\?|[吗么嘛](?!\w)", text)]
    assert found.message.tolist() == expected


@settings(max_examples=30, deadline=None)
@given(st.lists(st.lists(chats, min_size=1, max_size=2), min_size=2, max_size=5))
def test_what_is_remembered_and_forgotten_changes_no_verdict(batches: list[list[str]]) -> None:
    def judged(book: object, number: int) -> list[object]:
        named = [(f"{place}", parse_script(chat)) for place, chat in enumerate(batches[number])]
        result = judge(Batch(batch_of(named)), book)  # type: ignore[arg-type]
        rows = result.evidence
        columns = (rows.unit, rows.kind, rows.message, rows.start, rows.end, rows.note)
        return [result.verdict.tolist(), result.hits.tolist(), [column.tolist() for column in columns], rows.notes]

    with mock.patch("qa_scorer.matching.index.MOST_TEXTS", 12), mock.patch("qa_scorer.matching.index.FEW_TEXTS", 0):
        kept = compile_plan(rulebook())
        for number in range(len(batches)):
            assert judged(kept, number) == judged(compile_plan(rulebook()), number)
