"""One small module per check: (batch, hits, parameters) become verdicts and evidence."""
