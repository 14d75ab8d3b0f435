{#- Generated from forms/ by `python -m orchestration.staging`; change the form instead. -#}
{%- macro filed_cells() -%}
    {{ cells_of('cover', ['school_code', 'school_name', 'year', 'form_version', 'filled_on', 'is_confirmed']) }}
    union all
    {{ cells_of('profile', ['ownership', 'school_class', 'founded_year', 'is_national_demonstration', 'is_provincial_demonstration', 'is_national_key', 'is_provincial_key', 'is_provincial_quality', 'is_education_group_member']) }}
    union all
    {{ cells_of('programmes', ['major_code', 'major_name', 'themes', 'is_flagship', 'entrants', 'enrolled', 'enrolled_grade_1', 'enrolled_grade_2', 'enrolled_grade_3', 'graduates']) }}
    union all
    {{ cells_of('students', ['entrants', 'enrolled', 'certificate_holders', 'fitness_tested', 'fitness_passed']) }}
    union all
    {{ cells_of('staff', ['staff', 'full_time_teachers', 'specialised_teachers', 'dual_qualified_teachers', 'political_teachers', 'pe_teachers', 'arts_teachers', 'external_teachers', 'authorised_posts', 'staff_without_post', 'title_senior', 'title_associate_senior', 'title_intermediate', 'title_junior', 'degree_postgraduate', 'degree_bachelor', 'degree_below_bachelor', 'age_under_35', 'age_35_to_44', 'age_45_to_54', 'age_55_and_over', 'recruited_teachers']) }}
    union all
    {{ cells_of('conditions', ['campus_area_m2', 'building_area_m2', 'equipment_value_10k_cny', 'books', 'practice_stations', 'computers', 'bandwidth_mbps']) }}
    union all
    {{ cells_of('destinations', ['graduates', 'directly_employed', 'further_study', 'without_destination', 'contract_employed', 'enlisted', 'self_employed', 'flexibly_employed', 'own_field_employed', 'to_bachelor', 'to_associate', 'via_general_exam', 'via_vocational_exam', 'via_abroad', 'via_articulated', 'via_five_year', 'seeking_work', 'preparing_study', 'otherwise_not_employed', 'employed_primary_sector', 'employed_secondary_sector', 'employed_tertiary_sector', 'employed_locally']) }}
    union all
    {{ cells_of('contests', ['track', 'level', 'contest', 'event', 'student_entrants', 'teacher_entrants', 'first_prizes', 'second_prizes', 'third_prizes', 'gold_medals', 'silver_medals', 'bronze_medals']) }}
    union all
    {{ cells_of('certificates', ['certificate', 'level', 'holders']) }}
    union all
    {{ cells_of('training', ['project', 'kind', 'sessions', 'person_times', 'hours', 'funds_10k_cny', 'cumulative_trained', 'cumulative_employed']) }}
    union all
    {{ cells_of('partnerships', ['enterprise', 'has_agreement', 'donated_value_10k_cny', 'named_class', 'is_practice_base']) }}
    union all
    {{ cells_of('articulation', ['programme', 'partner', 'partner_level', 'entrants']) }}
    union all
    {{ cells_of('international', ['project', 'kind', 'sessions', 'person_times']) }}
    union all
    {{ cells_of('courses', ['title', 'kind', 'level']) }}
    union all
    {{ cells_of('teacher_training', ['level', 'sessions', 'person_times']) }}
    union all
    {{ cells_of('finance', ['fiscal_appropriation_10k_cny', 'special_funds_10k_cny', 'internship_funds_10k_cny']) }}
    union all
    {{ cells_of('satisfaction', ['respondent', 'surveyed', 'satisfied']) }}
    union all
    {{ cells_of('cases', ['title', 'body']) }}
    union all
    {{ cells_of('explanations', ['rule_id', 'place', 'explanation']) }}
    union all
    {{ cells_of('bureau_cover', ['city_code', 'city_name', 'year', 'form_version', 'filled_on', 'is_confirmed']) }}
    union all
    {{ cells_of('bureau', ['lead_colleges', 'education_groups', 'county_learning_centres', 'county_official_visits', 'paired_school_visits', 'exchange_sent', 'exchange_received', 'newly_paired_schools', 'paired_schools', 'institutions_visiting_enterprises', 'enterprises_visited', 'research_reports', 'enterprise_events', 'institution_events', 'event_enterprises_visited', 'industry_education_consortia', 'building_funds_10k_cny', 'building_projects', 'flagship_major_groups', 'livestock_course_trainees', 'city_teacher_contest_institutions', 'city_teacher_contest_teachers', 'city_student_contest_institutions', 'city_student_contest_students', 'next_contest_students_recommended', 'open_education_measures', 'education_week_activities', 'award_subsidy_funds_10k_cny', 'award_subsidy_building_funds_10k_cny']) }}
{%- endmacro -%}
