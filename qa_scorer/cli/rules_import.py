"""``qa-scorer rules import-sca``: rules of Alibaba Cloud 智能对话分析 as a rule file."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from qa_scorer.errors import InputError, OutputError


@click.command("import-sca")
@click.argument("export", type=click.Path(path_type=Path))
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), default=Path("sca.yaml"),
              show_default=True, help="The rule file to write.")  # fmt: skip
@click.option("--name", default="导入的质检标准", show_default=True, help="Name of the rulebook.")
@click.option("--unscored", type=click.FloatRange(min=0, min_open=True), metavar="POINTS",
              help="Deduct POINTS for rules that carry no score [default: write them as comments].")  # fmt: skip
@click.option("--json", "as_data", is_flag=True, help="Print the report as JSON.")
def import_sca_command(export: Path, output: Path, name: str, unscored: float | None, as_data: bool) -> None:
    """Write the SCA rules of EXPORT (JSON of UploadRule, GetRuleDetail or GetRuleV4) as a rule file.

    The report tells for every rule whether it means exactly the same here. Exit code 1 when one was left out or
    carries no score.
    """
    from qa_scorer.ruletools import sca

    if output.exists():
        raise OutputError(f"{output} exists already; name another file with -o, or remove it first")
    try:
        text = export.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise InputError(f"{export} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise InputError(f"{export} is not UTF-8 (byte {error.start}); save the JSON as UTF-8") from None
    result = sca.import_rules(sca.read_sca(text, str(export)), unscored)
    try:
        output.write_text(sca.rule_file(result, name), encoding="utf-8")
    except OSError as error:
        raise OutputError(f"{output} cannot be written: {error.strerror}") from None
    click.echo(json.dumps(sca.as_json(result), ensure_ascii=False, indent=2) if as_data else sca.as_text(result))
    click.echo(f"{output} written; next: qa-scorer rules check {output}", err=True)
    sys.exit(not result.complete)
