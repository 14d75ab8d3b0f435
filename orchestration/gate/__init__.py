"""The gates: suites in, findings and verdicts out. The only part that imports great_expectations."""
