"""What a city gate leaves behind, as a test wants it."""

import pandas as pd

from orchestration.gate.run import decisions_frame


def judge_cities_as(home, blocked):
    """Write the outcome of a city gate that holds back some cities' years, and has no finding."""
    findings = pd.read_parquet(home.gate / "findings.parquet").head(0)
    findings.to_parquet(home.gate / "city_findings.parquet")
    decisions_frame(findings, []).to_parquet(home.gate / "city_decisions.parquet")
    places = [
        (city, year, "blocked" if (city, year) in blocked else "passed", 0, 0, 0)
        for city in ("qingyang", "baoji")
        for year in (2023, 2024)
    ]
    columns = ["city", "year", "verdict", "must_open", "explain_open", "explained"]
    pd.DataFrame(places, columns=columns).to_parquet(home.gate / "city_verdicts.parquet")
