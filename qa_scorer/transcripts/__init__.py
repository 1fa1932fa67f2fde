"""Any export becomes one table of messages, plus what was rejected and why. One module per format."""

from qa_scorer.transcripts.optionfile import load_options
from qa_scorer.transcripts.options import Limits, ReadOptions
from qa_scorer.transcripts.reading import Reading, read
from qa_scorer.transcripts.table import Counts, TranscriptBatch, Transcripts

__all__ = ["Counts", "Limits", "ReadOptions", "Reading", "TranscriptBatch", "Transcripts", "load_options", "read"]
