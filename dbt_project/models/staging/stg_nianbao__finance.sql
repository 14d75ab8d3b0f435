-- Generated from forms/ by `python -m orchestration.staging`; change the form instead.
select
    submission_id,
    city,
    school_code,
    year,
    file_hash,
    sheet,
    row_no,
    try_cast(fiscal_appropriation_10k_cny__read as double) as fiscal_appropriation_10k_cny,
    fiscal_appropriation_10k_cny__typed,
    sheet || '!' || fiscal_appropriation_10k_cny__cell as fiscal_appropriation_10k_cny__cell,
    try_cast(special_funds_10k_cny__read as double) as special_funds_10k_cny,
    special_funds_10k_cny__typed,
    sheet || '!' || special_funds_10k_cny__cell as special_funds_10k_cny__cell,
    try_cast(internship_funds_10k_cny__read as double) as internship_funds_10k_cny,
    internship_funds_10k_cny__typed,
    sheet || '!' || internship_funds_10k_cny__cell as internship_funds_10k_cny__cell
from {{ source('raw', 'finance') }}
