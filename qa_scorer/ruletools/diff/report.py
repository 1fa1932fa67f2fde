"""A difference of rulebooks as text, as Markdown for a pull request, and as JSON."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from qa_scorer.model.words import Verdict
from qa_scorer.rulebook.diagnostics import printable
from qa_scorer.ruletools.describe import count, table
from qa_scorer.ruletools.diff.difference import Changed, Difference, Mean, Outcome, RuleChange, RuleEffect

_MOST_AGENTS = 20
_MOST_TEXT = 60


def as_text(difference: Difference) -> str:
    """For a terminal."""
    parts = [headline(difference)]
    rules = _rule_rows(difference)
    if len(rules) > 1:
        parts.append(table(rules))
    parts += _without_effect(difference)
    parts += ["\n".join(_examples(change)) for change in difference.rules.values() if change.examples]
    agents = _agent_rows(difference)
    if len(agents) > 1:
        parts.append(table(agents))
    if difference.detailed:
        parts.append("\n".join(["greatest changes:", *_detailed(difference)]))
    return "\n".join(map(printable, "\n\n".join(parts).split("\n")))


def as_markdown(difference: Difference) -> str:
    """For a comment on a pull request."""
    parts = ["### Effect of the rule change", headline(difference)]
    rules, agents = _rule_rows(difference), _agent_rows(difference)
    if len(rules) > 1:
        parts.append(_markdown_table(rules))
    parts += map(_escaped, _without_effect(difference))
    if len(agents) > 1:
        parts.append(_folded("Agents", _markdown_table(agents)))
    examples = [line for change in difference.rules.values() for line in _examples(change, _escaped)]
    if examples:
        parts.append(_folded("Examples", _listed(examples)))
    if difference.detailed:
        parts.append(_folded("Greatest changes", _listed(_detailed(difference, _escaped))))
    return "\n\n".join(parts) + "\n"


def as_json(difference: Difference) -> dict[str, Any]:
    """For programs: every conversation that changes, every agent, every rule."""
    return {
        "old": {"name": difference.old.name, "digest": difference.old.digest},
        "new": {"name": difference.new.name, "digest": difference.new.digest},
        "conversations": difference.conversations,
        "changed_share": round(difference.share, 6),
        "mean_change": round(difference.team.change, 4),
        "rules": [_rule_json(change) for change in difference.rules.values()],
        "agents": {name: _mean_json(mean) for name, mean in sorted(difference.agents.items())},
        "changed": [_changed_json(changed) for changed in difference.changed],
        "greatest": [
            {**_changed_json(changed), "rules": [_effect_json(effect) for effect in effects]}
            for changed, effects in difference.detailed
        ],
    }


def headline(difference: Difference) -> str:
    """The whole difference in a line or two."""
    if not difference.rules and not difference.changed:
        return f"no rule judges or counts differently; {count(difference.conversations, 'conversation')} compared"
    passes = sum(
        (changed.after.passed is True) - (changed.before.passed is True)
        for changed in difference.changed
        if changed.before.passed is not None and changed.after.passed is not None
    )
    team = difference.team
    mean = (
        f"mean score {team.before / team.count:.2f} → {team.after / team.count:.2f}" if team.count else "none is scored"
    )
    return (
        f"{len(difference.changed)} of {count(difference.conversations, 'conversation')} change ({difference.share:.1%}), "
        f"{mean} ({team.change:+.2f}), {passes:+d} passed"
    )


def _rule_rows(difference: Difference) -> list[Sequence[str]]:
    rows: list[Sequence[str]] = [("rule", "title", "change", "verdicts", "points")]
    for change in filter(_has_effect, difference.rules.values()):
        moves = ", ".join(
            f"{_name(before)} → {_name(after)} {number}"
            if before != after
            else f"{_name(before)}, other points {number}"
            for (before, after), number in change.moves.most_common()
        )
        rows.append((change.rule_id, change.title, change.how, moves, f"{change.points:+g}"))
    return rows


def _has_effect(change: RuleChange) -> bool:
    return change.verdicts > 0


def _without_effect(difference: Difference) -> list[str]:
    """A line on the rules that are not the same and yet change no verdict here."""
    silent = [change.rule_id for change in difference.rules.values() if not _has_effect(change)]
    return [f"changed, without effect on these conversations: {', '.join(silent)}"] if silent else []


def _agent_rows(difference: Difference) -> list[Sequence[str]]:
    """Agents whose mean changes, greatest change first."""
    moved = [(name, mean) for name, mean in difference.agents.items() if mean.changed]
    moved.sort(key=lambda entry: (-abs(entry[1].change), entry[0]))
    rows: list[Sequence[str]] = [("agent", "conversations", "changed", "before", "after", "change")]
    for name, mean in moved[:_MOST_AGENTS]:
        before, after = mean.before / mean.count, mean.after / mean.count
        numbers = (str(mean.count), str(mean.changed), f"{before:.2f}", f"{after:.2f}", f"{mean.change:+.2f}")
        rows.append((name or "-", *numbers))
    if len(moved) > _MOST_AGENTS:
        rows.append((f"… and {len(moved) - _MOST_AGENTS} more", "", "", "", "", ""))
    return rows


def _plain(text: str) -> str:
    return text


def _examples(change: RuleChange, escape: Any = _plain) -> Iterator[str]:
    if change.examples:
        yield f"{escape(change.rule_id)}, for example:"
    for effect in change.examples:
        yield f"  {escape(effect.conversation_id)}, {escape(effect.agent)}: {_moved(effect)}{escape(_quoted(effect))}"


def _detailed(difference: Difference, escape: Any = _plain) -> Iterator[str]:
    for changed, effects in difference.detailed:
        scores = f"{_score(changed.before)} → {_score(changed.after)}"
        yield f"{escape(changed.conversation_id)}, {escape(changed.agent)}: {scores}"
        for effect in effects:
            yield f"  {escape(effect.rule_id)}: {_moved(effect)}{escape(_quoted(effect))}"


def _moved(effect: RuleEffect) -> str:
    same = effect.before == effect.after
    verdicts = _name(effect.after) if same else f"{_name(effect.before)} → {_name(effect.after)}"
    return f"{verdicts} ({effect.points:+g})"


def _quoted(effect: RuleEffect) -> str:
    if effect.seq is None:
        return ""
    text = " ".join(effect.text.split())
    text = text if len(text) <= _MOST_TEXT else text[: _MOST_TEXT - 1] + "…"
    return f", message {effect.seq + 1}: {text}"


def _score(outcome: Outcome) -> str:
    score = "not scored" if outcome.score is None else f"{outcome.score:g}"
    return f"{score} {outcome.grade}" if outcome.grade else score


def _name(verdict: Verdict) -> str:
    return verdict.name.lower()


def _escaped(text: str) -> str:
    """Text that Markdown and HTML leave alone."""
    signs = "".join(f"\\{char}" if char in "\\`*_{}[]()#+-.!|<>~@" else char for char in text)
    return signs.replace("&", "&amp;")


def _markdown_table(rows: Sequence[Sequence[str]]) -> str:
    head, *body = [" | ".join(_escaped(cell) for cell in row) for row in rows]
    return "\n".join(f"| {line} |" for line in (head, " | ".join("---" for _ in rows[0]), *body))


def _listed(lines: Iterable[str]) -> str:
    return "\n".join(f"{'  ' if line.startswith('  ') else ''}- {line.strip()}" for line in lines)


def _folded(title: str, body: str) -> str:
    return f"<details><summary>{title}</summary>\n\n{body}\n\n</details>"


def _changed_json(changed: Changed) -> dict[str, Any]:
    return {**dataclasses.asdict(changed), "change": round(changed.change, 4)}


def _effect_json(effect: RuleEffect) -> dict[str, Any]:
    return {**dataclasses.asdict(effect), "before": _name(effect.before), "after": _name(effect.after)}


def _mean_json(mean: Mean) -> dict[str, Any]:
    return {
        "conversations": mean.count,
        "changed": mean.changed,
        "before": round(mean.before / mean.count, 4),
        "after": round(mean.after / mean.count, 4),
    }


def _rule_json(change: RuleChange) -> dict[str, Any]:
    moves = [
        {"before": _name(before), "after": _name(after), "verdicts": number}
        for (before, after), number in sorted(change.moves.items())
    ]
    return {
        "id": change.rule_id, "title": change.title, "change": change.how, "verdicts": change.verdicts,
        "points": round(change.points, 4), "moves": moves,
        "examples": [_effect_json(effect) for effect in change.examples],
    }  # fmt: skip
