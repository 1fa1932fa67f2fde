"""YAML becomes a typed rulebook, with every diagnostic at file:line:column."""
