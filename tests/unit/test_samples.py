"""The sample schools add up: to their own totals, and to every figure that the two reports printed.

What belongs here: the split, read straight from samples/*.csv with plain pandas, independent of the
warehouse. What does not: whether the warehouse finds the same (tests/claims).
"""

from __future__ import annotations

import subprocess
import sys
from decimal import ROUND_HALF_UP, Decimal
from functools import cache

import pandas as pd
import pytest
import yaml

from orchestration.ground.home import REPOSITORY

SAMPLES = REPOSITORY / "samples"
CITIES = ("qingyang", "baoji")
YEARS = (2023, 2024)
PAIRS = [(city, year) for city in CITIES for year in YEARS]
every_city_and_year = pytest.mark.parametrize(("city", "year"), PAIRS)
MAJORS = pd.read_csv(REPOSITORY / "dbt_project" / "seeds" / "majors.csv", dtype=str)


@cache
def _whole(city: str, table: str) -> pd.DataFrame:
    return pd.read_csv(SAMPLES / city / f"{table}.csv", dtype=str, keep_default_na=False)


def typed(city: str, table: str, year: int = 2024) -> pd.DataFrame:
    """One table of one year; columns that hold nothing but numbers as numbers, blank as missing."""
    frame = _whole(city, table)
    frame = frame[frame["year"] == str(year)].drop(columns="year")
    for column in frame.columns.difference(["school_code", "major_code", "city_code"]):
        numbers = pd.to_numeric(frame[column].replace("", None), errors="coerce")
        if numbers.notna().sum() == (frame[column] != "").sum():
            frame[column] = numbers
    return frame.set_index("school_code")


def roster(city: str, year: int = 2024) -> pd.DataFrame:
    """The city's schools of one year."""
    path = REPOSITORY / "cities" / city / "schools.csv"
    frame = pd.read_csv(path, dtype={"school_code": str, "county_code": str})
    return frame[frame["year"] == year].set_index("school_code")


def test_the_committed_files_are_fresh() -> None:
    command = [sys.executable, str(SAMPLES / "split.py"), "--check"]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode == 0, f"run python samples/split.py: {result.stdout}{result.stderr}"


@every_city_and_year
def test_every_rostered_school_files_every_required_sheet(city: str, year: int) -> None:
    schools = roster(city, year)
    for table in ("cover", "profile", "students", "staff", "conditions", "destinations", "finance"):
        assert list(typed(city, table, year).index) == list(schools.index), table
    for table in ("programmes", "satisfaction", "cases"):
        assert set(typed(city, table, year).index) == set(schools.index), table
    assert (typed(city, "cover", year)["school_name"] == schools["school_name"]).all()
    assert schools.index.str.fullmatch(r"99\d{8}").all() and schools.index.is_unique


@every_city_and_year
def test_every_workbook_says_that_it_is_synthetic(city: str, year: int) -> None:
    assert typed(city, "cover", year)["form_version"].str.contains("合成示例").all()
    assert typed(city, "bureau_cover", year)["form_version"].str.contains("合成示例").all()
    assert typed(city, "cases", year)["body"].str.contains("合成示例").all()


@every_city_and_year
def test_programmes_sum_to_students_and_graduates(city: str, year: int) -> None:
    programmes, students = typed(city, "programmes", year), typed(city, "students", year)
    grades = ["enrolled_grade_1", "enrolled_grade_2", "enrolled_grade_3"]
    assert (programmes[grades].sum(axis=1) == programmes["enrolled"]).all()
    assert (programmes["entrants"] <= programmes["enrolled_grade_1"]).all()
    sums = programmes.groupby(level=0)[["entrants", "enrolled", "graduates"]].sum()
    sums = sums.loc[students.index]
    assert (sums[["entrants", "enrolled"]] == students[["entrants", "enrolled"]]).all(axis=None)
    assert (sums["graduates"] == typed(city, "destinations", year)["graduates"]).all()
    assert not programmes.reset_index().duplicated(["school_code", "major_code"]).any()
    names = MAJORS.set_index("code")["name"]
    assert (programmes["major_name"] == programmes["major_code"].map(names)).all()
    if year == 2024:
        assert (programmes.groupby("major_code")["themes"].nunique() == 1).all()


@every_city_and_year
def test_graduates_are_all_accounted_for(city: str, year: int) -> None:
    d = typed(city, "destinations", year)
    direct = d["contract_employed"] + d["enlisted"] + d["self_employed"] + d["flexibly_employed"]
    channels = d[[c for c in d.columns if c.startswith("via_")]]
    without = d["seeking_work"] + d["preparing_study"] + d["otherwise_not_employed"]
    assert channels.shape[1] == 5
    assert (d["directly_employed"] == direct).all()
    assert (d["further_study"] == d["to_bachelor"] + d["to_associate"]).all()
    assert (d["further_study"] == channels.sum(axis=1)).all()
    assert (d["without_destination"] == without).all()
    assert (d["graduates"] == direct + d["further_study"] + without).all()
    assert (d["own_field_employed"] <= direct).all()
    if year == 2024:
        sectors = [f"employed_{s}_sector" for s in ("primary", "secondary", "tertiary")]
        assert (d[sectors].sum(axis=1) == direct).all()
        assert (d["employed_locally"] <= direct).all()


@every_city_and_year
def test_teachers_are_partitioned(city: str, year: int) -> None:
    s = typed(city, "staff", year)
    for prefix in ("title_", "degree_", "age_"):
        columns = [c for c in s.columns if c.startswith(prefix)]
        assert (s[columns].sum(axis=1) == s["full_time_teachers"]).all(), prefix
    assert (s["dual_qualified_teachers"] <= s["specialised_teachers"]).all()
    assert (s["specialised_teachers"] <= s["full_time_teachers"]).all()
    assert (s["full_time_teachers"] <= s["staff"]).all()
    general = s["full_time_teachers"] - s["specialised_teachers"]
    assert (s["pe_teachers"] + s["arts_teachers"] <= general).all()
    assert (s["political_teachers"] <= s["full_time_teachers"]).all()
    if year == 2024:
        assert (s["staff_without_post"] <= s["staff"]).all()
        assert (s["staff"] - s["staff_without_post"] <= s["authorised_posts"]).all()
        assert (s["recruited_teachers"] <= s["full_time_teachers"]).all()


@every_city_and_year
def test_parts_stay_below_their_wholes(city: str, year: int) -> None:
    students = typed(city, "students", year)
    graduates = typed(city, "destinations", year)["graduates"]
    holders = typed(city, "certificates", year).groupby(level=0)["holders"].sum()
    held = students["certificate_holders"]
    assert (holders.reindex(students.index, fill_value=0) == held).all()
    assert (held <= graduates).all()
    assert (students["fitness_passed"] <= students["fitness_tested"]).all()
    assert (students["fitness_tested"] <= students["enrolled"]).all()
    assert (students["entrants"] <= students["enrolled"]).all()
    articulated = typed(city, "articulation", year).groupby(level=0)["entrants"].sum()
    assert (articulated <= students["entrants"].reindex(articulated.index)).all()
    satisfaction = typed(city, "satisfaction", year)
    assert (satisfaction["satisfied"] <= satisfaction["surveyed"]).all()
    contests = typed(city, "contests", year).fillna(0)
    prizes = contests[[c for c in contests.columns if c.endswith(("_prizes", "_medals"))]]
    people = contests["student_entrants"] + contests["teacher_entrants"]
    assert (prizes.sum(axis=1) <= people).all()
    finance = typed(city, "finance", year)
    assert (finance["special_funds_10k_cny"] <= finance["fiscal_appropriation_10k_cny"]).all()


def conditions_met(city: str, year: int) -> pd.DataFrame:
    """The nine conditions of every monitored school, met or not."""
    path = REPOSITORY / "dbt_project" / "seeds" / "conditions_standards.csv"
    standards = pd.read_csv(path).query("school_class == 'general'").set_index("indicator")
    c, enrolled = typed(city, "conditions", year), typed(city, "students", year)["enrolled"]
    teachers = typed(city, "staff", year)["full_time_teachers"]
    values = pd.DataFrame(
        {
            "campus_area": c["campus_area_m2"],
            "campus_area_per_student": c["campus_area_m2"] / enrolled,
            "building_area": c["building_area_m2"],
            "building_area_per_student": c["building_area_m2"] / enrolled,
            "full_time_teachers": teachers,
            "student_teacher_ratio": -enrolled / teachers,
            "equipment_value": c["equipment_value_10k_cny"],
            "equipment_value_per_student": c["equipment_value_10k_cny"] * 10_000 / enrolled,
            "books_per_student": c["books"] / enrolled,
        }
    )
    limits = standards["threshold"].where(standards["direction"] == "min", -standards["threshold"])
    return values[roster(city, year)["is_monitored"]] >= limits[values.columns]


@pytest.mark.parametrize(
    ("city", "year", "misses"),
    [("qingyang", 2024, [1]), ("qingyang", 2023, [1, 1]), ("baoji", 2024, []), ("baoji", 2023, [])],
)
def test_monitored_schools_meet_the_nine_conditions(
    city: str, year: int, misses: list[int]
) -> None:
    missed = (~conditions_met(city, year)).sum(axis=1)
    assert sorted(missed[missed > 0]) == misses


@pytest.mark.parametrize("city", CITIES)
def test_last_year_is_like_this_year_but_not_the_same(city: str) -> None:
    for table, columns in {
        "students": ["entrants", "enrolled"],
        "staff": ["staff", "full_time_teachers"],
        "destinations": ["graduates"],
        "conditions": ["campus_area_m2", "building_area_m2", "equipment_value_10k_cny", "books"],
    }.items():
        change = typed(city, table, 2024)[columns] / typed(city, table, 2023)[columns]
        small = typed(city, table, 2024)[columns] < 30
        assert change.where(~small, 1).sub(1).abs().max(axis=None) <= 0.15, table
        # A school of a dozen teachers may well keep exactly as many.
        assert (change.ne(1) | small).all(axis=None), table


@pytest.mark.parametrize("city", CITIES)
def test_columns_that_the_form_of_2023_lacks_are_blank(city: str) -> None:
    form = yaml.safe_load((REPOSITORY / "forms" / "2023" / "form.yml").read_text("utf-8"))
    for table, columns in form["absent"].items():
        frame = _whole(city, table)
        assert (frame.loc[frame["year"] == "2023", columns] == "").all(axis=None), table


# -- the printed claims, summed straight from the files --------------------------------------------


def _half_up(value: float, printed: str) -> str:
    places = Decimal(printed).normalize().as_tuple().exponent
    step = Decimal(1).scaleb(min(int(places), 0))
    return str(Decimal(repr(round(value, 9))).quantize(step, ROUND_HALF_UP).normalize())


def school_filed(city: str) -> dict[str, float | set[str]]:
    """Every indicator of the claims that schools file, by the contract's definitions."""
    t = {p.stem: typed(city, p.stem) for p in (SAMPLES / city).glob("*.csv")}
    schools, profile, students, staff = roster(city), t["profile"], t["students"], t["staff"]
    d, p = t["destinations"], t["programmes"].merge(MAJORS, left_on="major_code", right_on="code")
    training, linked = t["training"], t["articulation"]
    courses, lessons, abroad = t["courses"], t["teacher_training"], t["international"]
    public = profile["ownership"] == "公办"
    found: dict[str, float | set[str]] = {
        "schools": len(schools),
        "public_schools": public.sum(),
        "private_schools": (profile["ownership"] == "民办").sum(),
        "major_categories": p["category_code"].nunique(),
        "major_classes": p["class_code"].nunique(),
        "majors": p["major_code"].nunique(),
        "programme_offerings": len(p),
        "schools_in_education_groups": (profile["is_education_group_member"] == "是").sum(),
    }
    for name in ("national_demonstration", "provincial_demonstration", "national_key"):
        found[f"{name}_schools"] = (profile[f"is_{name}"] == "是").sum()
    for name in ("provincial_key", "provincial_quality"):
        found[f"{name}_schools"] = (profile[f"is_{name}"] == "是").sum()
    for name, label in {
        "digital_economy": "数字经济",
        "agriculture": "涉农",
        "energy_chemical": "能源化工",
        "low_altitude": "低空经济",
        "elderly_child_care": "一老一小",
    }.items():
        found[f"{name}_majors"] = p.loc[p["themes"].str.contains(label), "major_code"].nunique()
    flagship = p["themes"].str.contains("涉农") & (p["is_flagship"] == "是")
    found["flagship_agriculture_offerings"] = flagship.sum()
    categories = p.groupby("category_name")["enrolled"].sum().sort_values(ascending=False)
    assert len(categories) < 6 or categories.iloc[4] > 1.05 * categories.iloc[5]
    found["top_enrolled_categories"] = {c.removesuffix("大类") for c in categories.index[:5]}
    for frame in (students, staff, d):
        found |= {str(c): n for c, n in frame.sum().items()}
    enrolled = students["enrolled"]
    found |= {
        "schools_over_2000_students": (enrolled > 2000).sum(),
        "schools_1000_to_2000_students": enrolled.between(1000, 2000).sum(),
        "schools_under_1000_students": (enrolled < 1000).sum(),
        "full_time_teacher_share": 100 * staff["full_time_teachers"].sum() / staff["staff"].sum(),
        "dual_qualified_share_of_specialised": 100
        * staff["dual_qualified_teachers"].sum()
        / staff["specialised_teachers"].sum(),
        "public_school_staff": staff.loc[public, "staff"].sum(),
        "public_school_staff_without_post": staff.loc[public, "staff_without_post"].sum(),
    }
    met, before = conditions_met(city, 2024).all(axis=1), conditions_met(city, 2023).all(axis=1)
    found |= {
        "monitored_schools": len(met),
        "schools_meeting_all_conditions": met.sum(),
        "schools_not_meeting_conditions": (~met).sum(),
        "conditions_compliance_rate": 100 * met.mean(),
        "conditions_compliance_rate_previous": 100 * before.mean(),
    }
    parents = t["satisfaction"].query("respondent == '家长'")[["surveyed", "satisfied"]].sum()
    found["parent_satisfaction_rate"] = 100 * parents["satisfied"] / parents["surveyed"]
    placed = d["directly_employed"].sum() + d["further_study"].sum()
    found |= {
        "graduates_with_destination": placed,
        "graduate_destination_rate": 100 * placed / d["graduates"].sum(),
        "own_field_employment_rate": 100
        * d["own_field_employed"].sum()
        / d["directly_employed"].sum(),
        "further_study_share_of_destinations": 100 * d["further_study"].sum() / placed,
    }
    found |= contest_figures(t["contests"])
    subsidised = training[training["kind"] == "政府补贴"]
    found |= {
        "trainees": training["person_times"].sum(),
        "pre_job_trainees": training.loc[training["kind"] == "岗前", "person_times"].sum(),
        "subsidised_training_projects": len(subsidised),
        "subsidised_trainees": subsidised["person_times"].sum(),
        "subsidised_training_funds": subsidised["funds_10k_cny"].sum(),
    }
    trained = pd.to_numeric(training["cumulative_trained"]).sum()
    employed = pd.to_numeric(training["cumulative_employed"]).sum()
    found |= {"cumulative_trained": trained, "cumulative_employed": employed}
    found["training_employment_rate"] = 100 * employed / trained if trained else float("nan")
    hosted, visits = (abroad[abroad["kind"] == kind] for kind in ("承办培训", "外出交流"))
    found |= {
        "international_training_sessions": hosted["sessions"].sum(),
        "international_training_person_times": hosted["person_times"].sum(),
        "international_exchange_visits": visits["sessions"].sum(),
    }
    articulated = linked[linked["programme"] != "职普融通"]
    for name, label in {"higher_vocational_colleges": "高职", "universities": "本科"}.items():
        rows = articulated[articulated["partner_level"] == label]
        found[f"partner_{name}"] = rows["partner"].nunique()
    found["schools_with_articulation"] = articulated.index.nunique()
    for name, label in {
        "3_plus_4": "3+4",
        "five_year": "五年一贯制",
        "3_plus_2": "3+2",
        "integrated_class": "职普融通",
    }.items():
        found[f"entrants_{name}"] = linked.loc[linked["programme"] == label, "entrants"].sum()
    partners = t["partnerships"]
    found |= {
        "partner_enterprises": partners["enterprise"].nunique(),
        "donated_equipment_value": partners["donated_value_10k_cny"].sum(),
        "schools_with_named_classes": partners.loc[partners["named_class"] != ""].index.nunique(),
        "fiscal_appropriation": t["finance"]["fiscal_appropriation_10k_cny"].sum(),
        "special_funds": t["finance"]["special_funds_10k_cny"].sum(),
    }
    for name, label in {"online_courses": "在线精品课程", "core_courses": "一流核心课程"}.items():
        found[f"provincial_{name}"] = int(
            ((courses["level"] == "省级") & (courses["kind"] == label)).sum()
        )
    for name, label in {"city": "市级", "school": "校级"}.items():
        rows = lessons[lessons["level"] == label]
        found[f"{name}_teacher_training_sessions"] = rows["sessions"].sum()
        found[f"{name}_teacher_training_person_times"] = rows["person_times"].sum()
    return found


def contest_figures(contests: pd.DataFrame) -> dict[str, float | set[str]]:
    """Entrants and prizes by level and track; the skills contests are those of both tracks."""
    provincial = contests[contests["level"] == "省"]
    skills = provincial[provincial["track"].isin(["学生技能", "教师技能"])].sum()
    found: dict[str, float | set[str]] = {
        "provincial_contest_students": skills["student_entrants"],
        "provincial_contest_teachers": skills["teacher_entrants"],
    }
    national = contests.query("level == '国家' and track == '学生技能'")
    found |= {
        "national_contest_students": national["student_entrants"].sum(),
        "national_contest_events": contests.loc[contests["level"] == "国家", "event"].nunique(),
    }
    world = contests.query("level == '世界' and track == '学生技能'")
    found["world_contest_bronze_medals"] = world["bronze_medals"].sum()
    for prize in ("first", "second", "third"):
        found[f"provincial_contest_{prize}_prizes"] = skills[f"{prize}_prizes"]
        for name, track in {
            "presentation": "说专业说课程",
            "class_teacher_contest": "班主任能力",
            "teaching_ability_contest": "教学能力",
        }.items():
            rows = provincial[provincial["track"] == track]
            found[f"{name}_{prize}_prizes"] = rows[f"{prize}_prizes"].sum()
            found[f"{name}_teachers"] = rows["teacher_entrants"].sum()
    return found


def bureau_filed(city: str) -> dict[str, float | set[str]]:
    """Every indicator that the bureau files."""
    row = typed(city, "bureau").dropna(axis=1).iloc[0]
    row = row[row != ""]
    found = {str(k).removesuffix("_10k_cny"): v for k, v in row.items()}
    if "exchange_sent" in found:
        found["exchanged_persons"] = found["exchange_sent"] + found["exchange_received"]
    return found


def claims() -> list[tuple[str, dict[str, str]]]:
    """Every printed claim, with its city."""
    out = []
    for city in CITIES:
        path = REPOSITORY / "cities" / city / "claims_2024.csv"
        frame = pd.read_csv(path, dtype=str, keep_default_na=False)
        out += [(city, row) for row in frame.to_dict("records")]
    return out


@pytest.mark.parametrize(
    ("city", "claim"), [pytest.param(c, r, id=r["claim_id"]) for c, r in claims()]
)
def test_the_samples_give_the_printed_figure(city: str, claim: dict[str, str]) -> None:
    found = cache_of(city)[claim["indicator_id"]]
    printed = claim["printed"]
    if claim["compare"] == "set":
        assert found == set(printed.split(";"))
    elif claim["compare"] == "ge":
        assert isinstance(found, int | float) or hasattr(found, "dtype")
        assert float(found) >= float(printed)  # type: ignore[arg-type]
    else:
        value = _half_up(float(found), printed)  # type: ignore[arg-type]
        assert Decimal(value) == Decimal(printed)


@cache
def cache_of(city: str) -> dict[str, float | set[str]]:
    """Both filers' indicators, computed once a city."""
    return school_filed(city) | bureau_filed(city)
