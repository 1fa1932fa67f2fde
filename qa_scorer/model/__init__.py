"""The words that all packages share: roles, verdicts, patterns, scopes, checks and rules, as frozen dataclasses.

Nothing here imports numpy, pandas or YAML, so a rulebook can be built in Python and checked in milliseconds.
"""
