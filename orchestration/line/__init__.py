"""The line as Dagster runs it, and how a run ended; alone in importing dagster."""
