"""``qa-scorer`` as a process of its own."""

from __future__ import annotations

import atexit
import os
import sys
from contextlib import suppress
from typing import NoReturn

from qa_scorer.cli import main
from qa_scorer.interpreter import collect_seldom


def run() -> NoReturn:
    """Do what the command line says, and leave."""
    collect_seldom()
    try:
        main(prog_name="qa-scorer")
    except SystemExit as done:
        _leave(done.code if isinstance(done.code, int) else int(done.code is not None))
    _leave(0)


def _leave(code: int) -> NoReturn:
    """End the process at once. Taking a million objects apart first would be a fifth of a short run."""
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):  # whoever reads may be gone, as behind `| head`
            stream.flush()
    os._exit(code)
