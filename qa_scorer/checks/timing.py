"""``timing``: first response, waits and handle time against graded thresholds (A1, F4)."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from qa_scorer.checks.finding import Evaluator
from qa_scorer.checks.outcome import Outcome
from qa_scorer.matching.batch import NO_TIME, Batch
from qa_scorer.model.checks import Timing
from qa_scorer.model.rules import Rule
from qa_scorer.model.words import EvidenceKind, Role

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


def judge(params: Timing, rule: Rule, view: Evaluator) -> Outcome:  # noqa: ARG001 - every check has this shape
    """Grade each unit's seconds; not applicable where the export has no times. First response concerns who gave it."""
    batch = view.batch
    outcome = Outcome.absent(batch.units)
    if params.measure == "handle_time":
        seconds = batch.waits.unit_handle_s
        worst, begin = np.full(batch.units, -1, dtype=np.int64), batch.waits.begin
    else:
        seconds, worst, begin = _waiting(params, view)
    units = np.arange(batch.units)
    share = np.select(
        [seconds <= params.full, seconds <= (params.half or params.full), seconds <= (params.none or params.full)],
        [1.0, 0.5, 0.25],
        0.0,
    )
    outcome.decide(units, share >= 0.5, 1)
    outcome.share[units] = share
    outcome.excuse(units[np.isnan(seconds)])
    shown = np.flatnonzero((worst >= 0) & ~np.isnan(seconds))
    late = shown[share[shown] < 1]
    outcome.show(EvidenceKind.TRIGGER, late, begin[worst[late]])
    notes = [f"{value:g} s" for value in seconds[late].tolist()]
    outcome.show(EvidenceKind.HIT, late, batch.waits.end[worst[late]], note=notes)
    return outcome


def _waiting(params: Timing, view: Evaluator) -> tuple[Floats, Ints, Ints]:
    """The measured seconds of each unit (NaN: none), the wait that shows them (-1: none), and each wait's first message."""
    batch, waits = view.batch, view.batch.waits
    begin, seconds = _asked(params, view)
    seconds = seconds - params.hold_extra * _held(params, view)
    seconds = np.where(seconds < 0, 0.0, seconds)
    unit = batch.unit[waits.end]
    use = ~np.isnan(seconds) & _in_hours(params, batch, begin)
    if params.measure == "first_response":
        opening = np.zeros(len(unit), dtype=np.bool_)
        opening[np.unique(batch.conv[waits.begin], return_index=True)[1]] = True
        use &= opening
    unit, seconds, rows = unit[use], seconds[use], np.flatnonzero(use)
    value = np.full(batch.units, np.nan)
    shown = np.full(batch.units, -1, dtype=np.int64)
    order = np.lexsort((seconds, unit))
    last = np.flatnonzero(np.concatenate((np.diff(unit[order]) != 0, [True]))) if len(order) else order
    longest = order[last]
    value[unit[longest]] = seconds[longest]
    shown[unit[longest]] = rows[longest]
    if params.measure == "mean_response":
        count = np.bincount(unit, minlength=batch.units)
        total = np.bincount(unit, weights=seconds, minlength=batch.units)
        value = np.divide(total, count, out=np.full(batch.units, np.nan), where=count > 0)
    return value, shown, begin


def _asked(params: Timing, view: Evaluator) -> tuple[Ints, Floats]:
    """Where each wait begins, and its seconds: NaN when all that the customer said in it is to be ignored."""
    batch, waits = view.batch, view.batch.waits
    if not params.ignore:
        return waits.begin, waits.seconds
    customer = batch.role == Role.CUSTOMER
    asks = np.flatnonzero(customer & ~view.hit_messages(params.ignore, customer))
    following = np.append(asks, batch.size)[np.searchsorted(asks, waits.begin)]
    asked = following < waits.end
    begin = np.where(asked, following, waits.begin)
    timed = asked & ~np.isnan(waits.seconds) & (batch.time[begin] != NO_TIME)
    return begin, np.where(timed, (batch.time[waits.end] - batch.time[begin]) / 1000.0, np.nan)


def _held(params: Timing, view: Evaluator) -> npt.NDArray[np.bool_]:
    """Waits that begin after the agent asked for patience in the last message before them."""
    begin = view.batch.waits.begin
    if not params.hold:
        return np.zeros(len(begin), dtype=np.bool_)
    before = np.maximum(begin - 1, 0)
    asked = view.hit_messages(params.hold, view.batch.unit >= 0)
    held: npt.NDArray[np.bool_] = asked[before] & (view.batch.conv[before] == view.batch.conv[begin])
    return held


def _in_hours(params: Timing, batch: Batch, messages: Ints) -> npt.NDArray[np.bool_]:
    """Waits that begin in business hours of the rule's zone."""
    if params.hours is None:
        return np.ones(len(messages), dtype=np.bool_)
    opens, closes = (int(part[:2]) * 60 + int(part[3:]) for part in params.hours.split("-"))
    times = pa.array(batch.time[messages]).cast(pa.timestamp("ms", tz="UTC")).cast(pa.timestamp("ms", tz=params.zone))
    minutes = pc.add(pc.multiply(pc.hour(times), 60), pc.minute(times)).to_numpy(zero_copy_only=False)
    after, before = minutes >= opens, minutes < closes
    inside: npt.NDArray[np.bool_] = after & before if opens <= closes else after | before
    return inside
