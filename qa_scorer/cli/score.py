"""``qa-scorer score``: the main job."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from qa_scorer.cli.language import translate
from qa_scorer.cli.privacy_options import anonymising_options, pseudonym_key
from qa_scorer.cli.progress import progress
from qa_scorer.cli.reading_options import read_options, reading_options

if TYPE_CHECKING:
    from qa_scorer.model.rules import Rulebook
    from qa_scorer.results.summary import RunSummary
    from qa_scorer.transcripts.options import ReadOptions


@click.command("score")
@click.argument("inputs", nargs=-1, required=True)
@click.option(
    "-r",
    "--rules",
    multiple=True,
    type=click.Path(path_type=Path),
    metavar="PATH",
    help="Rule file or folder [default: the built-in standard].",
)
@click.option(
    "-o",
    "--out",
    default="reports",
    metavar="DIR",
    show_default=True,
    help="Where reports and tables go, a folder or an address such as s3://…; an earlier run there is replaced.",
)
@reading_options
@click.option("--jobs", type=click.IntRange(1), default=1, show_default=True, help="Processes that score.")
@click.option("--engine", type=click.Choice(["local", "dask"]), default="local", show_default=True,
              help="Where conversations are judged: on this machine, or on a Dask cluster with --scheduler.")  # fmt: skip
@click.option("--scheduler", metavar="ADDRESS", help="The scheduler of a Dask cluster, such as tcp://10.0.0.5:8786.")
@click.option("--lang", type=click.Choice(["zh", "en"]), help="Language of the reports [default: the rulebook's].")
@click.option("--csv", is_flag=True, help="Write the tables as CSV too.")
@click.option("--no-reports", is_flag=True, help="Write the tables only.")
@click.option("--history", type=click.Path(file_okay=False, path_type=Path), metavar="DIR",
              help="Add the run to this history, for `audit`; the same conversations are replaced.")  # fmt: skip
@click.option("--history-month", metavar="MONTH",
              help="The month (2026-10) in the history of conversations without times.")  # fmt: skip
@click.option("--no-mask", is_flag=True,
              help="Keep phone numbers, addresses and other personal data readable.")  # fmt: skip
@anonymising_options
@click.option("--fail-under", type=float, metavar="SCORE", help="Exit with 1 when the mean score is lower.")
@click.option("--resume", is_flag=True,
              help="Go on with a run that was stopped, from where it was; begin anew if there is none.")  # fmt: skip
@click.option("--quiet", is_flag=True, help="Print nothing but errors.")
@click.option("--json", "as_json", is_flag=True, help="Print the outcome as one JSON object.")
@read_options
def score_command(
    inputs: tuple[str, ...], rules: tuple[Path, ...], out: str, options: ReadOptions | None, jobs: int, engine: str,
    scheduler: str | None,    lang: str | None, csv: bool, no_reports: bool, history: Path | None, history_month: str | None,
    no_mask: bool, anonymise: bool, key_file: Path | None, fail_under: float | None, resume: bool,
    quiet: bool, as_json: bool,
) -> None:  # fmt: skip
    """Score every conversation in INPUTS (files, folders, globs, addresses) and write a report per agent."""
    from qa_scorer.results.remote import published
    from qa_scorer.results.run import run_to_folder
    from qa_scorer.rulebook import load

    if no_mask and anonymise:
        raise click.UsageError("--anonymise masks too; leave out --no-mask")
    if (engine == "dask") != (scheduler is not None):
        raise click.UsageError("--engine dask and --scheduler ADDRESS go together")
    _check_month(history, history_month)
    key = pseudonym_key(anonymise, key_file)
    rulebook = load(rules or None)
    if history is not None:
        _check_history(history, not no_mask, key, rulebook.language)
    with published(out) as folder:
        try:
            with progress(quiet or as_json) as watch:
                summary = run_to_folder(
                    inputs, rulebook, folder, options, jobs=jobs, csv=csv, masked=not no_mask, key=key, resume=resume,
                    scheduler=scheduler, watch=watch, report=None if no_reports else _reports(lang or rulebook.language),
                )  # fmt: skip
        except KeyboardInterrupt:
            _say_stopped(folder)
        if history is not None:
            _add_to_history(history, folder, rulebook, history_month)
    if as_json:
        click.echo(json.dumps(_outcome(summary, out), ensure_ascii=False, indent=1))
    elif not quiet:
        _print(summary, out, lang or rulebook.language, no_reports)
    mean = summary.score.value
    if fail_under is not None and (mean is None or mean < fail_under):
        said = translate("no conversation was scored") if mean is None else translate("the mean score is {:.2f}")
        limit = translate("below --fail-under {:g}")
        click.echo(f"qa-scorer: {said.format(mean)}, {limit.format(fail_under)}", err=True)
        sys.exit(1)


def _say_stopped(out: Path) -> NoReturn:
    """End with what became of a run that the user stopped."""
    from qa_scorer.results.unfinished import growing_folder

    if not growing_folder(out.absolute()).exists():
        raise KeyboardInterrupt  # as for every other command
    click.echo("qa-scorer: " + translate("stopped; the finished part is kept, --resume goes on from there"), err=True)
    sys.exit(2)


def _check_month(history: Path | None, month: str | None) -> None:
    """Raise click.UsageError before the long work when --history-month is alone or no month."""
    if month is None:
        return
    if history is None:
        raise click.UsageError("--history-month says where in a history; name it with --history")
    if re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])", month) is None:
        raise click.BadParameter(f"{month!r} is no month such as 2026-10", param_hint="--history-month")


def _check_history(history: Path, masked: bool, key: bytes | None, language: str) -> None:
    """Raise OutputError before the long work when the history keeps runs of another privacy."""
    from qa_scorer.history import Privacy, refuse_other_privacy
    from qa_scorer.privacy import Pseudonyms, Veil

    veil = Veil(masked, None if key is None else Pseudonyms(key, language, list))
    refuse_other_privacy(history, Privacy(**veil.record()))


def _add_to_history(history: Path, out: Path, rulebook: Rulebook, month: str | None) -> None:
    from qa_scorer.history import UNDATED, add_run
    from qa_scorer.ruletools.writing import rulebook_mapping, yaml_text

    state = add_run(out / "data", history, yaml_text(rulebook_mapping(rulebook)), month)
    undated = sum(part.conversations for part in state.parts if part.month == UNDATED and part.run == state.runs[-1].id)
    if undated:
        said = translate(
            "{count} conversations carry no time and will be in no audit; name their month with --history-month"
        )
        click.echo("qa-scorer: " + said.format(count=undated), err=True)


def _reports(language: str) -> Any:
    """The report writer in a language."""
    from functools import partial

    from qa_scorer.reports.write import write_reports

    return partial(write_reports, language=language)


def _print(summary: RunSummary, out: str, language: str, no_reports: bool) -> None:
    from qa_scorer.reports.terminal import print_summary

    print_summary(summary, language, f"{out.rstrip('/')}/{'data' if no_reports else 'index.html'}")


def _outcome(summary: RunSummary, out: str) -> dict[str, Any]:
    """What a machine wants to know of a run."""
    from dataclasses import asdict

    return {
        "out": out,
        "rulebook": summary.rulebook,
        "version": summary.version,
        "score": asdict(summary.score),
        "pass_rate": asdict(summary.pass_rate),
        "vetoes": summary.vetoes,
        "reading": asdict(summary.reading),
        "agents": [
            {"agent": agent.agent, "conversations": agent.conversations, "score": agent.score.value, "rank": agent.rank}
            for agent in summary.agents
        ],
    }
