"""The gates: suites in, findings and verdicts out; alone in importing great_expectations."""
