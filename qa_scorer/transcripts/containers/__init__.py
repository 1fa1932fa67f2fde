"""The files that hold exports: delimited text, workbooks, Parquet, JSON, HTML tables and plain text, each as
``Part``."""
