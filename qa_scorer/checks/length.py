"""``length``: messages or sentences neither too long nor too short (E4, C6)."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from qa_scorer.checks.bearers import bearers, concerned, responsible_for
from qa_scorer.checks.finding import Evaluator
from qa_scorer.checks.outcome import Outcome, within_bounds
from qa_scorer.model.checks import Length
from qa_scorer.model.rules import Rule
from qa_scorer.model.words import EvidenceKind, Kind

Ints = npt.NDArray[np.int64]

_SENTENCE_ENDS = np.array([ord(char) for char in "。!?;;…\n"], dtype=np.uint32)


def judge(params: Length, rule: Rule, view: Evaluator) -> Outcome:
    """Pass when enough of the unit's messages (sentences) keep the bounds; not applicable without text."""
    batch = view.batch
    who = responsible_for(rule, params.scope)
    measured = batch.mask(params.scope) & (batch.kind == Kind.TEXT)
    messages = np.flatnonzero(measured)
    message, start, end = _sentences(messages, view) if params.unit == "sentence" else _whole(messages, view)
    keep = end > start
    message, start, end = message[keep], start[keep], end[keep]
    size = end - start
    good = within_bounds(size.astype(np.float64), params.at_least, params.at_most)
    unit = bearers(batch, who, message)
    known = unit >= 0
    total = np.bincount(unit[known], minlength=batch.units)
    fine = np.bincount(unit[known & good], minlength=batch.units)
    units = concerned(batch, who)
    outcome = Outcome.absent(batch.units)
    outcome.decide(units, (fine >= params.share * total)[units], (total - fine)[units])
    outcome.excuse(units[total[units] == 0])
    bad = np.flatnonzero(known & ~good)
    notes = [f"{count} characters" for count in size[bad].tolist()]
    texts = view.search.number_of[message[bad]]
    shown = view.search.index.clean_in_original(texts, start[bad], end[bad])
    outcome.show(EvidenceKind.HIT, unit[bad], message[bad], *shown, notes)
    return outcome


def _whole(messages: Ints, view: Evaluator) -> tuple[Ints, Ints, Ints]:
    """(message, start, end) of every message in its clean view."""
    return (
        messages,
        np.zeros(len(messages), dtype=np.int64),
        view.search.index.clean_sizes(view.search.number_of[messages]),
    )


def _sentences(messages: Ints, view: Evaluator) -> tuple[Ints, Ints, Ints]:
    """(message, start, end) of every sentence in the clean view of its message, without its closing mark."""
    texts = [view.search.clean(message) for message in messages.tolist()]
    starts = np.cumsum([0, *(len(text) + 1 for text in texts)])
    joined = "".join(f"{text}\n" for text in texts)
    points = np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    ends = np.flatnonzero(np.isin(points, _SENTENCE_ENDS))
    begins = np.concatenate(([0], ends + 1))[: len(ends)]
    row = np.searchsorted(starts, begins, side="right") - 1
    return messages[row], begins - starts[row], ends - starts[row]
