"""Verdicts become points, vetoes and grades; agent and team figures; statistics."""
