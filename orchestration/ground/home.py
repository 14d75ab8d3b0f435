"""Every path of one deployment, from one root.

What belongs here: where things lie. What does not: reading or writing them. Nobody else joins
paths of a home.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from orchestration.ground.text import NianbaoError

REPOSITORY = Path(__file__).resolve().parents[2]
ENVIRONMENT_VARIABLE = "NIANBAO_HOME"


class NoHome(NianbaoError):
    """Nobody said which home is meant."""


@dataclass(frozen=True)
class Home:
    """One deployment's folder (`NIANBAO_HOME`)."""

    root: Path

    @classmethod
    def from_environment(cls) -> Home:
        """Return the home that the environment names; `NoHome` if it names none."""
        named = os.environ.get(ENVIRONMENT_VARIABLE)
        if not named:
            raise NoHome(
                f"环境变量 {ENVIRONMENT_VARIABLE} 未指定部署目录。",
                f"The environment variable {ENVIRONMENT_VARIABLE} names no home.",
            )
        return cls(Path(named).resolve())

    @property
    def cities(self) -> Path:
        """One folder a city: city.yml, schools.csv, claims_<year>.csv."""
        return self.root / "cities"

    @property
    def inbox(self) -> Path:
        """What schools hand in, by year; nobody deletes here but the people who put it there."""
        return self.root / "inbox"

    def inbox_year(self, year: int) -> Path:
        """Return the inbox of one year."""
        return self.inbox / str(year)

    @property
    def archive(self) -> Path:
        """The originals, by content hash."""
        return self.root / "archive"

    @property
    def raw(self) -> Path:
        """What was read from the workbooks, as parquet."""
        return self.root / "raw"

    @property
    def gate(self) -> Path:
        """The gates' findings and verdicts of the latest run, as parquet."""
        return self.root / "gate"

    @property
    def returned(self) -> Path:
        """Workbooks that go back to their schools."""
        return self.root / "returned"

    @property
    def published(self) -> Path:
        """Editions and the analysts' database."""
        return self.root / "published"

    def editions(self, city: str, year: int) -> Path:
        """Return the folder that holds the editions v1, v2, … of one city's year."""
        return self.published / city / str(year)

    @property
    def analyst_database(self) -> Path:
        """What analysts open, read-only; swapped whole."""
        return self.published / "nianbao.duckdb"

    @property
    def dbt_docs(self) -> Path:
        """What dbt documents of the marts, their lineage and who uses them, as one page."""
        return self.published / "dbt_docs.html"

    @property
    def dagster(self) -> Path:
        """Dagster's own storage and dagster.yaml."""
        return self.root / "dagster"

    @property
    def target(self) -> Path:
        """Where dbt writes its manifest and compiled SQL."""
        return self.root / "target"

    @property
    def dbt_project(self) -> Path:
        """The dbt project: the written one, with what is made from the forms beside it."""
        return self.target / "project"

    @property
    def manifest(self) -> Path:
        """The parsed dbt project, which Dagster's assets are made from."""
        return self.target / "manifest.json"

    @property
    def logs(self) -> Path:
        """What happened: the log, dbt's own logs, and the alerts."""
        return self.root / "logs"

    @property
    def log(self) -> Path:
        """What command, pages and runs say, one line a thing; rotated."""
        return self.logs / "nianbao.log"

    @property
    def alerts(self) -> Path:
        """What runs could not do and somebody has to know, one JSON object a line."""
        return self.logs / "alerts.jsonl"

    @property
    def ledger(self) -> Path:
        """The ledger's SQLite file, unless `NIANBAO_LEDGER_URL` names another database."""
        return self.root / "ledger.sqlite"

    @property
    def accounts(self) -> Path:
        """The web app's accounts and sessions; only hashes of what is secret."""
        return self.root / "accounts.sqlite"

    @property
    def warehouse(self) -> Path:
        """The build warehouse; dbt alone writes it, readers use the published copy."""
        return self.root / "warehouse.duckdb"

    @property
    def settings(self) -> Path:
        """What the home sets for itself; every setting has a default."""
        return self.root / "settings.yml"

    @property
    def standards(self) -> Path:
        """Thresholds of running conditions that the home sets itself, if it does."""
        return self.root / "standards.csv"

    @property
    def forms(self) -> list[Path]:
        """Folders of forms: the repository's, then the home's own, which win."""
        own = self.root / "forms"
        return [REPOSITORY / "forms", *([own] if own.is_dir() else [])]

    @property
    def expectations(self) -> list[Path]:
        """Folders of rules: the repository's, then the home's own."""
        own = self.root / "expectations"
        return [REPOSITORY / "expectations", *([own] if own.is_dir() else [])]

    def create(self) -> None:
        """Make the folders that a run expects; what exists stays."""
        folders = (self.cities, self.inbox, self.archive, self.raw, self.gate, self.returned)
        for folder in (*folders, self.published, self.dagster, self.target, self.logs):
            folder.mkdir(parents=True, exist_ok=True)


def configured_cities(home: Home) -> list[str]:
    """Return the home's city names, sorted: the folders that hold a city.yml."""
    return sorted(path.parent.name for path in home.cities.glob("*/city.yml"))
