"""Points, caps and grades that stand, and yet cannot be meant."""

from __future__ import annotations

from qa_scorer.model.rules import Place
from qa_scorer.ruletools.lint.findings import Findings


def caps(findings: Findings) -> None:
    """Q405: a cap below one deduction."""
    for rule, place in findings.own_rules():
        if rule.cap is not None and rule.cap < rule.deduct:
            findings.report("Q405", f"{rule.id} deducts {rule.deduct:g} a hit, at most {rule.cap:g}", place)


def sums(findings: Findings) -> None:
    """Q404, Q406: dimensions whose rules earn more or less than their points; marks and grades above the total."""
    rulebook = findings.rulebook
    for dimension in rulebook.dimensions:
        earned = sum(rule.points for rule in rulebook.rules if rule.dimension == dimension.id)
        place = findings.reading.places["dimension", dimension.id]
        if earned and abs(earned - dimension.points) > 1e-9 and findings.own(place):
            message = f"the rules of {dimension.id} earn {earned:g} points, the dimension has {dimension.points:g}"
            findings.report("Q404", message, place, help=f"Write `points: {earned:g}`, or change the rules' points.")
    scoring = rulebook.scoring
    marks = [
        ("the passing score", scoring.pass_mark),
        *((f"the grade {name}", least) for name, least in scoring.grades),
    ]
    for document in findings.reading.files.documents:
        node = document.scoring_node
        if node is None or not findings.own(document.source.place(node)):
            continue
        for what, least in marks:
            if least > scoring.total:
                place = Place(document.source.file, node.start_mark.line + 1, node.start_mark.column + 1)
                findings.report("Q406", f"{what} begins at {least:g}, the total is {scoring.total:g}", place)
