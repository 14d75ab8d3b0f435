"""The arithmetic of indicators, on a few crafted rows (conftest.py)."""

import pytest


@pytest.fixture(scope="module")
def figure(crafted):
    """Return value, numerator, denominator, schools counted and expected; None without a row."""
    rows = crafted.rows(
        "select area_level, area_code, indicator_id, value, numerator, denominator, "
        "schools_counted, schools_expected from fct_indicator"
    )
    found = {row[:3]: row[3:] for row in rows}
    assert len(found) == len(rows)
    return lambda level, code, indicator: found.get((level, code, indicator))


def test_crafted_indicators_are_built_and_pass_their_data_tests(crafted):
    assert crafted.results
    assert [r.message for r in crafted.results if not r.is_ok] == []


def test_a_citys_rate_is_of_its_graduates_and_no_mean_of_its_schools_rates(figure):
    rate = "graduate_destination_rate"
    assert figure("school", "01", rate) == (100, 100, 100, 1, 1)
    assert figure("school", "02", rate) == (50, 150, 300, 1, 1)
    assert figure("city", "990100", rate) == (62.5, 250, 400, 2, 3)


def test_a_ratio_over_nothing_keeps_its_row_without_a_value(figure):
    assert figure("school", "11", "student_teacher_ratio") == (None, 0, 0, 1, 1)
    # A school without graduates is none of those whose graduates go anywhere.
    assert figure("school", "11", "graduate_destination_rate") == (None, 0, 0, 0, 0)
    assert figure("school", "11", "graduates") == (0, 0, None, 1, 1)


def test_missing_is_not_zero(figure):
    assert figure("school", "01", "own_field_employed") is None
    assert figure("school", "02", "employed_locally")[0] == 0
    assert figure("city", "990100", "own_field_employed") == (50, 50, None, 1, 3)
    assert figure("city", "990200", "own_field_employed") is None
    assert figure("city", "990200", "own_field_employment_rate") is None
    assert figure("city", "990200", "partner_enterprises") is None


def test_a_blank_truth_is_neither_yes_nor_no(figure):
    assert figure("city", "990100", "national_key_schools") == (1, 1, None, 1, 3)
    assert figure("school", "02", "national_key_schools") is None


@pytest.mark.parametrize(
    ("indicator", "value", "numerator", "denominator", "schools"),
    [
        ("own_field_employment_rate", 50, 50, 100, 1),
        ("local_employment_rate", 0, 0, 100, 1),
        ("dual_qualified_share_of_specialised", 25, 10, 40, 1),
        ("dual_qualified_share_of_full_time", 12.5, 10, 80, 1),
        ("student_teacher_ratio", 12.5, 1000, 80, 1),
    ],
)
def test_a_ratio_is_over_the_schools_that_filed_both(
    figure, indicator, value, numerator, denominator, schools
):
    expected = (value, numerator, denominator, schools, 3)
    assert figure("city", "990100", indicator) == expected


def test_both_conventions_of_two_rates_are_indicators_of_their_own(figure, crafted):
    assert figure("city", "990100", "further_study_rate")[:3] == (17.5, 70, 400)
    assert figure("city", "990100", "further_study_share_of_destinations")[:3] == (28, 70, 250)
    named = dict(
        crafted.rows(
            "select indicator_id, denominator_name_en from dim_indicator where kind = 'ratio'"
        )
    )
    of_both = ", of schools that filed both"
    assert named["further_study_rate"] == f"Graduates{of_both}"
    assert named["further_study_share_of_destinations"] == (
        f"Graduates directly employed or continuing to higher education{of_both}"
    )
    assert named["dual_qualified_share_of_specialised"].startswith("Specialised-course teachers")
    assert named["dual_qualified_share_of_full_time"].startswith("Full-time teachers")


def test_distinct_things_are_counted_anew_at_each_level(figure):
    majors = {
        ("school", "01"): 2,
        ("school", "02"): 1,
        ("county", "990101"): 2,
        ("city", "990100"): 2,
        ("city", "990200"): 2,
        ("province", "990000"): 3,
        ("country", "000000"): 3,
    }
    assert {area: figure(*area, "majors")[0] for area in majors} == majors
    assert figure("city", "990100", "programme_offerings")[0] == 3
    assert figure("city", "990100", "partner_enterprises") == (2, 2, None, 2, 3)


def test_a_distinct_count_rests_on_every_school_with_a_row_of_the_sheet(figure):
    assert figure("city", "990100", "schools_with_named_classes") == (0, 0, None, 2, 3)


def test_a_ratio_counts_the_schools_behind_its_smaller_part(figure):
    """School 03 is not monitored, so that its conditions are none of those that count."""
    assert figure("school", "03", "conditions_compliance_rate")[:3] == (None, 0, None)
    assert figure("city", "990100", "conditions_compliance_rate") == (100, 1, 1, 1, 2)


def test_undefined_conditions_are_not_failed_ones(figure):
    assert figure("city", "990100", "monitored_schools")[0] == 2
    assert figure("city", "990100", "schools_not_meeting_conditions")[0] == 0
    assert figure("city", "990100", "conditions_compliance_rate")[:3] == (100, 1, 1)
    assert figure("city", "990200", "conditions_compliance_rate")[:3] == (0, 0, 1)


def test_no_year_before_is_not_a_year_with_none(figure):
    assert figure("city", "990100", "monitored_schools_previous") is None


@pytest.mark.parametrize(
    ("indicator", "schools"),
    [
        ("schools_over_2000_students", 1),
        ("schools_1000_to_2000_students", 1),
        ("schools_under_1000_students", 2),
    ],
)
def test_sizes_of_schools_meet_without_gap_or_overlap(figure, indicator, schools):
    assert figure("province", "990000", indicator)[0] == schools


def test_a_county_that_bears_its_citys_code_is_an_area_of_its_own(figure):
    assert figure("county", "990200", "schools") == (1, 1, None, 1, 1)
    assert figure("city", "990200", "schools") == (2, 2, None, 2, 2)


def test_what_a_bureau_filed_is_counted_in_bureaus(figure):
    assert figure("city", "990100", "exchanged_persons") == (7, 7, None, 1, 1)
    assert figure("city", "990200", "exchanged_persons") is None
    assert figure("province", "990000", "exchanged_persons") == (7, 7, None, 1, 2)
    assert figure("country", "000000", "exchanged_persons") == (7, 7, None, 1, 2)


@pytest.mark.parametrize("table", ["fct_indicator", "fct_indicator_breakdown"])
def test_a_province_says_of_how_many_of_its_cities_it_is(crafted, table):
    """Both that are here are whole: it lacks the third, and waits for none without schools."""
    rows = crafted.rows(
        f"select distinct area_level, cities_counted, cities_expected, cities_without_schools, "
        f"has_coverage_note from {table} where indicator_id = 'schools' "
        "and area_level in ('city', 'province', 'country') order by all"
    )
    assert rows == [
        ("city", None, None, None, False),
        ("country", 2, 4, 1, True),
        ("province", 2, 3, 1, True),
    ]
    schools = crafted.rows(
        "select distinct area_level, schools_counted, schools_expected from fct_indicator "
        "where indicator_id = 'schools' and area_level in ('city', 'province') order by all"
    )
    assert schools == [("city", 2, 2), ("city", 3, 3), ("province", 5, 5)]


def test_figures_lie_in_their_city_and_a_provinces_in_none(crafted):
    rows = crafted.rows("select distinct area_level, area_code, city from fct_indicator")
    cities = {(level, code): city for level, code, city in rows}
    assert cities["city", "990100"] == cities["county", "990101"] == cities["school", "01"] == "a"
    assert cities["city", "990200"] == cities["county", "990200"] == cities["school", "12"] == "b"
    assert cities["province", "990000"] is None and cities["country", "000000"] is None


def test_a_citys_figures_are_printed_with_name_and_unit(crafted):
    rows = crafted.rows(
        "select name_zh, value_printed, unit from city_yearly_metrics "
        "where city = 'b' and indicator_id = 'schools'"
    )
    assert rows == [("中等职业学校数", "2", "school")]


@pytest.fixture(scope="module")
def classes(crafted):
    """Return a breakdown's classes: value, share, rank, schools counted and expected."""
    rows = crafted.rows(
        "select area_level, area_code, indicator_id, breakdown, class_code, value, share_pct, "
        "value_rank, schools_counted, schools_expected from fct_indicator_breakdown"
    )
    return lambda *place: {row[4]: row[5:] for row in rows if row[:4] == place}


def test_a_blank_cell_takes_its_school_out_of_its_class_alone(classes):
    assert classes("city", "990100", "full_time_teachers", "title") == {
        "title_senior": (11, None, None, 2, 3),
        "title_junior": (9, None, None, 1, 3),
    }
    assert classes("school", "02", "full_time_teachers", "title") == {
        "title_senior": (6, 40, 2, 1, 1),
        "title_junior": (9, 60, 1, 1, 1),
    }


def test_a_class_that_a_school_left_blank_has_no_row_and_its_others_no_share_and_no_rank(classes):
    assert classes("school", "01", "full_time_teachers", "title") == {
        "title_senior": (5, None, None, 1, 1)
    }


def test_classes_of_as_many_schools_but_of_others_have_no_shares_and_no_ranks(classes):
    assert classes("city", "990200", "full_time_teachers", "degree") == {
        "degree_postgraduate": (5, None, None, 1, 2),
        "degree_bachelor": (7, None, None, 1, 2),
    }


def test_conditions_are_those_of_the_monitored_schools_alone(classes, figure):
    of_books = {
        area: classes("city", area, "conditions_met", "condition")["books_per_student"]
        for area in ("990100", "990200")
    }
    assert of_books == {"990100": (1, 100, 1, 2, 2), "990200": (0, None, 1, 1, 1)}
    assert figure("city", "990100", "conditions_undefined") == (1, 1, None, 2, 2)
    assert figure("city", "990200", "conditions_missed") == (1, 1, None, 1, 1)
    assert figure("school", "12", "conditions_met") is None


def test_a_school_that_left_a_whole_breakdown_blank_counts_for_none_of_its_classes(classes):
    assert classes("city", "990100", "full_time_teachers", "age") == {
        "age_under_35": (20, 40, 2, 1, 3),
        "age_35_to_44": (30, 60, 1, 1, 3),
    }


def test_a_breakdown_that_nobody_filed_has_no_row(classes):
    assert classes("city", "990200", "full_time_teachers", "age") == {}
    assert classes("city", "990100", "full_time_teachers", "degree") == {}


def test_a_school_without_a_row_of_a_class_has_none_of_it_and_counts(classes):
    assert classes("city", "990100", "programme_offerings", "major_category") == {
        "71": (3, 100, 1, 2, 3)
    }
    assert classes("city", "990100", "majors", "major_category") == {"71": (2, None, 1, 2, 3)}


def test_what_belongs_to_no_known_class_has_a_row_and_a_share_and_no_rank(classes):
    assert classes("city", "990200", "enrolled", "major_category") == {
        "71": (30, 75, 1, 1, 2),
        "other": (10, 25, None, 1, 2),
    }


def test_a_class_of_schools_counts_and_expects_its_own_alone(classes, figure):
    """Of ownership and county; one of which no school filed has its row, so that all add up."""
    assert classes("city", "990200", "schools", "county") == {
        "990200": (1, 50, 1, 1, 1),
        "other": (1, 50, None, 1, 1),
    }
    assert classes("city", "990100", "enrolled", "ownership") == {
        "public": (2001, pytest.approx(66.67, abs=0.01), 1, 1, 1),
        "private": (1000, pytest.approx(33.33, abs=0.01), 2, 1, 2),
    }
    assert classes("city", "990200", "full_time_teachers", "county") == {
        "990200": (0, 0, 1, 1, 1),
        "other": (50, 100, None, 1, 1),
    }
    of_teachers = classes("city", "990100", "full_time_teachers", "ownership")
    assert {name: (row[0], *row[3:]) for name, row in of_teachers.items()} == {
        **{"public": (None, 0, 1), "private": (80, 1, 2)},
    }
    of_province = classes("province", "990000", "schools", "county").values()
    assert [sum(row[at] for row in of_province) for at in (3, 4)] == [5, 5]
    assert figure("province", "990000", "schools")[3:] == (5, 5)


def test_a_row_without_its_number_takes_its_school_out_of_the_class(classes):
    assert classes("city", "990100", "enrolled", "major_category") == {"71": (20, None, None, 1, 3)}


def test_classes_have_the_names_that_reports_print(crafted):
    rows = crafted.rows(
        "select distinct breakdown_name_zh, class_name_zh, class_name_en "
        "from fct_indicator_breakdown where breakdown in ('title', 'age') order by all"
    )
    assert rows == [
        ("年龄", "35—44岁", "35 to 44"),
        ("年龄", "35岁以下", "Under 35"),
        ("职称", "初级", "Junior"),
        ("职称", "正高级", "Senior"),
    ]
