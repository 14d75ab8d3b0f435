"""The version that people are asked for when something is wrong."""

from importlib.metadata import version

from typer.testing import CliRunner

from orchestration.cli import app


def test_the_command_says_its_version():
    done = CliRunner().invoke(app, ["--version"])
    assert (done.exit_code, done.output) == (0, f"nianbao {version('nianbao')}\n")
