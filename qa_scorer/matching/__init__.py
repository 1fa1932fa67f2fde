"""Text normalisation that keeps offsets, and all pattern search, over whole batches."""
