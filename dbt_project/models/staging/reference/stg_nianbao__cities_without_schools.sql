select *
from {{ source('reference', 'cities_without_schools') }}
