"""What Dagster is given: the line as assets, the calendar, the inbox, and the job for any year."""

import os
import shutil
from datetime import datetime
from zoneinfo import ZoneInfo

import dagster
import pytest

from orchestration.ground.home import REPOSITORY, Home


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    place = Home(tmp_path_factory.mktemp("definitions") / "home")
    place.create()
    for city in ("qingyang", "baoji"):
        shutil.copytree(REPOSITORY / "cities" / city, place.cities / city)
    return place


@pytest.fixture(scope="module")
def definitions(home):
    os.environ["NIANBAO_HOME"] = str(home.root)
    from orchestration.definitions import build_definitions

    return build_definitions(home)


@pytest.fixture(scope="module")
def graph(definitions):
    return definitions.resolve_asset_graph()


def test_assets_are_grouped_along_the_line(graph):
    groups = {node.group_name for node in graph.asset_nodes if node.is_materializable}
    assert groups == {
        *("intake", "staging", "submission_gate", "marts", "city_gate", "publication", "release"),
    }


def test_each_stage_waits_for_the_one_before(graph):
    def upstream(*path):
        found, todo = set(), [dagster.AssetKey(list(path))]
        while todo:
            for parent in graph.get(todo.pop()).parent_keys - found:
                found.add(parent)
                todo.append(parent)
        return {key.to_user_string() for key in found}

    assert "raw_workbooks" in upstream("stg_nianbao__students")
    assert "int_submissions_compared" in upstream("submission_gate")
    assert "submission_gate" in upstream("fct_indicator")
    assert {"city_yearly_metrics", "fct_claim"} <= upstream("city_gate")
    assert {"city_gate", "qingyang/metrics"} <= upstream("qingyang", "edition")
    assert not any(key.startswith("baoji") for key in upstream("qingyang", "edition"))


@pytest.mark.parametrize("city", ["qingyang", "baoji"])
def test_a_city_has_a_blocking_check_of_its_own(definitions, city):
    checks = [
        spec
        for assets in definitions.assets
        for spec in getattr(assets, "check_specs", ())
        if spec.asset_key == dagster.AssetKey([city, "metrics"])
    ]
    assert [(spec.name, spec.blocking) for spec in checks] == [("city_gate_is_green", True)]


def test_the_gates_are_the_only_checks(graph):
    """dbt's own tests stay in dbt: one that fails stops the run by its name."""
    names = sorted(key.name for key in graph.asset_check_keys)
    assert names == ["city_gate_is_green", "city_gate_is_green", "submissions_are_accepted"]


def test_the_annual_run_happens_on_the_first_of_december_for_that_year(definitions):
    schedule = definitions.resolve_schedule_def("every_first_of_december")
    at = datetime(2025, 12, 1, 6, tzinfo=ZoneInfo("Asia/Shanghai"))
    ticks = schedule.cron_schedule, schedule.execution_timezone
    assert ticks == ("0 6 1 12 *", "Asia/Shanghai")
    repository = definitions.get_repository_def()
    with dagster.build_schedule_context(
        scheduled_execution_time=at, repository_def=repository
    ) as context:
        requests = schedule.evaluate_tick(context).run_requests
    assert [request.partition_key for request in requests] == ["2025"]


def test_a_person_can_launch_any_year(definitions):
    job = definitions.resolve_job_def("annual_run")
    assert {"2023", "2024", "2025"} <= set(job.partitions_def.get_partition_keys())


def test_a_new_workbook_in_the_inbox_starts_one_run_of_its_year(definitions, home):
    from orchestration.line.resources import Deployment

    def tick():
        context = dagster.build_sensor_context(
            resources={"deployment": Deployment(root=str(home.root))},
            repository_def=definitions.get_repository_def(),
        )
        return definitions.resolve_sensor_def("new_workbooks").evaluate_tick(context)

    assert tick().run_requests == []
    folder = home.inbox_year(2024)
    folder.mkdir(parents=True, exist_ok=True)
    late = folder / "late.xlsx"
    late.write_bytes(b"a workbook that came late")
    os.utime(late, (0, 0))
    first, again = tick().run_requests, tick().run_requests
    assert [request.partition_key for request in first] == ["2024"]
    # The same key twice is one run.
    assert first[0].run_key == again[0].run_key
    late.unlink()


def test_dagster_stays_quiet_and_runs_one_at_a_time(home):
    import yaml

    from orchestration.cli.launch import write_dagster_yaml

    write_dagster_yaml(home)
    settings = yaml.safe_load((home.dagster / "dagster.yaml").read_text(encoding="utf-8"))
    assert settings["telemetry"] == settings["nux"] == {"enabled": False}
    assert settings["concurrency"]["runs"]["max_concurrent_runs"] == 1
    with dagster.DagsterInstance.from_config(str(home.dagster)) as instance:
        assert not instance.telemetry_enabled
        assert instance.get_concurrency_config().run_queue_config.max_concurrent_runs == 1


def test_a_signed_edition_is_released_by_its_own_run_once_it_is_due(definitions, home):
    """Signed for a later time it waits; when that has come, one run of that city and year."""
    from orchestration.editions import history
    from orchestration.ground.ledger import open_ledger
    from orchestration.line.resources import Deployment

    def tick():
        context = dagster.build_sensor_context(
            resources={"deployment": Deployment(root=str(home.root))},
            repository_def=definitions.get_repository_def(),
        )
        return definitions.resolve_sensor_def("signed_editions").evaluate_tick(context)

    assert tick().run_requests == []
    published = {"city": "qingyang", "year": 2024, "edition": 1, "status": "provisional"}
    told = {"published_at": "2025-01-01T00:00:00+00:00", "content_hash": "", "manifest_hash": ""}
    signed = {"city": "qingyang", "year": 2024, "edition": 1, "note": ""}
    with open_ledger(home) as ledger:
        ledger.append(history.PUBLISHED, {**published, **told, "made_from": None}, "annual_run")
        later = {"release_at": "2999-01-01T00:00:00+00:00"}
        ledger.append(history.APPROVED, signed | later, "李批准")
        assert tick().run_requests == []
        due = {"release_at": "2025-01-02T00:00:00+00:00"}
        ledger.append(history.APPROVED, signed | due, "李批准")
        first, again = tick().run_requests, tick().run_requests
        assert [request.partition_key for request in first] == ["2024"]
        assert first[0].asset_selection == [dagster.AssetKey(["qingyang", "final_edition"])]
        assert first[0].run_key == again[0].run_key
        final = {**published, **told, "edition": 2, "status": "final", "made_from": 1}
        ledger.append(history.PUBLISHED, final, "annual_run")
    assert tick().run_requests == []


def test_the_annual_run_leaves_final_editions_to_their_own_job(definitions):
    def steps(job):
        keys = definitions.resolve_job_def(job).asset_layer.executable_asset_keys
        return {key.to_user_string() for key in keys}

    assert "qingyang/final_edition" not in steps("annual_run")
    assert "qingyang/edition" in steps("annual_run")
    assert steps("release_job") == {"qingyang/final_edition", "baoji/final_edition"}
