"""The run's Parquet tables and manifest, and the summary that reports are made from."""

from qa_scorer.results.agents import agents_table
from qa_scorer.results.summarise import summarise
from qa_scorer.results.writing import ResultsWriter, hash_inputs

__all__ = ["ResultsWriter", "agents_table", "hash_inputs", "summarise"]
