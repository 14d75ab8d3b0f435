"""`python -m orchestration.cli`."""

from orchestration.cli import app

app()
