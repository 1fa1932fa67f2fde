"""``follow``: when this was said, that must be said soon after (empathy D1, apology D2, escalation F6, E1, F7)."""

from __future__ import annotations

import numpy as np

from qa_scorer.checks.bearers import bearers
from qa_scorer.checks.finding import Evaluator
from qa_scorer.checks.found import Found
from qa_scorer.checks.outcome import Outcome
from qa_scorer.checks.windows import Windows, windows_after
from qa_scorer.checks.wording import guard_texts
from qa_scorer.model.checks import Follow
from qa_scorer.model.rules import Rule
from qa_scorer.model.words import EvidenceKind, Responsible, Verdict


def judge(params: Follow, rule: Rule, view: Evaluator) -> Outcome:
    """Pass when an answer stands in the window after a trigger (after each, if asked).

    A trigger after which nothing of the answering role follows gave nobody the chance, so it does not count. The
    verdict belongs to who answers the trigger, or to who said it when the trigger is an agent's word.
    """
    batch = view.batch
    start = view.find(params.when).messages()
    windows = windows_after(batch, start, params.then.scope, params.within)
    near = np.zeros(batch.size, dtype=np.bool_)
    near[windows.members()[1]] = True
    answers = view.find_among(params.then, near)
    given = windows.last > windows.first
    answered = windows.count(answers.messages()) > 0
    unit = bearers(batch, rule.responsible or Responsible.SPEAKER, start)
    usable = given & (unit >= 0)
    outcome = Outcome.absent(batch.units)
    asked = np.bincount(unit[usable], minlength=batch.units)
    good = np.bincount(unit[usable & answered], minlength=batch.units)
    everyone = np.arange(batch.units)
    outcome.decide(everyone, (good >= asked) if params.each else (good > 0), np.maximum(asked - good, 1))
    outcome.excuse(everyone[asked == 0])
    # A fail shows the triggers that nobody answered, a pass those that were.
    telling = np.flatnonzero(usable)
    telling = telling[answered[telling] == (outcome.verdict[unit[telling]] == Verdict.PASS)]
    _show(outcome, view, params, answers, start[telling], unit[telling], windows.of(telling))
    return outcome


def _show(
    outcome: Outcome, view: Evaluator, params: Follow, answers: Found, start: np.ndarray, unit: np.ndarray,
    windows: Windows,
) -> None:  # fmt: skip
    """The triggers, the answers in their windows, and for failures the messages searched in vain."""
    triggers = view.find(params.when)
    unit_of = np.full(view.batch.size, -1, dtype=np.int64)
    unit_of[start] = unit
    rows = np.flatnonzero(triggers.counted & (unit_of[triggers.message] >= 0))
    message = triggers.message[rows]
    outcome.show(EvidenceKind.TRIGGER, unit_of[message], message, triggers.start[rows], triggers.end[rows])
    number, member = windows.members()
    in_window = np.full(view.batch.size, -1, dtype=np.int64)
    in_window[member] = unit[number]
    rows = np.flatnonzero(in_window[answers.message] >= 0)
    counted = rows[answers.counted[rows]]
    message = answers.message[counted]
    outcome.show(EvidenceKind.HIT, in_window[message], message, answers.start[counted], answers.end[counted])
    forgiven = rows[~answers.counted[rows]]
    if len(forgiven):
        texts = guard_texts(params.then.except_)
        notes = [texts[guard] for guard in answers.excuse[forgiven].tolist()]
        outcome.show(EvidenceKind.NEAR_MISS, in_window[answers.message[forgiven]], answers.message[forgiven],
                     answers.start[forgiven], answers.end[forgiven], notes)  # fmt: skip
    searched = np.flatnonzero(in_window >= 0)
    failed = outcome.verdict[in_window[searched]] == Verdict.FAIL
    outcome.show(EvidenceKind.SEARCHED, in_window[searched][failed], searched[failed])
