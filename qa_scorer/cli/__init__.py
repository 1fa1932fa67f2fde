"""The click commands: options, exit codes, progress. No logic."""
