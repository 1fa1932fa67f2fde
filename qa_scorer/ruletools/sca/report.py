"""What became of each rule of SCA: as a rule file with the notes beside the rules, as text, and as JSON."""

from __future__ import annotations

import dataclasses
from collections import Counter
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from qa_scorer.model.rules import Dimension, Rule
from qa_scorer.rulebook.documents import VERSION
from qa_scorer.ruletools.describe import count, table
from qa_scorer.ruletools.writing import rule_mapping, yaml_text


class Status(StrEnum):
    """How much of a rule was imported."""

    EXACT = "exact"
    APPROXIMATE = "approximate"
    UNSCORED = "unscored"
    LEFT_OUT = "left out"


@dataclass(frozen=True, slots=True)
class Imported:
    """A rule of SCA and the rule that it became, with what to know of the difference."""

    rid: str
    title: str
    status: Status
    rule: Rule | None
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Import:
    """All rules of an export, in order."""

    dimensions: tuple[Dimension, ...]
    rules: tuple[Imported, ...]

    @property
    def complete(self) -> bool:
        """Every rule has an equivalent that judges."""
        return all(map(_judges, self.rules))


def rule_file(result: Import, name: str) -> str:
    """A rule file: every rule with its notes above it, rules that do not judge as comments."""
    dimensions = {entry.id: {"name": entry.name, "points": int(entry.points)} for entry in result.dimensions}
    text = yaml_text({"version": VERSION, "name": name, **({"dimensions": dimensions} if dimensions else {})})
    text += "rules:\n" if any(map(_judges, result.rules)) else "rules: []\n"
    for imported in result.rules:
        text += "".join(f"  # {line}\n" for line in _headline(imported))
        if imported.rule is not None:
            lines = yaml_text({"rules": [rule_mapping(imported.rule)]}).splitlines()[1:]
            text += "".join(f"  {'' if _judges(imported) else '# '}{line}\n" for line in lines)
    return text


def _judges(imported: Imported) -> bool:
    return imported.status in (Status.EXACT, Status.APPROXIMATE)


def _headline(imported: Imported) -> list[str]:
    title = " ".join(imported.title.split())
    return [f"{imported.rid} {title}: {imported.status}", *(f"  {' '.join(note.split())}" for note in imported.notes)]


def as_text(result: Import) -> str:
    """The report for a terminal: a table of all rules, then what to know of those that differ."""
    rows = [("SCA rule", "imported", "as", "title")]
    for imported in result.rules:
        check = type(imported.rule.check).__name__.lower() if imported.rule else "-"
        rows.append((imported.rid, imported.status.value, check, " ".join(imported.title.split())))
    lines = [table(rows)]
    for imported in result.rules:
        if imported.notes:
            lines += ["", f"{imported.rid} {' '.join(imported.title.split())}", *(f"  - {n}" for n in imported.notes)]
    counts = Counter(imported.status for imported in result.rules)
    shares = ", ".join(f"{counts[status]} {status.value}" for status in Status if counts[status])
    return "\n".join([*lines, "", f"{count(len(result.rules), 'rule')}: {shares or 'none'}"])


def as_json(result: Import) -> dict[str, Any]:
    """The report for programs."""
    return {
        "rules": [
            {
                **{key: value for key, value in dataclasses.asdict(imported).items() if key != "rule"},
                "id": imported.rule.id if imported.rule else None,
            }
            for imported in result.rules
        ]
    }
