"""A scored conversation in the terminal: its messages with what each rule found, then every verdict."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from rich.console import Console
from rich.text import Text

from qa_scorer.cli.language import translate
from qa_scorer.rulebook.diagnostics import printable
from qa_scorer.ruletools.conversation import Line, Mark, RuleVerdict, Scored
from qa_scorer.ruletools.describe import table

_SIGNS = {"agent": "服", "customer": "客", "bot": "机", "system": "系"}
_STYLES = {"hit": "green", "excused": "yellow", "near_miss": "yellow", "trigger": "cyan"}


def show(scored: Scored, titles: Mapping[str, str], console: Console, only: str | None = None) -> None:
    """Print the conversation; ``titles`` by rule id, ``only`` one rule."""
    console.print(_headline(scored))
    console.print()
    for message in scored.lines:
        marks = [mark for mark in message.marks if only in (None, mark.rule_id)]
        console.print(_message(message, marks))
        for mark in marks:
            console.print(_mark(mark, titles))
    console.print()
    for line in _verdicts(scored, titles, only):
        console.print(line)


def _headline(scored: Scored) -> Text:
    head = scored.head
    text = Text(scored.conversation_id, style="bold")
    if head["score"] is None:
        text.append("  " + translate("not scored ({reason})").format(reason=head["skip_reason"]), "yellow")
    else:
        said = (
            translate("{score} of {most}, {grade}, vetoed")
            if head["vetoed"]
            else translate("{score} of {most}, {grade}")
        )
        score, most = f"{head['score']:g}", f"{head['max_score']:g}"
        style = "green" if head["passed"] else "red"
        text.append("  " + said.format(score=score, most=most, grade=head["grade"]), style)
    text.append(f"  {head['agents']}  {head['source']}", "dim")
    return text


def _message(line: Line, marks: list[Mark]) -> Text:
    sender = f"[{line.sender}]" if line.role == "agent" and line.sender else ""
    kind = "" if line.kind == "text" else f" ({line.kind})"
    text = Text(f"{line.seq + 1:>3} {line.time} " if line.time else f"{line.seq + 1:>3} ", style="dim")
    text.append(f"{_SIGNS[line.role]}{sender}{kind}: ", "cyan")
    at = len(text)
    text.append(printable(line.text.replace("\n", " ")))
    for mark in marks:
        if mark.end > mark.start:
            text.stylize(f"underline {_style(mark)}", at + mark.start, at + mark.end)
    return text


def _style(mark: Mark) -> str:
    return "red" if mark.failed and mark.kind == "hit" else _STYLES[mark.kind]


def _mark(mark: Mark, titles: Mapping[str, str]) -> Text:
    quoted = f" “{printable(mark.text)}”" if mark.text else ""
    note = f" ({mark.note})" if mark.note else ""
    verb = {
        "hit": translate("fails by") if mark.failed else translate("found"),
        "excused": translate("forgiven"),
        "near_miss": translate("almost"),
        "trigger": translate("because of") if mark.text else translate("because of this message"),
    }
    words = f"      {mark.rule_id} {titles.get(mark.rule_id, '')}".rstrip()
    return Text(f"{words}: {verb[mark.kind]}{quoted}{note}", style=_style(mark))


def _verdicts(scored: Scored, titles: Mapping[str, str], only: str | None) -> Iterator[Text]:
    """A table of all verdicts, a line each, agent by agent."""
    told = [verdict for verdict in scored.verdicts if only in (None, verdict.rule_id)]
    said = {"fail": translate("fail"), "pass": translate("pass"), "not_applicable": translate("not applicable")}
    heads = (translate("agent"), translate("rule"), translate("title"), translate("verdict"), translate("points"),
             translate("searched in vain"))  # fmt: skip
    rows = [heads]
    for verdict in told:
        points = "" if verdict.verdict == "not_applicable" else _points(verdict)
        searched = ", ".join(str(seq + 1) for seq in verdict.searched)
        hits = translate(", {count} found").format(count=verdict.hits) if verdict.hits else ""
        words = said[verdict.verdict] + hits
        rows.append((verdict.agent, verdict.rule_id, titles.get(verdict.rule_id, ""), words, points, searched))
    styles = ["dim", *({"fail": "red", "pass": ""}.get(verdict.verdict, "dim") for verdict in told)]
    for line, style in zip(table(rows).splitlines(), styles, strict=True):
        yield Text(line, style)


def _points(row: RuleVerdict) -> str:
    if row.max_points:
        return translate("{score} of {most}").format(score=f"{row.points:g}", most=f"{row.max_points:g}")
    return f"{row.points:+g}" if row.points else ""
