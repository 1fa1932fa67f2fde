"""Guards that the text alone decides: other patterns over the hit, a negation before it, quotation marks around it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from qa_scorer.checks.found import overlaps
from qa_scorer.checks.plan import Plan
from qa_scorer.late import late
from qa_scorer.matching.search import Search
from qa_scorer.model.patterns import Fuzzy, Guard, ListRef, Literal, Near, Negated, Quoted, Regex, Said, Word

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

_QUOTES = late(r"“[^”]*”|「[^」]*」|『[^』]*』|《[^》]*》|‘[^’]*’|\"[^\"]*\"|【[^】]*】")
_NEGATION = late(r"不(?!过|仅|但|管|止|光|只|用说|好意思)|没|無|无法|无需|别|勿|未|非|莫|甭|拒绝|避免|防止|禁止")
_CLAUSE_END = late(r"[，,。.！!？?；;：:\s]")


def needs_the_chat(guard: Guard) -> bool:
    """What else was said decides, so equal texts may be judged differently."""
    return isinstance(guard, (Near, Said)) or (isinstance(guard, Quoted) and guard.quoted != "any")


def forgiven_by_text(guard: Guard, search: Search, plan: Plan, text: Ints, start: Ints, end: Ints) -> Bools:
    """Which of the spans in texts of the search (numbers from 0) the guard forgives."""
    if isinstance(guard, (Literal, Word, Regex, Fuzzy, ListRef)):
        chosen = np.zeros(len(search.numbers), dtype=np.bool_)
        chosen[text] = True
        return overlaps(text, start, end, search.find(plan.numbers((guard,)), chosen))
    test: Callable[[str, int, int], bool]
    if isinstance(guard, Negated):
        within = guard.within
        test = lambda original, begin, _: is_negated(original[:begin], within)  # noqa: E731 - closes over the guard
    else:
        assert isinstance(guard, Quoted)
        test = is_quoted
    spans = zip(text.tolist(), start.tolist(), end.tolist(), strict=True)
    return np.array([test(search.original(at), begin, stop) for at, begin, stop in spans], dtype=np.bool_)


def is_quoted(text: str, start: int, end: int) -> bool:
    """The span stands between quotation or title marks."""
    return any(quote.start() <= start and end <= quote.end() for quote in _QUOTES.finditer(text))


def is_negated(before: str, within: int) -> bool:
    """A negation stands in the clause that ``before`` ends with, at most ``within`` characters from its end."""
    clause = _CLAUSE_END.split(before)[-1]
    return _NEGATION.search(clause, max(0, len(clause) - within - 1)) is not None
