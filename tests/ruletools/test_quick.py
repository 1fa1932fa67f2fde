"""Rule files are checked while somebody waits: without the libraries that take longer to load than the check itself."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from qa_scorer.matching.normalise import fold, make_views, normalise
from qa_scorer.model.patterns import Fuzzy, Literal, Regex, Word
from qa_scorer.rulebook import load
from qa_scorer.ruletools.describe import parts_of
from qa_scorer.ruletools.lint.findings import text_of
from qa_scorer.ruletools.lint.words import bare, clean, folded_regex

_PROBE = """
import sys, time
from click.testing import CliRunner
from qa_scorer.cli.rules import rules
began = time.process_time()
CliRunner().invoke(rules, ["check", sys.argv[1]])
print(time.process_time() - began, [name for name in ("pandas", "jieba", "rjieba", "pyarrow", "numpy") if name in sys.modules])
"""


def _many_rules(count: int) -> str:
    lists = [
        f"  l{n}: [词语{n}甲, 词语{n}乙, {{regex: '第{n}条.{{0,4}}(规则|条款)'}}, {{fuzzy: 这是第{n}个模糊短语}}]"
        for n in range(100)
    ]
    rules = [
        f"  - id: r.{n}\n    title: 规则{n}\n    dimension: d\n    check: {'forbid' if n % 2 else 'require'}\n"
        f"    any: [$l{n % 100}, 短语{n}]\n    {'deduct' if n % 2 else 'points'}: 2\n    advice: 说“请您稍等片刻{n}”\n    tests:\n"
        f'      - {{name: 有, chat: "客: 在吗\\n服: 短语{n}", expect: {"fail" if n % 2 else "pass"}}}\n'
        f'      - {{name: 无, chat: "客: 在吗\\n服: 嗯", expect: {"pass" if n % 2 else "fail"}}}\n'
        for n in range(count)
    ]
    head = "version: 1\ndimensions: {d: {name: 服务, points: 500}}\nlists:\n"
    return head + "\n".join(lists) + "\nrules:\n" + "".join(rules)


def test_500_rules_take_half_a_second_and_load_nothing_heavy(tmp_path: Path) -> None:
    file = tmp_path / "rules.yaml"
    file.write_text(_many_rules(500), encoding="utf-8")
    done = subprocess.run([sys.executable, "-c", _PROBE, str(file)], capture_output=True, text=True, check=True)
    seconds, loaded = done.stdout.split(maxsplit=1)
    assert loaded.strip() == "[]"
    assert float(seconds) < 0.5 * 3  # the slack is for the machine, which runs other tests beside this one


def texts() -> list[str]:
    rulebook = load(None)
    patterns = [node for rule in rulebook.rules for node in parts_of(rule) if isinstance(node, (Literal, Word, Fuzzy))]
    listed = [p for entry in rulebook.lists.values() for p in entry.patterns if not isinstance(p, Regex)]
    advice = [rule.advice for rule in rulebook.rules]
    own = [
        "ＡＢＣ１２３",
        "這個問題",
        "加➕v：abc",
        "！！",
        "[微笑]",
        "Ñandú ΑΒΓ Ж",
        "100%有效",
        "😀好👍🏽",
        "\u200b您\ufe0f好",
        "100 元",
    ]
    return [*map(text_of, patterns), *map(text_of, listed), *advice, *own]


def test_short_texts_look_as_messages_do() -> None:
    given = texts()
    assert [bare(text) for text in given] == normalise(given)


@pytest.mark.parametrize("regex", ["您（好|們）", "[一-龥]{2,}", "（微信|VX）＋"])
def test_regexes_are_folded_alike(regex: str) -> None:
    assert folded_regex(regex) == fold(regex)


def test_clean_texts_differ_from_those_of_messages_by_closed_gaps_alone() -> None:
    import pyarrow as pa

    given = [text for text in texts() if text.isalpha()]
    views = make_views(pa.array(given, pa.string())).clean
    assert [clean(text) for text in given] == [views.message(number) for number in range(len(given))]
