"""Every figure of generated cities equals another computation, over exactly the schools it names.

One build for all of them (generated_cities.py). Two oracles: what an indicator says of itself, its
formula, over the rows of the schools that it counts and no others; and for a few of each kind plain
Python over what was drawn, which says who could file, who counts, what they weigh and the figure.
"""

import csv
import shutil
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass

import duckdb
import jinja2
import pytest
from conftest import INDICATORS, Warehouse, _home, hold
from generated_cities import City, School, generated_cities, tables

from orchestration.warehouse import dbt as warehouse
from orchestration.warehouse.project import WRITTEN

CITIES = 80
SEED = WRITTEN / "seeds" / "province_cities.csv"
PARTS = {"school": "school_code", "county": "county_code", "city": "city_code"}
AREAS = {**PARTS, "province": "province_code", "country": "'000000'"}


@pytest.fixture(scope="module")
def cities() -> list[City]:
    return generated_cities(CITIES)


@pytest.fixture(scope="module")
def built(samples, cities, tmp_path_factory) -> Warehouse:
    """The generated cities' figures; names get the keys that staging gives them."""
    home = _home(tmp_path_factory.mktemp("dbt") / "generated")
    shutil.copy(samples.home.warehouse, home.warehouse)
    hold(home, tables(cities))
    macros = "".join(
        (WRITTEN / "macros" / name).read_text(encoding="utf-8")
        for name in ("literals.sql", "names.sql")
    )
    key = jinja2.Environment(extensions=["jinja2.ext.do"]).from_string(
        macros + "{{ name_key('enterprise') }}"
    )
    with duckdb.connect(str(home.warehouse)) as connection:
        connection.execute(f"update fct_partnership set enterprise_key = {key.render()}")
    rosters = (
        *("int_school_population", "dim_school", "fct_roster", "fct_expected_city"),
        *("fct_roster_before", "fct_condition_school_before"),
    )
    results = warehouse.build(home, *rosters, *INDICATORS, "fct_indicator_trend")
    return Warehouse(home, results)


@pytest.fixture(scope="module")
def figures(built) -> dict[tuple, tuple]:
    rows = built.rows(
        "select year, area_level, area_code, indicator_id, numerator, denominator, value, "
        "schools_counted, schools_expected, weight_covered_pct, status from fct_indicator"
    )
    found = {row[:4]: row[4:] for row in rows}
    assert len(found) == len(rows) > 5000
    return found


def test_the_generated_cities_have_what_figures_stumble_over(cities):
    schools = [school for city in cities for school in city.schools]
    filed = [school.filed for school in schools if school.filed]
    assert len(cities) == CITIES
    assert any(school.filed is None for school in schools)
    assert any(each["graduates"] == 0 for each in filed)
    assert any(each["own_field_employed"] is None for each in filed)
    entrants = [[n for at, n, _ in each["contests"] if at == "national"] for each in filed]
    assert any(None in found and len({*found}) > 1 for found in entrants)
    assert any(len({name for name, _ in each["partners"]}) > 1 for each in filed)
    counties = {}
    for school in schools:
        counties.setdefault(school.code, set()).add(school.county)
    assert any(len(found) > 1 for found in counties.values())


def test_they_are_built_and_pass_their_data_tests(built):
    assert [r.message for r in built.results if not r.is_ok] == []


def test_a_figure_is_its_formula_over_exactly_the_schools_that_it_counts(built, figures):
    """An area's rows of the schools with a figure of their own that is counted; none besides."""
    with duckdb.connect(str(built.home.warehouse), read_only=True) as connection:
        declared = connection.execute(
            "select indicator_id, fact, numerator_formula, denominator_formula from dim_indicator "
            "where filed_by <> 'bureau'"
        ).fetchall()
        compared, wrong = 0, []
        for indicator, fact, above, below in declared:
            named = (
                f"select {fact}.* from {fact} semi join (select year, area_code from fct_indicator "
                f"where indicator_id = '{indicator}' and area_level = 'school' "
                f"and schools_counted = 1) as named on {fact}.year = named.year "
                f"and {fact}.school_code = named.area_code"
            )
            for level, column in AREAS.items():
                made = connection.execute(
                    f"select year, {column}, {above}, {below or 'null'}, "
                    f"count(distinct school_code) from ({named}) "
                    f"where {column} is not null group by all"
                ).fetchall()
                for year, area, *expected in made:
                    key = (year, level, area, indicator)
                    numerator, denominator, _, counted, *_ = figures[key]
                    if expected != pytest.approx([numerator, denominator, counted], nan_ok=True):
                        wrong.append((key, expected, figures[key]))
                    compared += 1
    assert wrong == []
    assert compared > 4000
    counted = [
        key
        for key, figure in figures.items()
        if figure[3] > 0 and key[3] in {d[0] for d in declared}
    ]
    assert len(counted) == compared


@dataclass(frozen=True)
class Oracle:
    """An indicator in plain Python: who could file it, what of a school counts, and the figure.

    `part` is what a school brings, None where it does not count; `figure` of all parts. What the
    roster says of a school counts whether it filed or not, once any of its city did.
    """

    population: Callable[[School, dict | None], bool]
    part: Callable[[School], object]
    figure: Callable[[list], object] = sum
    weight: str | None = "enrolled"
    minimum: int | None = None
    minimum_weight: int | None = None
    is_of_roster: bool = False
    years_before: int = 0

    def counts(self, school: School) -> bool:
        """Whether the school stands behind the figure."""
        if self.years_before and not school.is_open_after:
            return False
        is_there = self.years_before or school.is_open
        if not self.is_of_roster:
            is_there = school.filed is not None
        return bool(is_there) and self.part(school) is not None


def everybody(school, known):
    return True


def with_graduates(school, known):
    return known is None or known["graduates"] != 0


def of(name):
    return lambda school: school.filed[name]


def pair(above, below):
    """The two parts of a rate, of a school that filed both."""

    def both(school):
        found = (above(school), below(school))
        return None if None in found else found

    return both


def both(*names):
    """The sum of columns of which none is blank."""

    def added(school):
        found = [school.filed[name] for name in names]
        return None if None in found else sum(found)

    return added


def rate(parts):
    total = sum(below for _, below in parts)
    return None if not total else 100 * sum(above for above, _ in parts) / total


def entrants_of(level):
    def entrants(school):
        found = [entrants for at, entrants, _ in school.filed["contests"] if at == level]
        # A sum that lacks one of its rows is not the school's.
        return sum(found) if found and None not in found else None

    return entrants


def donated(school):
    found = [value for _, value in school.filed["partners"] if value is not None]
    return sum(found) if found else None


def flagship(school):
    """Whether a major is a flagship one is not asked of other themes, nor the theme of others."""
    themes = school.filed["themes"]
    found = [
        None if None in both else all(both)
        for theme, is_flagship in themes
        for both in [(is_flagship, theme and theme == "agriculture")]
        if False not in both
    ]
    return sum(found) if themes and None not in found else None


def agricultural(school):
    """The majors of a school that says of each what its theme is; they bear their place."""
    themes = [theme for theme, _ in school.filed["themes"]]
    found = {place for place, theme in enumerate(themes) if theme == "agriculture"}
    return found if themes and None not in themes else None


def national_events(school):
    contests = school.filed["contests"]
    found = {event for level, _, event in contests if level == "national"}
    return found if contests and None not in found else None


def stated(school):
    """What its projects state of those trained to date: one that states nothing is none of them."""
    return [pair for pair in school.filed["training"] if pair != (None, None)]


def states(school, known):
    return school.filed is None or bool(stated(school))


def trained(*columns):
    """The sums of some columns, of a school that states all of them in all that it states."""

    def sums(school):
        found = [tuple(pair[at] for at in columns) for pair in stated(school)]
        if not found or any(None in each for each in found):
            return None
        return tuple(map(sum, zip(*found, strict=True)))

    return sums


def first_sums(parts):
    return sum(part for part, *_ in parts)


def key(name):
    plain = unicodedata.normalize("NFKC", name).lower()
    return "".join(letter for letter in plain if letter not in " ()")


def distinct(parts):
    return len(set().union(*parts))


def judged(school):
    return school.filed["is_meeting_all"] if school.is_monitored else None


OF_ROSTER = {"weight": None, "minimum": 80, "is_of_roster": True}
SMALL = {"minimum": 80, "minimum_weight": 80}
OF_GRADUATES = {"population": with_graduates, "weight": "graduates", **SMALL}
ORACLES = {
    "schools": Oracle(everybody, lambda school: 1, **OF_ROSTER),
    "private_schools": Oracle(
        everybody,
        lambda school: school.ownership and int(school.ownership == "private"),
        **OF_ROSTER,
    ),
    "monitored_schools": Oracle(everybody, lambda school: int(school.is_monitored), **OF_ROSTER),
    "enrolled": Oracle(everybody, of("enrolled"), **SMALL),
    "certificate_holders": Oracle(everybody, of("certificate_holders"), **SMALL),
    "public_school_staff_without_post": Oracle(
        lambda school, known: (school.listed or (known or {}).get("ownership")) != "private",
        lambda school: school.filed["staff_without_post"],
        minimum=80,
    ),
    "graduates": Oracle(everybody, of("graduates"), weight="graduates", **SMALL),
    "own_field_employed": Oracle(part=of("own_field_employed"), **OF_GRADUATES),
    "own_field_employment_rate": Oracle(
        part=pair(of("own_field_employed"), of("directly_employed")), figure=rate, **OF_GRADUATES
    ),
    "local_employment_rate": Oracle(
        part=pair(of("employed_locally"), of("directly_employed")), figure=rate, **OF_GRADUATES
    ),
    "graduate_destination_rate": Oracle(
        part=pair(both("directly_employed", "further_study"), of("graduates")),
        figure=rate,
        **OF_GRADUATES,
    ),
    "further_study_rate": Oracle(
        part=pair(of("further_study"), of("graduates")), figure=rate, **OF_GRADUATES
    ),
    "further_study_share_of_destinations": Oracle(
        part=pair(of("further_study"), both("directly_employed", "further_study")),
        figure=rate,
        **OF_GRADUATES,
    ),
    "full_time_teacher_share": Oracle(
        everybody, pair(of("full_time_teachers"), of("staff")), rate, **SMALL
    ),
    "dual_qualified_share_of_full_time": Oracle(
        everybody, pair(of("dual_qualified_teachers"), of("full_time_teachers")), rate, **SMALL
    ),
    "dual_qualified_share_of_specialised": Oracle(
        everybody,
        pair(of("dual_qualified_teachers"), of("specialised_teachers")),
        rate,
        **SMALL,
    ),
    "conditions_compliance_rate": Oracle(
        lambda school, known: school.is_monitored,
        lambda school: None if judged(school) is None else (int(judged(school)), 1),
        rate,
        minimum=80,
    ),
    "monitored_schools_previous": Oracle(
        lambda school, known: school.is_monitored,
        lambda school: 1,
        **OF_ROSTER,
        years_before=1,
    ),
    "schools_meeting_all_conditions_previous": Oracle(
        lambda school, known: school.is_monitored, judged, minimum=80, years_before=1
    ),
    "conditions_compliance_rate_previous": Oracle(
        lambda school, known: school.is_monitored,
        lambda school: None if judged(school) is None else (int(judged(school)), 1),
        rate,
        minimum=80,
        years_before=1,
    ),
    "national_contest_students": Oracle(
        lambda school, known: (
            school.filed is None or any(at == "national" for at, *_ in school.filed["contests"])
        ),
        entrants_of("national"),
    ),
    "donated_equipment_value": Oracle(
        lambda school, known: school.filed is None or donated(school) is not None, donated
    ),
    "flagship_agriculture_offerings": Oracle(
        lambda school, known: school.filed is None or bool(school.filed["themes"]), flagship
    ),
    "cumulative_trained": Oracle(states, trained(0), first_sums),
    "cumulative_employed": Oracle(states, trained(1), first_sums),
    "training_employment_rate": Oracle(states, trained(1, 0), rate),
    "agriculture_majors": Oracle(
        lambda school, known: school.filed is None or bool(school.filed["themes"]),
        agricultural,
        distinct,
    ),
    "national_contest_events": Oracle(
        lambda school, known: school.filed is None or bool(school.filed["contests"]),
        national_events,
        distinct,
    ),
    "partner_enterprises": Oracle(
        lambda school, known: school.filed is None or bool(school.filed["partners"]),
        lambda school: {key(name) for name, _ in school.filed["partners"]} or None,
        distinct,
    ),
    "majors": Oracle(
        everybody,
        lambda school: {code for code, _ in school.filed["majors"]} or None,
        distinct,
        minimum=80,
    ),
}


def newest(cities) -> dict[tuple[str, int], dict | None]:
    """What each school filed last, in the year or before it."""
    found: dict[tuple[str, int], dict | None] = {}
    for city in cities:
        for school in sorted(city.schools, key=lambda school: school.year):
            found[school.code, school.year] = school.filed or found.get(
                (school.code, school.year - 1)
            )
    return found


def areas(cities, years_before=0) -> dict[tuple[int, str, str], list[School]]:
    """The schools on the rosters of each area and year, or of the year before each."""
    found: dict[tuple[int, str, str], list[School]] = {}
    for city in cities:
        rostered = {school.year for school in city.schools}
        for school in city.schools:
            if school.year + years_before not in rostered:
                continue
            county = city.county_code(school.county)
            codes = {"school": school.code, "county": county, "city": city.code}
            codes |= {"province": city.province, "country": "000000"}
            for level, code in codes.items():
                if code is not None:
                    place = (school.year + years_before, level, code)
                    found.setdefault(place, []).append(school)
    return found


def expected_figure(oracle: Oracle, level, schools, known):
    """Return value, schools counted and expected, weight and status; None where there is no row."""
    population = [s for s in schools if oracle.population(s, known[s.code, s.year])]
    counted = [s for s in population if oracle.counts(s)]
    weights = [(known[s.code, s.year] or {}).get(oracle.weight) for s in population]
    is_known = None not in weights and sum(weights) > 0
    covered = sum(s.filed[oracle.weight] for s in counted) if is_known else None
    share = 100 * covered / sum(weights) if is_known else None
    return (
        oracle.figure([oracle.part(s) for s in counted]) if counted else None,
        len(counted),
        len(population),
        share,
        status(oracle, level, len(counted), len(population), share),
    )


def status(oracle, level, counted, expected, share):
    if level == "school":
        return "provisional"
    if oracle.minimum_weight is not None and share is not None:
        return "withheld" if share < oracle.minimum_weight else "provisional"
    if oracle.minimum is not None and 100 * counted < oracle.minimum * expected:
        return "withheld"
    return "provisional"


@pytest.mark.parametrize("indicator", ORACLES)
def test_a_figure_says_who_could_file_who_did_and_what_they_weigh(cities, figures, indicator):
    oracle, known, compared = ORACLES[indicator], newest(cities), 0
    for (year, level, code), schools in areas(cities, oracle.years_before).items():
        wanted = expected_figure(oracle, level, schools, known)
        found = figures.get((year, level, code, indicator))
        if not wanted[1]:
            # What nobody of the population filed is no figure, or one of nobody.
            assert found is None or found[3] == 0
            continue
        assert found is not None, (year, level, code)
        assert list(found[2:-1]) == pytest.approx(list(wanted[:-1])), (year, level, code)
        assert found[-1] == wanted[-1], (year, level, code, found)
        compared += 1
    assert compared > 20


@pytest.mark.parametrize(
    "indicator",
    ["monitored_schools", "schools_meeting_all_conditions", "conditions_compliance_rate"],
)
def test_a_figure_of_the_year_before_is_what_that_years_own_says(cities, figures, indicator):
    """n of m too: schools that are gone since are in it, and those that are new are not."""
    compared, gone, changed = 0, 0, 0
    for city in cities:
        if not all(any(s.is_open for s in city.schools if s.year == year) for year in (2023, 2024)):
            continue
        own = figures.get((2023, "city", city.code, indicator))
        previous = figures.get((2024, "city", city.code, f"{indicator}_previous"))
        # The roster says of every school whether it is monitored.
        columns = slice(3 if indicator == "monitored_schools" else None)
        assert (previous and previous[columns]) == (own and own[columns])
        codes = [{s.code for s in city.schools if s.year == year} for year in (2023, 2024)]
        gone += any(s.code in codes[0] - codes[1] and s.is_monitored for s in city.schools)
        changed += codes[0] != codes[1]
        compared += own is not None
    assert compared > 5
    assert gone > 3
    assert changed > 5


OF_CLASSES = {
    "schools": ORACLES["schools"],
    "enrolled": Oracle(everybody, of("enrolled"), minimum=80),
    "full_time_teachers": Oracle(everybody, of("full_time_teachers"), minimum=80),
}


@pytest.mark.parametrize("indicator", OF_CLASSES)
@pytest.mark.parametrize("breakdown", ["ownership", "county"])
def test_classes_of_schools_have_schools_of_their_own_that_add_up(
    built, cities, figures, indicator, breakdown
):
    oracle, known, compared, unfiled = OF_CLASSES[indicator], newest(cities), 0, 0
    found: dict[tuple, dict] = {}
    statuses: dict[tuple, set] = {}
    for *place, name, value, counted, expected, share, state in built.rows(
        "select year, area_level, area_code, class_code, value, schools_counted, schools_expected, "
        "weight_covered_pct, status from fct_indicator_breakdown where indicator_id = ? "
        "and breakdown = ? and area_level <> 'school'",
        *(indicator, breakdown),
    ):
        found.setdefault(tuple(place), {})[name] = [value, counted, expected, share]
        statuses.setdefault(tuple(place), set()).add(state)
    counties = {(s.code, s.year): c.county_code(s.county) for c in cities for s in c.schools}
    for (year, level, code), schools in areas(cities).items():
        if level == "school":
            continue
        own = found.get((year, level, code), {})
        classes: dict[str, list[School]] = {}
        for school in schools:
            county = counties[school.code, year]
            name = school.ownership if breakdown == "ownership" else county
            classes.setdefault(name or "other", []).append(school)
        wanted = {
            name: list(expected_figure(oracle, level, members, known)[:-1])
            for name, members in classes.items()
        }
        if not any(row[1] for row in wanted.values()):
            assert own == {}
            continue
        assert own.keys() == wanted.keys(), (year, level, code)
        for name, row in wanted.items():
            assert own[name] == pytest.approx(row), (year, level, code, name)
        total = figures[year, level, code, indicator]
        counted, expected = (sum(row[at] for row in own.values()) for at in (1, 2))
        assert (counted, expected) == total[3:5]
        is_withheld = total[-1] == "withheld" or 100 * counted < 80 * expected
        wanted_status = "withheld" if is_withheld else "provisional"
        assert statuses[year, level, code] == {wanted_status}, (year, level, code)
        unfiled += any(row[0] is None for row in own.values())
        compared += 1
    assert compared > 50
    # The roster lists every school of a city of which any filed.
    assert oracle.is_of_roster or unfiled > 5


def test_provinces_and_the_country_say_which_of_their_cities_they_are_of(built, cities):
    """Every generated city is here; the country has those of the seed besides."""
    listed = {row["city_code"] for row in csv.DictReader(SEED.open(encoding="utf-8"))}
    expected = {}
    for year in (2023, 2024):
        for city in cities:
            is_open = any(school.is_open for school in city.schools if school.year == year)
            for area in (city.province, "000000"):
                counted, all_of_it = expected.get((year, area), (0, 0))
                expected[year, area] = (counted + is_open, all_of_it + 1)
        counted, here = expected[year, "000000"]
        expected[year, "000000"] = (counted, here + len(listed))
    rows = built.rows(
        "select distinct year, area_code, cities_counted, cities_expected, has_coverage_note "
        "from fct_indicator where cities_expected is not null and indicator_id = 'schools'"
    )
    assert {(year, area): tuple(counts) for year, area, *counts, _ in rows} == expected
    assert all(note for *_, counted, of, note in rows if counted < of)
    assert len(listed) == 369


def test_years_are_compared_over_the_same_schools_or_where_both_are_whole(built, cities):
    known, wrong, told = newest(cities), [], 0
    breaks = {
        (int(city[1:]), indicator): kinds
        for city, indicator, kinds in built.rows(
            "select city, indicator_id, coalesce(break_kinds, '') from fct_indicator_trend "
            "where year = 2024 and change is not null"
        )
    }
    for city in cities:
        for indicator, oracle in ORACLES.items():
            if (city.number, indicator) not in breaks:
                continue
            coverage = []
            for year in (2023, 2024):
                population = [
                    s
                    for s in city.schools
                    if s.year == year and oracle.population(s, known[s.code, year])
                ]
                counted = {s.code for s in population if oracle.counts(s)}
                coverage.append((counted, len(counted) == len(population)))
            (before, was_whole), (now, is_whole) = coverage
            is_like = before == now or (was_whole and is_whole)
            told += not is_like
            if is_like == ("coverage_differs" in breaks[city.number, indicator]):
                wrong.append((city.number, indicator, coverage))
    assert wrong == []
    assert told > 5
