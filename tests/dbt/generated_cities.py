"""Cities that nobody would think of: blanks, missing schools, zero denominators, ties, several
spellings and moved counties, in any combination; and what each school of them filed.

What belongs here: what is drawn, and the rows of tables that it becomes. What does not: what is
asserted of the figures (test_generated_cities.py).
"""

from collections.abc import Iterator
from dataclasses import dataclass

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

YEARS = (2023, 2024)
LEVELS = ("national", "national", "provincial", "world")
SPELLINGS = ("Bosch中国", "ＢＯＳＣＨ 中国", "bosch（中国）", "甲厂", "甲 厂", "乙厂")
MAJORS = (("710201", "71"), ("710202", "71"), ("690101", "69"))
# What of a school's filing each table with one row a school holds.
HOLDS = {
    "stg_nianbao__profile": ("ownership",),
    "stg_nianbao__students": ("enrolled",),
    "stg_nianbao__destinations": ("graduates",),
    "fct_school": (
        *("ownership", "enrolled", "graduates", "staff", "staff_without_post"),
        "full_time_teachers",
    ),
    "fct_student": ("enrolled", "entrants", "certificate_holders"),
    "fct_staff": (
        *("staff", "staff_without_post", "full_time_teachers"),
        *("specialised_teachers", "dual_qualified_teachers"),
    ),
    "fct_destination": (
        *("graduates", "directly_employed", "further_study"),
        *("own_field_employed", "employed_locally"),
    ),
}
_MAYBE = st.none() | st.integers(0, 3)
_FULL = (None,) * 5
_REQUIRED = ("graduates", "directly_employed", "further_study", "staff", "full_time_teachers")
_STATED = st.sampled_from((1, 2, 3, None))


@dataclass(frozen=True)
class School:
    """A school in a year: its roster line, and what it filed; None where nothing.

    `listed` is the ownership on the roster, which need not say it; `is_open` whether any school of
    its city filed that year, `is_open_after` whether any did the year after.
    """

    code: str
    year: int
    county: int | None
    listed: str | None
    is_monitored: bool
    is_open: bool
    is_open_after: bool
    filed: dict | None

    @property
    def ownership(self) -> str | None:
        """What the roster says, or where it says nothing the school."""
        return self.listed or (self.filed and self.filed["ownership"])


@dataclass(frozen=True)
class City:
    """A generated city with its schools of both years."""

    number: int
    schools: tuple[School, ...]

    @property
    def code(self) -> str:
        """Its division code."""
        return f"99{self.number:02d}00"

    @property
    def province(self) -> str:
        """Every third city lies in one province, the others in another."""
        return "980000" if self.number % 3 else "970000"

    def county_code(self, county: int | None) -> str | None:
        """The first county bears the city's own code."""
        return None if county is None else f"99{self.number:02d}{county:02d}"


@st.composite
def _filed(draw) -> dict:
    """What a school files: parts are no more than their whole; a required cell may be blank."""
    graduates = draw(st.sampled_from([0, 1, 100]))
    employed = draw(st.sampled_from([0, graduates // 2, graduates]))
    part = st.none() | st.sampled_from([0, employed])
    filed = {
        "ownership": draw(st.sampled_from(["public", "private"])),
        "enrolled": draw(st.sampled_from([0, 1, 1000, 2000, 2001])),
        "entrants": draw(st.integers(0, 2)),
        "certificate_holders": draw(_MAYBE),
        "staff": draw(st.integers(0, 2)),
        "staff_without_post": draw(_MAYBE),
        "full_time_teachers": draw(st.integers(0, 2)),
        "specialised_teachers": draw(_MAYBE),
        "dual_qualified_teachers": draw(_MAYBE),
        "graduates": graduates,
        "directly_employed": employed,
        "further_study": graduates - employed,
        "own_field_employed": draw(part),
        "employed_locally": draw(part),
        "is_meeting_all": draw(st.none() | st.booleans()),
        "contests": draw(
            st.lists(
                st.tuples(
                    st.sampled_from(LEVELS),
                    st.sampled_from([None, 0, 1, 2, 3]),
                    st.sampled_from(("甲", "甲", "乙", "乙", None)),
                ),
                max_size=4,
            )
        ),
        "partners": draw(
            st.lists(
                st.tuples(st.sampled_from(SPELLINGS), st.none() | st.sampled_from([0.5, 1.25])),
                max_size=3,
            )
        ),
        "majors": draw(st.lists(st.sampled_from(MAJORS), max_size=3, unique=True)),
        "training": draw(st.lists(st.tuples(_STATED, _STATED), max_size=2)),
        "themes": draw(
            st.lists(
                st.tuples(
                    st.sampled_from(("agriculture", "agriculture", "low_altitude", "other", None)),
                    st.sampled_from((True, True, False, None)),
                ),
                max_size=3,
            )
        ),
    }
    blank = draw(st.sampled_from(_FULL + _REQUIRED))
    return {**filed, blank: None} if blank else filed


@st.composite
def _schools(draw) -> list[dict]:
    """Both years of a city's schools, each on one roster or both and in any county."""
    years = {
        year: st.none()
        | st.fixed_dictionaries(
            {
                "county": st.none() | st.integers(0, 2),
                "listed": st.sampled_from([None, "public", "private"]),
                "is_monitored": st.booleans(),
                "filed": st.one_of(_filed(), _filed(), _filed(), st.none()),
            }
        )
        for year in YEARS
    }
    return draw(st.lists(st.fixed_dictionaries(years), min_size=1, max_size=5))


def generated_cities(count: int) -> list[City]:
    """Return so many cities, the same ones on every machine."""
    drawn: list[list[dict]] = []

    @settings(
        max_examples=count,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(_schools())
    def draw(schools):
        drawn.append(schools)

    draw()
    return [_city(number, schools) for number, schools in enumerate(drawn, start=1)]


def _city(number: int, schools: list[dict]) -> City:
    is_open = {year: any(s[year] and s[year]["filed"] for s in schools) for year in YEARS}
    return City(
        number,
        tuple(
            School(
                code=f"{number:03d}{place:02d}",
                year=year,
                is_open=is_open[year],
                is_open_after=is_open.get(year + 1, False),
                **years[year],
            )
            for place, years in enumerate(schools)
            for year in YEARS
            if years[year]
        ),
    )


def tables(cities: list[City]) -> dict[str, list[dict]]:
    """Return the rows of every table that figures are made of."""
    found: dict[str, list[dict]] = {}
    for city in cities:
        areas = {("city", city.code), ("province", city.province)}
        for school in city.schools:
            areas.add(("school", school.code))
            if school.county is not None:
                areas.add(("county", str(city.county_code(school.county))))
            for table, row in _rows(city, school):
                found.setdefault(table, []).append(row)
        found.setdefault("stg_nianbao__cities", []).append(
            {
                **{"city": f"c{city.number}", "name_zh": f"c{city.number}"},
                **{"city_code": city.code, "province_code": city.province},
            }
        )
        found.setdefault("dim_area", []).extend(
            {"area_level": level, "area_code": code, "city": f"c{city.number}"}
            for level, code in sorted(areas)
        )
    provinces = {
        row["area_code"]: row for row in found["dim_area"] if row["area_level"] == "province"
    }
    others = [row for row in found["dim_area"] if row["area_level"] != "province"]
    found["dim_area"] = others + [{**row, "city": None} for row in provinces.values()]
    found["dim_area"].append({"area_level": "country", "area_code": "000000"})
    return found


def _rows(city: City, school: School) -> Iterator[tuple[str, dict]]:
    name = f"c{city.number}"
    row = {
        **{"city": name, "year": school.year, "year_date": f"{school.year}-12-31"},
        **{"school_code": school.code, "county_code": city.county_code(school.county)},
        **{"city_code": city.code, "province_code": city.province},
    }
    roster = {"is_monitored": school.is_monitored, "school_name": school.code}
    roster["ownership"] = school.listed
    yield "stg_nianbao__rosters", {**row, **roster}
    filed = school.filed
    if filed is None:
        return
    row["submission_id"] = f"{school.code}-{school.year}"
    yield "int_submissions_accepted", {**row, "filed_by": "school"}
    for table, columns in HOLDS.items():
        values = {name: filed[name] for name in columns}
        if table == "fct_school":
            values["ownership"] = school.ownership
        yield table, {**row, **values}
    judged = {"is_monitored": school.is_monitored, "is_meeting_all": filed["is_meeting_all"]}
    del row["submission_id"]
    yield "fct_condition_school", {**row, **judged}
    for number, (level, entrants, event) in enumerate(filed["contests"]):
        contest = {"level": level, "track": "student_skills", "event_key": event}
        yield "fct_contest", {**row, **contest, "row_no": number, "student_entrants": entrants}
    for number, (enterprise, donated) in enumerate(filed["partners"]):
        partner = {"enterprise": enterprise, "donated_value_10k_cny": donated}
        yield "fct_partnership", {**row, **partner, "row_no": number}
    for number, (major, category) in enumerate(filed["majors"]):
        programme = {"major_code": major, "category_code": category, "enrolled": number}
        yield "fct_programme", {**row, **programme, "row_no": number}
    for number, (theme, is_flagship) in enumerate(filed["themes"]):
        themed = {"major_code": str(number), "theme": theme, "is_flagship": is_flagship}
        yield "fct_programme_theme", {**row, **themed, "row_no": number}
    for number, (trained, employed) in enumerate(filed["training"]):
        project = {"cumulative_trained": trained, "cumulative_employed": employed}
        yield "fct_training", {**row, **project, "row_no": number}
