"""How batches run: in this process or in local processes."""
