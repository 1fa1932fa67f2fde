"""The audit of a period: a history's tables in, one ``Audit`` out that reports show (``build.build_audit``)."""
