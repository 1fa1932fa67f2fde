"""Runs kept over the months: a folder of Parquet files and a manifest that names the ones that count. No server.

``add_run`` files a run's tables, ``rescore`` judges what is kept by other rules, ``read_manifest`` says what is there.
A change writes new files aside and then replaces the manifest in one step, as Delta Lake and Iceberg do: a reader sees
the old state or the new one, whatever happens in between.
"""

from __future__ import annotations

from qa_scorer.history.adding import add_run
from qa_scorer.history.manifest import UNDATED, Manifest, Privacy, read_manifest, refuse_other_privacy
from qa_scorer.history.rescoring import rescore

__all__ = ["UNDATED", "Manifest", "Privacy", "add_run", "read_manifest", "refuse_other_privacy", "rescore"]
