"""Checking, testing and explaining rule files, and the output formats for CI."""
