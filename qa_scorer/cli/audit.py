"""``qa-scorer audit``: a period out of a history, compared with another."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from qa_scorer.cli.language import translate

if TYPE_CHECKING:
    from qa_scorer.audit.build import Compared
    from qa_scorer.audit.model import Period

_KINDS = ("day", "week", "month", "quarter", "year")
_GROUP = "group:"


@click.command("audit")
@click.option("--history", required=True, type=click.Path(file_okay=False, path_type=Path), metavar="DIR",
              help="The history that `score --history` keeps.")  # fmt: skip
@click.option("--day", metavar="DAY", help="Audit a day, as 2026-10-05.")
@click.option("--week", metavar="WEEK", help="Audit an ISO week, as 2026-W41.")
@click.option("--month", metavar="MONTH", help="Audit a month, as 2026-10.")
@click.option("--quarter", metavar="QUARTER", help="Audit a quarter, as 2026-Q4.")
@click.option("--year", metavar="YEAR", help="Audit a year, as 2026.")
@click.option("--against", metavar="PERIOD|group:NAME|none",
              help="Compare with another period, or --group with another group of the same "
              "[default: the period before].")  # fmt: skip
@click.option("--group", metavar="NAME", help="Only the conversations of this group (shop or team).")
@click.option("--rulebook", metavar="DIGEST", help="Where several judged the period: whose scores count, as "
              "`history show` names it [default: the last].")  # fmt: skip
@click.option("-o", "--out", type=click.Path(file_okay=False, path_type=Path), default=Path("audit"), metavar="DIR",
              show_default=True, help="Where the audit goes.")  # fmt: skip
@click.option("--config", type=click.Path(exists=True, dir_okay=False, path_type=Path),
              help="A file with business hours, holidays and targets under `audit:` "
              "[default: qa-scorer.yaml in the current folder].")  # fmt: skip
@click.option("--lang", type=click.Choice(["zh", "en"]), help="Language of the reports [default: the rulebook's].")
@click.option("--threads", type=click.IntRange(1), metavar="N", help="Threads that count [default: all].")
@click.option("--memory", type=click.IntRange(200), default=1024, show_default=True, metavar="MB",
              help="What the tables may take before they go to a temporary file.")  # fmt: skip
@click.option("--quiet", is_flag=True, help="Print nothing but errors.")
def audit_command(
    history: Path, against: str | None, group: str | None, rulebook: str | None, out: Path, config: Path | None,
    lang: str | None, threads: int | None, memory: int, quiet: bool, **periods: str | None,
) -> None:  # fmt: skip
    """Write the audit of a period: figures against targets and the period before, agents, trends, and what to train."""
    from qa_scorer.audit.build import build_audit
    from qa_scorer.audit.data import write_data
    from qa_scorer.audit.settings import load_settings
    from qa_scorer.history import read_manifest
    from qa_scorer.reports.audit import write_audit

    period = _period(periods)
    audit = build_audit(
        history, period, _compared(period, against, group), group,
        load_settings(config or Path("qa-scorer.yaml")) if config or Path("qa-scorer.yaml").is_file() else None,
        digest=rulebook, threads=threads, memory_mb=memory,
    )  # fmt: skip
    write_data(audit, out)
    write_audit(audit, out, lang or audit.language)
    if not audit.coverage.conversations:
        held = ", ".join(sorted({part.month for part in read_manifest(history).parts}))
        click.echo(
            "qa-scorer: " + translate("nothing is kept of this period; there is {months}").format(months=held), err=True
        )
    if not quiet:
        counts = audit.coverage
        said = translate("{period}: {conversations} conversations, {scored} scored, {agents} agents; see {place}")
        click.echo(
            said.format(
                period=period.label, conversations=counts.conversations, scored=counts.scored, agents=counts.agents,
                place=out / "index.html",
            )
        )  # fmt: skip


def _period(given: dict[str, str | None]) -> Period:
    from qa_scorer.audit.period import parse_period

    said = [(kind, given[kind]) for kind in _KINDS if given[kind] is not None]
    if len(said) != 1:
        raise click.UsageError(f"name one period with one of {', '.join(f'--{kind}' for kind in _KINDS)}")
    kind, text = said[0]
    return parse_period(str(text), kind)


def _compared(period: Period, against: str | None, group: str | None) -> Compared | None:
    from qa_scorer.audit.build import Compared
    from qa_scorer.audit.period import parse_period, previous

    if against == "none":
        return None
    if against is None:
        return Compared(previous(period))
    if against.startswith(_GROUP):
        if group is None:
            raise click.UsageError(f"--against {against} compares two groups; name the audited one with --group")
        return Compared(period, against.removeprefix(_GROUP))
    return Compared(parse_period(against))
