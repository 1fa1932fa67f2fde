"""The JSON Schema of rule files, made of the same shapes that read them."""

from __future__ import annotations

from typing import Any, get_args

from qa_scorer.model.checks import CHECKS
from qa_scorer.model.limits import Between
from qa_scorer.model.patterns import Guard, PatternRef, Scope
from qa_scorer.model.rules import RuleTest
from qa_scorer.rulebook.documents import VERSION, dimension_record, override_record, scoring_record
from qa_scorer.rulebook.grammar import condition_record, patterns, record_of, rule_record, tree_shape
from qa_scorer.rulebook.shapes import ListOf, MapOf, Number, Schema, Text


def schema() -> Schema:
    """JSON Schema (2020-12) of a rule file."""
    text = Text().schema()
    listed = patterns(tuple(kind for kind in get_args(PatternRef) if kind.__name__ != "ListRef")).schema()
    parts: dict[str, Any] = {
        "version": Number(whole=True, bounds=Between(1, VERSION)).schema(),
        "name": text,
        "language": text,
        "extends": ListOf(Text(), lone=True).schema(),
        "scoring": scoring_record().schema(),
        "dimensions": {"type": "object", "additionalProperties": dimension_record().schema()},
        "lists": {"type": "object", "additionalProperties": {"type": "array", "items": listed}},
        "synonyms": MapOf(ListOf(Text())).schema(),
        "conflicts": {"type": "array", "items": {"type": "array", "items": text, "minItems": 2, "maxItems": 2}},
        "rules": {"type": "array", "items": _rule()},
        "overrides": {"type": "array", "items": override_record().schema()},
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "qa-scorer rule file",
        "type": "object",
        "properties": parts,
        "required": ["version"],
        "additionalProperties": False,
        "$defs": {
            "pattern": patterns(get_args(PatternRef)).schema(),
            "guard": patterns(get_args(Guard)).schema(),
            "scope": record_of(Scope, "`where`").schema(),
            "condition": condition_record().schema(),
            "tree": tree_shape().schema(),
        },
    }


def _rule() -> Schema:
    """A rule: which keys it may have depends on its check."""
    variants = []
    for name, cls in CHECKS.items():
        variant = rule_record(name).schema()
        variant["properties"] |= {"check": {"const": name}, "tests": ListOf(record_of(RuleTest, "the test")).schema()}
        variants.append({
            "if": {"properties": {"check": {"const": name}}, "required": ["check"]},
            "then": {"description": " ".join((cls.__doc__ or "").split()), **variant},
        })  # fmt: skip
    return {
        "type": "object",
        "required": ["check"],
        "properties": {"check": {"enum": list(CHECKS)}},
        "allOf": variants,
    }
