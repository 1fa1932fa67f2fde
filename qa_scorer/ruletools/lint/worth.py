"""Points, caps, bounds and grades that stand, and yet cannot be meant."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from qa_scorer.model.checks import Answer, Count, Length, Logic, Metadata, Order, Ratio, Timing
from qa_scorer.model.rules import Scoring
from qa_scorer.ruletools.lint.findings import Findings

_CHARGED_ONCE = (Order, Answer, Metadata, Logic)
"""Checks with one verdict a conversation, of one agent, and no more than one hit."""


def caps(findings: Findings) -> None:
    """Q405: a cap below one deduction, and one that nobody can reach."""
    scoring = findings.rulebook.scoring
    for rule, place in findings.own_rules():
        if rule.cap is None:
            continue
        spot = findings.spot(place, "cap")
        if rule.cap < rule.deduct:
            findings.report("Q405", f"{rule.id} deducts {rule.deduct:g} a hit, at most {rule.cap:g}", spot)
        elif isinstance(rule.check, _CHARGED_ONCE):
            what = f"{rule.id} deducts {rule.deduct:g} once, so that its cap is never reached"
            findings.report("Q405", what, spot, help="Leave it out.")
        elif rule.cap >= scoring.total - scoring.floor:
            what = (
                f"the score of {scoring.total:g} falls to {scoring.floor:g} before the cap of {rule.cap:g} is reached"
            )
            findings.report("Q405", what, spot, help="Leave it out.")


def bounds(findings: Findings) -> None:
    """Q407: bounds between which nothing lies, or no bounds, and times of waiting that do not rise."""
    for rule, place in findings.own_rules():
        check = rule.check
        if isinstance(check, (Count, Ratio, Length)):
            least, most = check.at_least, check.at_most
            if least is not None and most is not None and least > most:
                message = f"nothing is at least {least:g} and at most {most:g}: {rule.id} never passes"
                findings.report("Q407", message, findings.spot(place, "at_least"))
            elif not least and most is None:
                help = "Give `at_least`, `at_most`, or both."
                findings.report("Q407", f"{rule.id} has no bounds and always passes", place, help=help)
        elif isinstance(check, Timing):
            times = [check.full, check.half, check.none]
            given = [seconds for seconds in times if seconds is not None]
            if given != sorted(given):
                message = f"{rule.id} has `full`, `half` and `none` at {', '.join(f'{seconds:g}' for seconds in given)}"
                findings.report("Q407", message, findings.spot(place, "half"), help="Let the times rise.")


def sums(findings: Findings) -> None:
    """Q404, Q406: dimensions whose rules earn more or less than their points; marks and grades out of reach."""
    rulebook = findings.rulebook
    for dimension in rulebook.dimensions:
        earned = sum(rule.points for rule in rulebook.rules if rule.dimension == dimension.id)
        place = findings.reading.places["dimension", dimension.id]
        if earned and abs(earned - dimension.points) > 1e-9 and findings.own(place):
            message = f"the rules of {dimension.id} earn {earned:g} points, the dimension has {dimension.points:g}"
            findings.report("Q404", message, place, help=f"Write `points: {earned:g}`, or change the rules' points.")
    for document in findings.reading.files.documents:
        node = document.scoring_node
        if node is not None and findings.own(document.source.place(node)):
            vetoes = any(rule.veto for rule in rulebook.rules)
            for message in _out_of_reach(rulebook.scoring, vetoes):
                findings.report("Q406", message, document.source.place(node))


def _out_of_reach(scoring: Scoring, vetoes: bool) -> Iterator[str]:
    grades = [(f"the grade {name}", least) for name, least in scoring.grades]
    for what, least in [("the passing score", scoring.pass_mark), *grades]:
        if least > scoring.total:
            yield f"{what} begins at {least:g}, the total is {scoring.total:g}"
    if vetoes:
        return  # a veto brings a score below the floor
    if 0 < scoring.pass_mark <= scoring.floor:
        yield f"everybody passes: the passing score is {scoring.pass_mark:g}, and no score is below {scoring.floor:g}"
    for (_, above), (what, _) in pairwise(grades):
        if 0 < above <= scoring.floor:
            yield f"{what} ends at {above:g}, and no score is below {scoring.floor:g}"
