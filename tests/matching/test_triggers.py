"""What regexes say is the same whether it was found out now or kept by an earlier run."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from qa_scorer.checks import compile_plan
from qa_scorer.matching import triggers
from qa_scorer.matching.needles import Needles
from qa_scorer.rulebook import load

REGEXES = ["(跟|和)我(们)?无关", "(帮|给)您.{0,4}(退|换)", "[0-9]+天", "(?i)ok", "a{,3}", "(", r"\p{Han}+吗"]


@pytest.fixture
def nothing_known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No run came before, and what this one finds out is kept elsewhere than in the checkout."""
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    monkeypatch.setattr(sys, "pycache_prefix", str(tmp_path))
    forget(monkeypatch)


def forget(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(triggers, "_finite", {})
    monkeypatch.setattr(triggers, "_required", {})


@pytest.mark.usefixtures("nothing_known")
def test_what_was_kept_is_what_regexes_say(monkeypatch: pytest.MonkeyPatch) -> None:
    plain = {regex: (triggers.finite_texts(regex), triggers.required_texts(regex)) for regex in REGEXES}
    forget(monkeypatch)
    triggers.recall(REGEXES)
    forget(monkeypatch)
    monkeypatch.setattr(triggers, "_parse", None)  # from here on nothing is found out
    triggers.recall(REGEXES)
    for regex in REGEXES:
        assert triggers.finite_texts(regex) == plain[regex][0]
        if plain[regex][0] is None:
            assert triggers.required_texts(regex) == plain[regex][1]


@pytest.mark.usefixtures("nothing_known")
def test_the_next_run_by_the_same_rules_reads_no_regex(monkeypatch: pytest.MonkeyPatch) -> None:
    patterns = compile_plan(load(None)).patterns
    first = Needles(patterns, for_many=True)
    triggers.recall(REGEXES)  # a run by other rules comes between: only the last one's are kept
    Needles(patterns, for_many=True)
    forget(monkeypatch)
    monkeypatch.setattr(triggers, "_texts_of", None)
    monkeypatch.setattr(triggers, "_sets_of", None)
    again = Needles(patterns, for_many=True)
    assert again.sizes.tolist() == first.sizes.tolist()
    assert again.gates.is_open.tolist() == first.gates.is_open.tolist()
