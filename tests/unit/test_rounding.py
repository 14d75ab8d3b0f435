"""Half-up at the printed decimals: the macro's own SQL, where the nearest double misleads."""

from decimal import ROUND_HALF_UP, Decimal
from types import SimpleNamespace

import duckdb
import jinja2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestration.warehouse.project import WRITTEN


@pytest.fixture(scope="module")
def half_up():
    """Return a number at so many decimals as the warehouse prints it."""
    macro = (WRITTEN / "macros" / "rounding.sql").read_text(encoding="utf-8")
    sql = jinja2.Template(macro + "{{ half_up('v', 'd') }}").render(
        dbt=SimpleNamespace(type_string=lambda: "varchar")
    )
    with duckdb.connect() as connection:

        def printed(value, decimals):
            query = f"select {sql} from (select cast(? as double) as v, ? as d)"
            return connection.execute(query, [value, decimals]).fetchone()[0]

        yield printed


@pytest.mark.parametrize(
    ("value", "decimals", "printed"),
    [
        # The double nearest to each of these lies below the half.
        *((97.775, 2, "97.78"), (1.005, 2, "1.01"), (0.285, 2, "0.29"), (8.345, 2, "8.35")),
        *((2.5, 0, "3"), (-2.5, 0, "-3"), (0.25, 1, "0.3"), (-0.25, 1, "-0.3")),
        *((97.774, 2, "97.77"), (1793.0, 0, "1793"), (12.5, 2, "12.50"), (0.0, 1, "0.0")),
        (None, 2, None),
    ],
)
def test_a_half_is_rounded_away_from_zero_as_it_is_written(half_up, value, decimals, printed):
    assert half_up(value, decimals) == printed


@given(st.decimals(-(10**6), 10**6, places=5), st.integers(0, 4))
def test_what_is_printed_is_what_a_person_rounds(half_up, value, decimals):
    rounded = value.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
    assert Decimal(half_up(float(value), decimals)) == rounded
