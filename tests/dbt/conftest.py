"""The warehouses that these tests look at: the samples', and one of a few crafted rows."""

import pickle
import shutil
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pandas as pd
import pytest
from sample_workbooks import write_samples
from shared import made_once

from orchestration.editions.contents import DEFINITIONS
from orchestration.gate.run import judge_all_submissions
from orchestration.ground.home import REPOSITORY, Home
from orchestration.ground.ledger import open_ledger
from orchestration.intake.batch import take_in
from orchestration.warehouse import dbt as warehouse


@dataclass(frozen=True)
class Warehouse:
    """A home whose marts are built, and what dbt said of each node."""

    home: Home
    results: list[warehouse.NodeResult]

    def rows(self, sql: str, *parameters) -> list[tuple]:
        with warehouse.reading(self.home.warehouse) as connection:
            return connection.execute(sql, parameters).fetchall()

    def frame(self, sql: str) -> pd.DataFrame:
        with warehouse.reading(self.home.warehouse) as connection:
            return connection.sql(sql).df()

    def copy(self, folder: Path) -> Home:
        """Return a home with the same warehouse and gate, which may be made to say otherwise."""
        home = Home(folder / "home")
        shutil.copytree(self.home.gate, home.gate)
        home.target.mkdir()
        for path in (self.home.warehouse, self.home.target / "compiled.json"):
            shutil.copy(path, home.root / path.relative_to(self.home.root))
        return home


def _home(path: Path) -> Home:
    home = Home(path)
    home.create()
    return home


@pytest.fixture(scope="session")
def samples(tmp_path_factory) -> Warehouse:
    """The two sample cities, taken in, judged and built as a run does it; tests only look at it."""

    def make(folder):
        home = _home(folder / "home")
        for city in (REPOSITORY / "cities").iterdir():
            shutil.copytree(city, home.cities / city.name)
        write_samples(home)
        with open_ledger(home) as ledger:
            take_in(home, [2023, 2024], ledger)
            warehouse.parse(home)
            results = warehouse.build(home, warehouse.BEFORE_GATE)
            warehouse.require_success(results)
            judge_all_submissions(home, ledger)
        results += warehouse.build(home, warehouse.AFTER_GATE)
        (folder / "results.pickle").write_bytes(pickle.dumps(results))

    folder = made_once(tmp_path_factory, "samples", make)
    results = pickle.loads((folder / "results.pickle").read_bytes())
    return Warehouse(Home(folder / "home"), results)


def write_edition(samples, folder, city, year):
    """Leave the tables of a city's year as an edition holds them: nothing of any other."""
    (folder / "tables").mkdir(parents=True)
    with duckdb.connect(str(samples.home.warehouse), read_only=True) as connection:
        names = connection.execute(
            "select table_name from duckdb_columns() where regexp_matches(table_name, "
            "'^(fct_|dim_|city_yearly)') group by table_name "
            "having count(*) filter (column_name in ('city', 'year')) = 2"
        ).fetchall()
        for (name,) in [*names, *((name,) for name in DEFINITIONS)]:
            only = f"where city = '{city}' and year = {year}" if (name,) in names else ""
            file = folder / "tables" / f"{name}.parquet"
            connection.execute(f"copy (from {name} {only}) to '{file}' (format parquet)")
    return folder


@pytest.fixture(scope="session")
def editions(samples, tmp_path_factory):
    root = tmp_path_factory.mktemp("editions")
    return {
        (city, year): write_edition(samples, root / city / str(year) / "v1", city, year)
        for city in ("baoji", "qingyang")
        for year in (2023, 2024)
    }


# Two cities of one province; the county of city b bears the city's own code, and its second school
# is in no county. School 03 of city a has handed in nothing.
_PLACE = {"city", "year", "year_date", "school_code", "county_code", "city_code", "province_code"}
_A1 = {"city": "a", "school_code": "01", "county_code": "990101", "city_code": "990100"}
_A2 = {"city": "a", "school_code": "02", "county_code": "990101", "city_code": "990100"}
_A3 = {"city": "a", "school_code": "03", "county_code": "990101", "city_code": "990100"}
_B1 = {"city": "b", "school_code": "11", "county_code": "990200", "city_code": "990200"}
_B2 = {"city": "b", "school_code": "12", "county_code": None, "city_code": "990200"}
_A = {"city": "a", "city_code": "990100"}
_FILED = {"years_before": 0, "is_filed": True, "is_monitored": True}
_PUBLIC = {"ownership": "public", "ownership_of_year": "public"}
_PRIVATE = {"ownership": "private", "ownership_of_year": "private"}
_TIME = {"year": 2024, "year_date": "2024-12-31", "province_code": "990000"}
CRAFTED = {
    "dim_school": [
        *({**school, "is_monitored": True} for school in (_A1, _A2, _B1)),
        *({**school, "is_monitored": False} for school in (_A3, _B2)),
    ],
    # School 03 has filed nothing in any year.
    "int_school_population": [
        {**_A1, **_FILED, **_PUBLIC, "enrolled": 2001, "graduates": 100},
        {**_A2, **_FILED, **_PRIVATE, "enrolled": 1000, "graduates": 300},
        {
            **{**_A3, **_FILED, "is_filed": False, "is_monitored": False},
            "ownership_of_year": "private",
        },
        {**_B1, **_FILED, **_PUBLIC, "enrolled": 0, "graduates": 0},
        {
            **{**_B2, **_FILED, "is_monitored": False},
            **{**_PUBLIC, "enrolled": 999},
        },
    ],
    "dim_area": [
        *(
            {"area_level": "school", "area_code": s["school_code"], "city": s["city"]}
            for s in (_A1, _A2, _A3, _B1, _B2)
        ),
        {"area_level": "county", "area_code": "990101", "city": "a"},
        {"area_level": "county", "area_code": "990200", "city": "b"},
        {"area_level": "city", "area_code": "990100", "city": "a"},
        {"area_level": "city", "area_code": "990200", "city": "b"},
        {"area_level": "province", "area_code": "990000"},
        {"area_level": "country", "area_code": "000000"},
    ],
    "fct_school": [
        {**_A1, "ownership": "public", "is_national_key": True, "enrolled": 2001},
        {**_A2, "ownership": "private", "enrolled": 1000, "full_time_teachers": 80},
        {**_B1, "ownership": "public", "enrolled": 0, "full_time_teachers": 0},
        {**_B2, "ownership": "public", "enrolled": 999, "full_time_teachers": 50},
    ],
    # Whatever school 03 has not filed, the roster has it.
    "fct_roster": [
        {**_A1, "ownership": "public", "is_monitored": True},
        {**_A2, "ownership": "private", "is_monitored": True},
        {**_A3, "ownership": "private", "is_monitored": False},
        {**_B1, "ownership": "public", "is_monitored": True},
        {**_B2, "ownership": "public", "is_monitored": False},
    ],
    "fct_destination": [
        {**_A1, "graduates": 100, "directly_employed": 80, "further_study": 20},
        {
            **_A2,
            **{"graduates": 300, "directly_employed": 100, "further_study": 50},
            **{"own_field_employed": 50, "employed_locally": 0},
        },
        {**_B1, "graduates": 0, "directly_employed": 0, "further_study": 0},
    ],
    "fct_staff": [
        {**_A1, "staff": 60, "full_time_teachers": 50, "specialised_teachers": 20},
        {
            **_A2,
            **{"staff": 100, "full_time_teachers": 80},
            **{"specialised_teachers": 40, "dual_qualified_teachers": 10},
        },
        {**_B1, "staff": 10, "full_time_teachers": 10, "dual_qualified_teachers": 5},
    ],
    "fct_programme": [
        {**_A1, "row_no": 1, "major_code": "710201", "category_code": "71", "enrolled": 10},
        {**_A1, "row_no": 2, "major_code": "710202", "category_code": "71"},
        {**_A2, "row_no": 1, "major_code": "710201", "category_code": "71", "enrolled": 20},
        {**_B1, "row_no": 1, "major_code": "710201", "category_code": "71", "enrolled": 30},
        {**_B1, "row_no": 2, "major_code": "999901", "enrolled": 10},
    ],
    "fct_teacher_title": [
        {**_A1, "title": "title_senior", "teachers": 5},
        {**_A1, "title": "title_junior"},
        {**_A2, "title": "title_senior", "teachers": 6},
        {**_A2, "title": "title_junior", "teachers": 9},
        {**_B1, "title": "title_senior", "teachers": 3},
        {**_B1, "title": "title_junior"},
    ],
    "fct_teacher_age": [
        {**_A1, "age": "age_under_35", "teachers": 20},
        {**_A1, "age": "age_35_to_44", "teachers": 30},
        {**_A2, "age": "age_under_35"},
        {**_A2, "age": "age_35_to_44"},
        {**_B1, "age": "age_under_35"},
    ],
    "fct_teacher_degree": [
        {**_B1, "degree": "degree_postgraduate", "teachers": 5},
        {**_B1, "degree": "degree_bachelor"},
        {**_B2, "degree": "degree_postgraduate"},
        {**_B2, "degree": "degree_bachelor", "teachers": 7},
    ],
    "fct_partnership": [
        {
            **_A1,
            "row_no": 1,
            "enterprise": "甲",
            "enterprise_key": "甲",
            "donated_value_10k_cny": 1.5,
        },
        {**_A2, "row_no": 1, "enterprise": "甲", "enterprise_key": "甲"},
        {**_A2, "row_no": 2, "enterprise": "乙", "enterprise_key": "乙"},
    ],
    "fct_condition_school": [
        {**_A1, "is_monitored": True, "is_meeting_all": True},
        {**_A2, "is_monitored": True, "is_meeting_all": None},
        {**_A3, "is_monitored": False, "is_meeting_all": None},
        {**_B1, "is_monitored": True, "is_meeting_all": False},
        {**_B2, "is_monitored": False, "is_meeting_all": True},
    ],
    "fct_condition_check": [
        {**_A1, "is_monitored": True, "condition": "books_per_student", "is_met": True},
        {**_A2, "is_monitored": True, "condition": "books_per_student", "is_met": None},
        {**_B1, "is_monitored": True, "condition": "books_per_student", "is_met": False},
        {**_B2, "is_monitored": False, "condition": "books_per_student", "is_met": True},
    ],
    "stg_nianbao__cities": [
        {"city": "a", "city_code": "990100", "province_code": "990000"},
        {"city": "b", "city_code": "990200", "province_code": "990000"},
    ],
    # The province has a third city, and another province one, of which nothing is here; a fourth
    # has no school.
    "fct_expected_city": [
        {"city_code": "990100", "is_expected": True, "is_counted": True},
        {"city_code": "990200", "is_expected": True, "is_counted": True},
        {"city_code": "990300", "is_expected": True, "is_counted": False},
        {"city_code": "990400", "is_expected": False, "is_counted": False},
        {
            **{"city_code": "980100", "province_code": "980000"},
            **{"is_expected": True, "is_counted": False},
        },
    ],
    "fct_bureau": [{**_A, "exchange_sent": 3, "exchange_received": 4, "education_groups": 2}],
}


INDICATORS = (
    *("dim_indicator", "fct_indicator", "city_yearly_metrics"),
    *("dim_breakdown", "dim_breakdown_class", "fct_indicator_breakdown"),
)


@pytest.fixture(scope="session")
def crafted(samples, tmp_path_factory) -> Warehouse:
    """The samples' tables holding a few crafted rows instead, and the indicators of those.

    Models that are written from the graph cannot have dbt's unit tests, which have no graph.
    """
    home = _home(tmp_path_factory.mktemp("dbt") / "crafted")
    shutil.copy(samples.home.warehouse, home.warehouse)
    hold(home, CRAFTED)
    results = warehouse.build(home, *INDICATORS)
    return Warehouse(home, results)


# What figures are made of besides facts; of these only what is given is held.
_BESIDES = (
    *("dim_school", "dim_area", "int_school_population", "int_submissions_accepted"),
    *("stg_nianbao__rosters", "stg_nianbao__profile", "stg_nianbao__students"),
    *("stg_nianbao__destinations", "stg_nianbao__cities"),
)


def hold(home: Home, tables: dict[str, list[dict]]) -> None:
    """Let the facts of a warehouse, and what is given besides, hold these rows and no others."""
    with duckdb.connect(str(home.warehouse)) as connection:
        kinds = dict(
            connection.execute(
                "select table_name, table_type from information_schema.tables"
            ).fetchall()
        )
        for name, kind in kinds.items():
            if not name.startswith("fct_") and not (name in _BESIDES and name in tables):
                continue
            # A copy has no keys: crafted rows hold only what a case is about.
            connection.execute(f'create table crafted as select * from "{name}" limit 0')
            connection.execute(f'drop {"view" if kind == "VIEW" else "table"} "{name}"')
            connection.execute(f'alter table crafted rename to "{name}"')
            _insert(connection, name, tables.get(name, []))


def _insert(connection: duckdb.DuckDBPyConnection, table: str, rows: list[dict]) -> None:
    described = connection.execute(f'describe "{table}"').fetchall()
    columns = {column for column, *_ in described}
    for row in rows:
        given = {c: v for c, v in {**_TIME, **row}.items() if c in columns}
        unknown = row.keys() - columns - _PLACE
        assert not unknown, f"{table} has no {unknown}"
        places = ", ".join("?" for _ in given)
        connection.execute(
            f'insert into "{table}" ({", ".join(given)}) values ({places})', list(given.values())
        )
