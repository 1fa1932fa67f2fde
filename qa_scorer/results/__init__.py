"""The run's Parquet tables and manifest, and the summary that reports are made from."""
