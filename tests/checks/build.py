"""A batch judged in one line: chats in the chat notation, rules built in Python."""

from __future__ import annotations

from typing import Any

import numpy as np

from qa_scorer.checks import Judgements, compile_plan, judge
from qa_scorer.matching.batch import Batch
from qa_scorer.model.checks import Check
from qa_scorer.model.patterns import Condition, Guard, ListRef, Literal, PatternRef, Scope
from qa_scorer.model.rules import Dimension, PatternList, Rule, Rulebook
from qa_scorer.model.words import EvidenceKind, Verdict
from qa_scorer.transcripts.script import batch_of, parse_script

P, F, N, _ = Verdict.PASS, Verdict.FAIL, Verdict.NOT_APPLICABLE, Verdict.ABSENT


def refs(*patterns: str | PatternRef) -> tuple[PatternRef, ...]:
    """Literals from strings, lists from ``$name``."""
    made = []
    for pattern in patterns:
        if isinstance(pattern, str):
            made.append(ListRef(pattern[1:]) if pattern.startswith("$") else Literal(pattern))
        else:
            made.append(pattern)
    return tuple(made)


def condition(*patterns: str | PatternRef, except_: tuple[Guard, ...] = (), **scope: Any) -> Condition:
    """A condition on agent messages unless the scope says otherwise."""
    return Condition(refs(*patterns), Scope(**scope), except_)


def judged(check: Check, *chats: str, metadata: list[dict[str, Any]] | None = None, **rule: Any) -> Judged:
    """One rule on some chats."""
    rulebook = Rulebook(
        "test",
        (Rule("r", "rule", "d", check, **{"points": 1.0, **rule}),),
        (Dimension("d", "dimension", 1.0),),
        {"greeting": PatternList("greeting", refs("您好", "你好"))},  # type: ignore[arg-type]
    )
    named = [(f"c{number}", parse_script(chat)) for number, chat in enumerate(chats)]
    batch = Batch(batch_of(named, metadata))
    return Judged(batch, judge(batch, compile_plan(rulebook)))


class Judged:
    """The outcome of ``judged`` in words."""

    def __init__(self, batch: Batch, judgements: Judgements) -> None:
        self.batch = batch
        self.judgements = judgements

    @property
    def verdicts(self) -> list[Verdict]:
        """One per unit, in order."""
        return [Verdict(code) for code in self.judgements.verdict[:, 0].tolist()]

    @property
    def shares(self) -> list[float]:
        """One per unit, in order."""
        return [float(share) for share in self.judgements.share[:, 0]]

    @property
    def hits(self) -> list[int]:
        """One per unit, in order."""
        return self.judgements.hits[:, 0].tolist()

    def evidence(self, kind: EvidenceKind) -> list[str]:
        """The quoted texts of a kind, in order."""
        rows = self.judgements.evidence
        return [
            self.batch.texts[rows.message[row]][rows.start[row] : rows.end[row] or None]
            for row in np.flatnonzero(rows.kind == kind)
        ]
