"""Accuracy of a rulebook against labelled chats.

``python -m benchmarks.accuracy GOLD.jsonl LABELS.jsonl CASES.jsonl``

GOLD holds one message a line (``conversation_id, seq, role, text``), LABELS one conversation a line (``greeting`` 0/1 …,
``paraphrase`` [seq …]; ``key?`` lists messages on which two readers differed: left out). CASES holds one short chat a
line with ``item``, ``expect`` and ``messages``. Prints precision, recall and F1 per criterion, and right cases per
item; ``--errors KEY`` shows what went wrong, ``--json FILE`` keeps the figures.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import numpy as np

from qa_scorer.checks import Judgements, compile_plan, judge
from qa_scorer.checks.finding import Evaluator
from qa_scorer.matching.batch import Batch
from qa_scorer.model.checks import Follow
from qa_scorer.model.patterns import Condition
from qa_scorer.model.rules import Rulebook
from qa_scorer.model.words import EvidenceKind, Role, Verdict
from qa_scorer.rulebook import load
from qa_scorer.transcripts.script import Message, batch_of

CONVERSATION_ITEMS = {
    "greeting": ("A2", "A4"),  # the guide counts an offer of help in the opening as a greeting
    "self_intro": ("A3",),
    "closing_help": ("G1",),
    "closing_farewell": ("G2", "G3"),  # and a courteous invitation to rate as a goodbye
}
MESSAGE_ITEMS = {
    "paraphrase": ("B3", "evidence"),
    "info_confirm": ("B4", "condition"),
    "empathy": ("D1", "then"),
    "apology": ("D2", "then"),
    "overpromise": ("F2", "evidence"),
    "progress": ("F3", "condition"),
    "customer_negative": ("D1", "when"),
}
EXPECTED = {
    "violation": {Verdict.FAIL},
    "miss": {Verdict.FAIL},
    "clean": {Verdict.PASS, Verdict.NOT_APPLICABLE, Verdict.ABSENT},
    "hit": {Verdict.PASS},
    "not_applicable": {Verdict.NOT_APPLICABLE, Verdict.ABSENT},
}


@dataclass(slots=True)
class Tally:
    """Counts of one criterion, and a line for each error."""

    true: int = 0
    false_alarms: int = 0
    missed: int = 0
    errors: list[str] | None = None

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall; 1 when there was nothing to find and nothing was found."""
        wrong = self.false_alarms + self.missed
        return 2 * self.true / (2 * self.true + wrong) if self.true + wrong else 1.0

    def add(self, predicted: bool, labelled: bool, line: str) -> None:
        """Count one decision."""
        self.true += predicted and labelled
        self.false_alarms += predicted and not labelled
        self.missed += labelled and not predicted
        if predicted != labelled and self.errors is not None:
            self.errors.append(("+ " if predicted else "- ") + line)


def read_jsonl(path: Path) -> list[dict[str, Any]]:
    """One object a line."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def chats_of(rows: Iterable[dict[str, Any]]) -> list[tuple[str, list[Message]]]:
    """Conversations in the order of first appearance."""
    chats: dict[str, list[Message]] = {}
    for row in rows:
        message = Message(Role[row["role"].upper()], row["text"], "客服" if row["role"] == "agent" else "")
        chats.setdefault(row["conversation_id"], []).append(message)
    return list(chats.items())


def measure_gold(rulebook: Rulebook, gold: Path, labels: Path) -> dict[str, Tally]:
    """Tallies per criterion of the labels."""
    chats = chats_of(read_jsonl(gold))
    batch, plan = Batch(batch_of(chats)), compile_plan(rulebook)
    judged, view = judge(batch, plan), Evaluator(batch, plan)
    label_of = {row["id"]: row for row in read_jsonl(labels)}
    tallies = {name: Tally(errors=[]) for name in (*CONVERSATION_ITEMS, *MESSAGE_ITEMS)}
    passed = {name: _passed(rulebook, batch, judged, items) for name, items in CONVERSATION_ITEMS.items()}
    found = {name: _found(rulebook, view, judged, *where) for name, where in MESSAGE_ITEMS.items()}
    for conv, (conversation_id, messages) in enumerate(chats):
        label = label_of[conversation_id]
        for name in CONVERSATION_ITEMS:
            if label[name] is not None:
                agent_lines = [m.text for m in messages if m.role is Role.AGENT]
                shown = " | ".join(agent_lines[:2] if name in ("greeting", "self_intro") else agent_lines[-3:])
                tallies[name].add(bool(passed[name][conv]), bool(label[name]), f"{conversation_id[:6]} {shown}")
        for name in MESSAGE_ITEMS:
            if label[name] is None:
                continue
            for seq, message in enumerate(messages):
                wanted_role = Role.CUSTOMER if name == "customer_negative" else Role.AGENT
                if message.role is wanted_role and seq not in (label[f"{name}?"] or ()):
                    predicted = bool(found[name][batch.conv_start[conv] + seq])
                    tallies[name].add(predicted, seq in label[name], f"{conversation_id[:6]} {seq} {message.text}")
    return tallies


def _rules_of(rulebook: Rulebook, item: str) -> list[int]:
    return [number for number, rule in enumerate(rulebook.rules) if item in rule.standard]


def _passed(rulebook: Rulebook, batch: Batch, judged: Judgements, items: tuple[str, ...]) -> np.ndarray:
    """Conversations in which any rule of any of the items passes, bool (c,)."""
    result = np.zeros(batch.conversations, dtype=np.bool_)
    for item in items:
        for number in _rules_of(rulebook, item):
            result[batch.unit_conv[judged.verdict[:, number] == Verdict.PASS]] = True
    return result


def _found(rulebook: Rulebook, view: Evaluator, judged: Judgements, item: str, where: str) -> np.ndarray:
    """Messages that the item's rules mark: by the evidence of the verdict or by the condition itself, bool (n,)."""
    result = np.zeros(view.batch.size, dtype=np.bool_)
    for number in _rules_of(rulebook, item):
        if where == "evidence":
            rows = (judged.evidence.rule == number) & (judged.evidence.kind == EvidenceKind.HIT)
            result[judged.evidence.message[rows]] = True
            continue
        check = rulebook.rules[number].check
        if where in ("when", "then") and not isinstance(check, Follow):
            continue
        condition: Condition = getattr(check, where)
        result[view.find(condition).messages()] = True
    return result


def measure_cases(rulebook: Rulebook, cases: Path) -> dict[str, tuple[int, int, list[str]]]:
    """Per item: right cases, all cases, and a line for each wrong one."""
    rows = read_jsonl(cases)
    chats = []
    for row in rows:
        messages = [
            Message(Role[m["role"].upper()], m["text"], "客服" if m["role"] == "agent" else "",
                    None if m.get("offset_s") is None else 1_767_229_200_000 + int(m["offset_s"] * 1000))
            for m in row["messages"]
        ]  # fmt: skip
        chats.append((row["id"], messages))
    batch = Batch(batch_of(chats))
    judged = judge(batch, compile_plan(rulebook))
    result: dict[str, tuple[int, int, list[str]]] = {}
    for conv, row in enumerate(rows):
        units = slice(batch.conv_units[conv], batch.conv_units[conv + 1])
        verdicts = set(judged.verdict[units][:, _rules_of(rulebook, row["item"])].ravel().tolist())
        verdict = next(
            (v for v in (Verdict.FAIL, Verdict.PASS, Verdict.NOT_APPLICABLE) if v in verdicts), Verdict.ABSENT
        )
        right, total, wrong = result.get(row["item"], (0, 0, []))
        if verdict in EXPECTED[row["expect"]]:
            right += 1
        else:
            text = " / ".join(f"{m['role'][0]}: {m['text']}" for m in row["messages"])
            wrong.append(f"{row['id']} expected {row['expect']}, got {verdict.name.lower()} | {text}")
        result[row["item"]] = (right, total + 1, wrong)
    return result


@click.command()
@click.argument("gold", type=click.Path(exists=True, path_type=Path))
@click.argument("labels", type=click.Path(exists=True, path_type=Path))
@click.argument("cases", type=click.Path(exists=True, path_type=Path))
@click.option("-r", "--rules", multiple=True, help="Rule files or folders; the builtin rulebook by default.")
@click.option("--errors", multiple=True, help="Criterion or item whose errors to list ('all' for every one).")
@click.option("--json", "json_file", type=click.Path(path_type=Path), help="Write the figures here.")
def main(
    gold: Path, labels: Path, cases: Path, rules: tuple[str, ...], errors: tuple[str, ...], json_file: Path | None
) -> None:
    """Print the accuracy of a rulebook on labelled chats and wording cases."""
    rulebook = load(list(rules) or None)
    tallies, items = measure_gold(rulebook, gold, labels), measure_cases(rulebook, cases)
    print(f"{'criterion':20} {'precision':>9} {'recall':>7} {'F1':>6} {'labelled':>9}")
    for name, tally in tallies.items():
        precision = tally.true / max(tally.true + tally.false_alarms, 1)
        recall = tally.true / max(tally.true + tally.missed, 1)
        print(f"{name:20} {precision:9.3f} {recall:7.3f} {tally.f1:6.3f} {tally.true + tally.missed:9}")
    right, total = sum(r for r, _, _ in items.values()), sum(t for _, t, _ in items.values())
    print(f"\ncases {right}/{total} = {right / total:.3f}")
    print("  ".join(f"{item} {r}/{t}" for item, (r, t, _) in sorted(items.items())))
    for name in tallies if "all" in errors else [e for e in errors if e in tallies]:
        print(f"\n{name}: + false alarm, - missed", *(tallies[name].errors or []), sep="\n  ")
    for name in items if "all" in errors else [e for e in errors if e in items]:
        print(f"\n{name}", *items[name][2], sep="\n  ")
    if json_file:
        figures = {name: round(tally.f1, 4) for name, tally in tallies.items()}
        json_file.write_text(json.dumps({"f1": figures, "cases": round(right / total, 4)}, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
