"""The operators of SCA, one reader for each type code: into what a message must hold, or a check of its own."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from qa_scorer.errors import RulebookError
from qa_scorer.matching.normalise import normalise
from qa_scorer.matching.patternset import compile_regex
from qa_scorer.model.checks import Check, Count, Entity, Repeat, Timing
from qa_scorer.model.patterns import AllOf, AnyOf, Condition, ConditionTree, Field, Fuzzy, Literal, Regex, Scope
from qa_scorer.model.words import Role
from qa_scorer.ruletools.sca.reading import Operator, number, texts, whole
from qa_scorer.ruletools.sca.sentences import MOST_ALTERNATIVES, NoEquivalentError, Sentence, Sentences, together

_HEARD = ("SPEED", "OVERLAP", "INTERRUPT", "HANG", "ENERGY", "RECORD")
_MODELS = ("MODEL", "INTENT", "KNOWLEDGE", "LGF", "LLM")
_SYMBOLS = {
    "=": "=", "==": "=", "eq": "=", "等于": "=", "!=": "!=", "<>": "!=", "ne": "!=", "neq": "!=", "不等于": "!=",
    ">": ">", "gt": ">", "大于": ">", ">=": ">=", "ge": ">=", "gte": ">=", "大于等于": ">=",
    "<": "<", "lt": "<", "小于": "<", "<=": "<=", "le": "<=", "lte": "<=", "小于等于": "<=",
}  # fmt: skip
_ENTITIES = {
    "手机": "mobile", "电话": "mobile", "mobile": "mobile", "phone": "mobile", "身份证": "id_card", "idcard": "id_card",
    "银行卡": "bank_card", "bank": "bank_card", "邮箱": "email", "email": "email", "网址": "url", "url": "url",
    "微信": "wechat", "wechat": "wechat", "qq": "qq", "地址": "address", "address": "address",
}  # fmt: skip


@dataclass
class Reading:
    """What an operator became: sentences, a tree over the whole range, or a check that stands alone.

    ``bad`` and ``good`` make the check of a rule in which a hit of the operator is a fault or a merit.
    """

    sentences: Sentences | None = None
    tree: Callable[[Scope], ConditionTree] | None = None
    bad: Callable[[Scope], Check] | None = None
    good: Callable[[Scope], Check] | None = None
    notes: list[str] = field(default_factory=list)


def read_operator(operator: Operator) -> Reading:
    """Raises NoEquivalentError."""
    kind = operator.type
    if kind in _READERS:
        return _READERS[kind](operator)
    if any(word in kind for word in _HEARD):
        raise NoEquivalentError(f"{kind} listens to a call; a chat has nothing to hear")
    if "customerparam" in operator.param:
        return _metadata(operator)
    if "DISTANCE" in kind:
        return _edit_distance(operator)
    if any(word in kind for word in _MODELS):
        raise NoEquivalentError(f"{kind or 'the operator'} asks a trained model; write the phrases that it should find")
    raise NoEquivalentError(f"the operator type {kind or '(none)'} is not known")


def _keywords(operator: Operator) -> Reading:
    param = operator.param
    reading = Reading()
    groups = _groups(param, reading.notes)
    wanted = whole(param.get("keywordmatchsize"))
    if wanted is None:
        wanted = 1 if operator.type == "HIT_ANY_KEYWORDS" else -1
    words = tuple(dict.fromkeys(pattern for group in groups for pattern in group))
    _note_threshold(param, words, reading)
    if wanted == 0:
        reading.sentences = (Sentence((), words),)
        return reading
    wanted = len(groups) if wanted < 0 else wanted
    if wanted > len(groups):
        raise NoEquivalentError(f"{wanted} of {len(groups)} keywords can never be there")
    if wanted == 1:
        reading.sentences = (Sentence(words),)
        return reading
    choices = list(itertools.islice(itertools.combinations(groups, wanted), MOST_ALTERNATIVES + 1))
    if len(choices) > MOST_ALTERNATIVES:
        raise NoEquivalentError(f"{wanted} of {len(groups)} keywords can be chosen in too many ways")
    if param.get("contextchatmatch"):
        reading.tree = lambda scope: _any_of(
            [AllOf(tuple(Condition(group, scope) for group in choice)) for choice in choices]
        )
        return reading
    gap = r"[^。!?;]*" if param.get("insentence") else ".*"
    reading.sentences = (Sentence(tuple(together(choice, gap) for choice in choices)),)
    reading.notes.append("several keywords in one message became a regex: noise between the letters hides them")
    return reading


def _any_of(trees: list[ConditionTree]) -> ConditionTree:
    return trees[0] if len(trees) == 1 else AnyOf(tuple(trees))


def _groups(param: Mapping[str, Any], notes: list[str]) -> list[tuple[Literal, ...]]:
    """Each keyword with its synonyms. Raises NoEquivalentError when nothing is left."""
    synonyms = param.get("synonyms")
    synonyms = synonyms if isinstance(synonyms, dict) else {}
    if param.get("keywordextension") and not synonyms:
        notes.append("the service's own synonyms are not in the file; add the words that you want")
    groups = []
    for keyword in dict.fromkeys(texts(param.get("keywords"))):
        words = [keyword, *texts(synonyms.get(keyword))]
        kept = [word for word, bare in zip(words, normalise(words), strict=True) if bare]
        if kept != words:
            notes.append(f"{'、'.join(word for word in words if word not in kept)}: punctuation alone is not searched")
        if kept:
            groups.append(tuple(Literal(word) for word in dict.fromkeys(kept)))
    if not groups:
        raise NoEquivalentError("it names no keyword")
    if param.get("casesensitive"):
        notes.append("capital and small letters are not told apart")
    return groups


def _note_threshold(param: Mapping[str, Any], words: tuple[Literal, ...], reading: Reading) -> None:
    """``threshold`` counts hits over the whole range, which only a check of its own can do."""
    least = whole(param.get("threshold")) or 0
    if least > 1:
        reading.bad = lambda scope: Count(Condition(words, scope), at_most=least - 1)
        reading.good = lambda scope: Count(Condition(words, scope), at_least=least)


def _similar(operator: Operator) -> Reading:
    score = number(operator.param.get("score")) or 80.0
    score = score * 100 if score <= 1 else score
    phrases = texts(operator.param.get("similarlysentences")) or texts(operator.param.get("references"))
    return _fuzzy(phrases, dict.fromkeys(phrases, score),
                  "similarity is that of the letters here, of a trained model there")  # fmt: skip


def _edit_distance(operator: Operator) -> Reading:
    phrase = str(operator.param.get("phrase") or "")
    most = number(operator.param.get("threshold"))
    if not phrase.strip() or most is None:
        raise NoEquivalentError("it names no phrase, or no threshold")
    return _fuzzy([phrase], {phrase: 100 * (1 - most / len(phrase))},
                  f"at most {most:g} changed letters became a similarity")  # fmt: skip


def _fuzzy(phrases: list[str], least: Mapping[str, float], note: str) -> Reading:
    kept = [phrase for phrase, bare in zip(phrases, normalise(phrases), strict=True) if bare]
    if not kept:
        raise NoEquivalentError("it names no phrase")
    patterns = tuple(Fuzzy(phrase, float(round(min(max(least[phrase], 50.0), 100.0)))) for phrase in kept)
    return Reading((Sentence(patterns),), notes=[note])


def _regex(operator: Operator) -> Reading:
    reading = Reading()
    wanted = _checked(str(operator.param.get("regex") or ""))
    unwanted = str(operator.param.get("notregex") or "")
    none = (_checked(unwanted),) if unwanted else ()
    if operator.param.get("insentence"):
        reading.notes.append("the regex sees the whole message, not one sentence of it")
    if re.search(r"[A-Z]", re.sub(r"\\p?.", "", wanted.regex)):
        reading.notes.append("capital and small letters are not told apart")
    reading.sentences = (Sentence((wanted,), none),)
    return reading


def _checked(regex: str) -> Regex:
    if not regex:
        raise NoEquivalentError("it holds no regex")
    try:
        compile_regex(regex)
    except RulebookError as error:
        raise NoEquivalentError(f"RE2 cannot search with it; {error}") from None
    return Regex(regex)


def _repeat(operator: Operator) -> Reading:
    param = operator.param
    similarity = number(param.get("similaritythreshold"))
    similarity = 90.0 if similarity is None else similarity * 100 if similarity <= 1 else similarity
    times = max(whole(param.get("hittime")) or 1, 1) + 1
    least = max(whole(param.get("threshold")) or 1, 1)
    excuses = tuple(Literal(text) for text in texts(param.get("excludes")))
    reading = Reading(bad=lambda scope: Repeat(scope, times, min(similarity, 100.0), least, excuses))
    if whole(param.get("from")) != 0:
        near = whole(param.get("from")) or 2
        reading.notes.append(f"repetitions count in the whole conversation, not only within {near} sentences")
    if param.get("targetrole"):
        reading.notes.append("a text is compared with those of the same agent, not of `target_role`")
    return reading


def _entity(operator: Operator) -> Reading:
    described = (
        f"{operator.name} {operator.param.get('customerparam', '')} {operator.param.get('datatype', '')}".lower()
    )
    kinds = tuple(dict.fromkeys(kind for word, kind in _ENTITIES.items() if word in described))
    if not kinds:
        raise NoEquivalentError(
            "the entity type is a number that the documentation does not explain; use check: entity"
        )
    names: Any = kinds
    return Reading(
        bad=lambda scope: Entity(names, scope, unless_given=False),
        notes=[f"the entities ({', '.join(kinds)}) were told from the operator's name"],
    )


def _interval(operator: Operator) -> Reading:
    param = operator.param
    seconds = (number(param.get("interval")) or 0) / 1000
    if str(param.get("compareoperator") or "gt") != "gt":
        raise NoEquivalentError("an answer that comes too soon is no fault that a check of ours knows")
    if seconds <= 0 or param.get("intervalend") not in (None, 0, "0"):
        raise NoEquivalentError("a range of times is no threshold; use check: timing")
    if whole(param.get("target")) == 0 or not param.get("differentrole", True):
        raise NoEquivalentError("how long one side talks, or is silent by itself, is not measured in a chat")

    def check(scope: Scope) -> Timing:
        if Role.AGENT not in scope.role:
            raise NoEquivalentError("how long customers take is not judged")
        opening = scope.first is not None and scope.first.count == 1
        return Timing("first_response" if opening else "longest_wait", seconds)

    return Reading(bad=check, notes=["a wait is from the customer's first unanswered message to the agent's next"])


def _metadata(operator: Operator) -> Reading:
    given = operator.param.get("customerparam")
    given = given if isinstance(given, dict) else {}
    name, symbol = str(given.get("field") or ""), str(given.get("symbol") or "")
    if given.get("expressionmetadesc"):
        raise NoEquivalentError("arithmetic on two columns is not part of our rules; put the result into the export")
    if not name:
        raise NoEquivalentError("it names no column")
    if symbol.lower() not in _SYMBOLS:
        raise NoEquivalentError(
            f"the comparison {symbol or '(none)'} is a code that the documentation does not explain"
        )
    value: Any = given.get("value")
    as_number = number(value)
    op: Any = _SYMBOLS[symbol.lower()]
    tree = Field(name, op, as_number if as_number is not None else str(value))
    return Reading(tree=lambda _: tree, notes=[f"the export must have the column {name}"])


_READERS: dict[str, Callable[[Operator], Reading]] = {
    "HIT_ANY_KEYWORDS": _keywords,
    "INCLUDE_KEYWORDS": _keywords,
    "SIMILAR_MATCH": _similar,
    "REGULAR_EXPRESSION": _regex,
    "ADVANCED_REPEAT_DETECT": _repeat,
    "NER_MODEL": _entity,
    "INTERVAL_GREATER": _interval,
}
