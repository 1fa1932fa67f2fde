"""What it costs to begin: seconds of the processor of short commands, each a process of its own, as users have them: with
the modules' bytecode at hand."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median

_PROGRAM = "from qa_scorer.cli.program import run; run()"
_RULES = """\
version: 1
extends: builtin:base
overrides:
  - {rule: closing.farewell, points: 3, reason: 门店口径}
"""
_CHAT = """\
客: 你好，我的订单到哪里了
服: 您好，请问有什么可以帮您？我帮您看一下物流
服: 您的包裹已经到达本市，预计明天送达
客: 好的谢谢
服: 不客气，请问还有其他可以帮您的吗？
客: 没有了
服: 感谢您的咨询，祝您生活愉快，再见
"""


def measure_starts(rounds: int) -> dict[str, float]:
    """The median of ``rounds`` for ``--help``, ``rules check`` of a file that extends the built-in ones, and ``score`` of
    one conversation without and with reports; once more before, unmeasured, so that Python has compiled all modules."""
    with tempfile.TemporaryDirectory() as place:
        chat, rules, out = (Path(place) / name for name in ("chat.txt", "rules.yaml", "out"))
        chat.write_text(_CHAT, encoding="utf-8")
        rules.write_text(_RULES, encoding="utf-8")
        score = ["score", str(chat), "-o", str(out)]
        commands = {
            "--help": ["--help"],
            "rules check, one file": ["rules", "check", str(rules)],
            "score, one conversation": [*score, "--no-reports"],
            "score, one conversation, reports": score,
        }
        for words in commands.values():
            _processor_s(words)
        return {label: median(_processor_s(words) for _ in range(rounds)) for label, words in commands.items()}


def _processor_s(words: list[str]) -> float:
    keeping_bytecode = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-c", _PROGRAM, *words], check=True, capture_output=True, env=keeping_bytecode)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
