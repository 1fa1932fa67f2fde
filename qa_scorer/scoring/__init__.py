"""Verdicts become points, vetoes and grades. ``score_batch`` is the one way in."""

from qa_scorer.scoring.score import ScoredBatch, score_batch

__all__ = ["ScoredBatch", "score_batch"]
