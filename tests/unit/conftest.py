"""A home with one made-up city of two schools (合成示例), and its ledger."""

import pytest
import yaml
from workbooks import CITY, CITY_CODE, CODE, NAME, OTHER, OTHER_NAME

from orchestration.ground.home import Home
from orchestration.ground.ledger import Ledger


@pytest.fixture
def home(tmp_path):
    home = Home(tmp_path / "home")
    home.create()
    folder = home.cities / CITY
    folder.mkdir()
    facts = {"city": CITY, "city_code": CITY_CODE, "name_zh": "示例市", "name_en": "Sample"}
    facts |= {"province_code": "990000", "province_name_zh": "示例省"}
    facts |= {"province_name_en": "Sample province"}
    (folder / "city.yml").write_text(yaml.safe_dump(facts | {"is_synthetic": True}), "utf-8")
    lines = ["year,school_code,school_name,county_code,is_monitored"]
    for year in (2023, 2024):
        lines += [f"{year},{CODE},{NAME},990101,true", f"{year},{OTHER},{OTHER_NAME},990101,true"]
    (folder / "schools.csv").write_text("\n".join(lines) + "\n", "utf-8")
    return home


@pytest.fixture
def ledger(home):
    ledger = Ledger(f"sqlite:///{home.ledger}")
    yield ledger
    ledger.close()
