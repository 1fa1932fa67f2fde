"""The run's Parquet tables and manifest, and the summary that reports are made from."""

from qa_scorer.results.run import run_to_folder
from qa_scorer.results.summary import RunSummary

__all__ = ["RunSummary", "run_to_folder"]
