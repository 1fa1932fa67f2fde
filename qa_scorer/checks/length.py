"""``length``: messages or sentences neither too long nor too short (E4, C6)."""

from __future__ import annotations

import numpy as np

from qa_scorer.checks.bearers import bearers, concerned, responsible_for
from qa_scorer.checks.finding import Evaluator
from qa_scorer.checks.outcome import Outcome, within_bounds
from qa_scorer.matching.normalise import View
from qa_scorer.model.checks import Length
from qa_scorer.model.rules import Rule
from qa_scorer.model.words import EvidenceKind, Kind

_SENTENCE_ENDS = np.array([ord(char) for char in "。!?;;…\n"], dtype=np.uint32)


def judge(params: Length, rule: Rule, view: Evaluator) -> Outcome:
    """Pass when enough of the unit's messages (sentences) keep the bounds; not applicable without text."""
    batch = view.batch
    who = responsible_for(rule, params.scope)
    measured = batch.mask(params.scope) & (batch.kind == Kind.TEXT)
    message, start, end = _sentences(batch.views.clean) if params.unit == "sentence" else _messages(batch.views.clean)
    keep = measured[message] & (end > start)
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
    origin = batch.views.clean.origin
    notes = [f"{count} characters" for count in size[bad].tolist()]
    outcome.show(EvidenceKind.HIT, unit[bad], message[bad], origin[start[bad]], origin[end[bad] - 1] + 1, notes)
    return outcome


def _messages(view: View) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(message, start, end) of every message in the view's text."""
    return np.arange(len(view.starts) - 1), view.starts[:-1], view.starts[1:] - 1


def _sentences(view: View) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(message, start, end) of every sentence in the view's text, without its closing mark."""
    points = np.frombuffer(view.text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    ends = np.flatnonzero(np.isin(points, _SENTENCE_ENDS))
    starts = np.concatenate(([0], ends + 1))[: len(ends)]
    return np.searchsorted(view.starts, starts, side="right") - 1, starts, ends
