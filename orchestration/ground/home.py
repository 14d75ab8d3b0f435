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


class _Under:
    """A path of a home, given by where it lies under the root."""

    def __init__(self, path: str) -> None:
        self._path = path

    def __get__(self, home: Home, _: type) -> Path:
        return home.root / self._path


@dataclass(frozen=True)
class Home:
    """One deployment's folder (`NIANBAO_HOME`)."""

    root: Path

    # One folder a city: city.yml, schools.csv, claims_<year>.csv.
    cities = _Under("cities")
    # Cities without any school in a year, which their province does not wait for, if there are any.
    cities_without_schools = _Under("cities/without_schools.csv")
    # What schools hand in, by year; nobody deletes here but the people who put it there.
    inbox = _Under("inbox")
    # The originals, by content hash.
    archive = _Under("archive")
    # What was read from the workbooks, as parquet.
    raw = _Under("raw")
    # The gates' findings and verdicts of the latest run, as parquet.
    gate = _Under("gate")
    # Workbooks that go back to their schools.
    returned = _Under("returned")
    # Editions and the analysts' database.
    published = _Under("published")
    # What analysts open, read-only; swapped whole.
    analyst_database = _Under("published/nianbao.duckdb")
    # Editions that wait for their release, laid out as `published` is; nobody else's to read.
    embargoed = _Under("embargoed")
    # The analysts' database with what waits for its release, from which theirs is made meanwhile.
    whole_database = _Under("embargoed/nianbao.duckdb")
    # What their database knows of editions, from which it is seen that it is behind.
    editions_known = _Under("embargoed/editions_known.json")
    # What dbt documents of the marts, their lineage and who uses them, as one page.
    dbt_docs = _Under("published/dbt_docs.html")
    # Dagster's own storage and dagster.yaml.
    dagster = _Under("dagster")
    # Where dbt writes its manifest and compiled SQL.
    target = _Under("target")
    # The dbt project: the written one, with what is made from the forms beside it.
    dbt_project = _Under("target/project")
    # The parsed dbt project, which Dagster's assets are made from.
    manifest = _Under("target/manifest.json")
    # What happened: the log, dbt's own logs, and the alerts.
    logs = _Under("logs")
    # What command, pages and runs say, one line a thing; rotated.
    log = _Under("logs/nianbao.log")
    # What runs could not do and somebody has to know, one JSON object a line.
    alerts = _Under("logs/alerts.jsonl")
    # The ledger's SQLite file, unless `NIANBAO_LEDGER_URL` names another database.
    ledger = _Under("ledger.sqlite")
    # The web app's accounts and sessions; only hashes of what is secret.
    accounts = _Under("accounts.sqlite")
    # The build warehouse; dbt alone writes it, readers use the published copy.
    warehouse = _Under("warehouse.duckdb")
    # What the home sets for itself; every setting has a default.
    settings = _Under("settings.yml")
    # Thresholds of running conditions that the home sets itself, if it does.
    standards = _Under("standards.csv")

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

    def inbox_year(self, year: int) -> Path:
        """Return the inbox of one year."""
        return self.inbox / str(year)

    def editions(self, city: str, year: int) -> Path:
        """Return the folder that holds the editions v1, v2, … of one city's year."""
        return self.published / city / str(year)

    def embargoed_editions(self, city: str, year: int) -> Path:
        """Return the folder that holds those of them that wait for their release."""
        return self.embargoed / city / str(year)

    def edition(self, city: str, year: int, number: int) -> Path:
        """Return where an edition's files are, or will be: published unless it is embargoed."""
        waiting = self.embargoed_editions(city, year) / f"v{number}"
        return waiting if waiting.is_dir() else self.editions(city, year) / f"v{number}"

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
        self.embargoed.mkdir(mode=0o700, exist_ok=True)


def configured_cities(home: Home) -> list[str]:
    """Return the home's city names, sorted: the folders that hold a city.yml."""
    return sorted(path.parent.name for path in home.cities.glob("*/city.yml"))
