"""What Dagster is given: the line as assets, the calendar, the inbox, and the job for any year."""

import os
import shutil
import subprocess
import sys
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import dagster
import pytest

from orchestration.ground.home import REPOSITORY, Home
from orchestration.ground.settings import zone_of

CITIES = ("qingyang", "baoji")


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    place = Home(tmp_path_factory.mktemp("definitions") / "home")
    place.create()
    for city in CITIES:
        shutil.copytree(REPOSITORY / "cities" / city, place.cities / city)
    return place


@pytest.fixture(scope="module")
def definitions(home):
    from orchestration.definitions import build_definitions

    return build_definitions(home)


@pytest.fixture(scope="module")
def graph(definitions):
    return definitions.resolve_asset_graph()


def test_assets_are_grouped_along_the_line(graph):
    groups = {node.group_name for node in graph.asset_nodes if node.is_materializable}
    assert groups == {
        *("intake", "seeds", "staging", "intermediate", "submission_gate", "marts", "city_gate"),
        *("utilities", "publication", "release"),
    }


def test_every_asset_says_what_it_is_and_who_answers_for_it(definitions):
    specs = [spec for spec in definitions.resolve_all_asset_specs()]
    assert len(specs) > 90
    for spec in specs:
        assert spec.description and spec.owners and spec.kinds and spec.code_version, spec.key


def test_only_what_is_done_for_one_year_is_a_year(graph):
    """Warehouse, gates and the analysts' database hold every year at once, and say so."""
    by_year = {
        node.key.to_user_string() for node in graph.asset_nodes if node.partitions_def is not None
    }
    own = {f"{c}/{n}" for c in CITIES for n in ("metrics", "edition", "final_edition")}
    assert by_year == {"raw_workbooks", "returned_workbooks"} | own


def test_the_analysts_database_is_expected_to_be_new_a_day_after_the_run(definitions):
    specs = {s.key.to_user_string(): s for s in definitions.resolve_all_asset_specs()}
    policy = specs["analyst_database"].freshness_policy
    assert (policy.deadline_cron, policy.timezone) == ("0 6 2 12 *", "Asia/Shanghai")
    assert policy.lower_bound_delta == timedelta(days=1)


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


@pytest.mark.parametrize("city", CITIES)
def test_a_city_has_a_blocking_check_of_its_own(definitions, city):
    checks = [
        spec
        for assets in definitions.assets
        for spec in getattr(assets, "check_specs", ())
        if spec.asset_key == dagster.AssetKey([city, "metrics"])
    ]
    assert [(spec.name, spec.blocking) for spec in checks] == [("city_gate_is_green", True)]


def test_each_tested_model_has_one_check_that_names_its_tests(definitions, graph):
    keys = [key for key in graph.asset_check_keys if key.name == "data_tests_pass"]
    assert len(keys) > 30
    described = {
        spec.asset_key.to_user_string(): spec.description
        for assets in definitions.assets
        for spec in getattr(assets, "check_specs", ())
        if spec.name == "data_tests_pass"
    }
    assert "accepted_values_dim_school_ownership" in described["dim_school"]
    others = sorted(key.name for key in graph.asset_check_keys - set(keys))
    assert others == ["city_gate_is_green", "city_gate_is_green", "submissions_are_accepted"]


def test_a_check_shows_each_test_of_its_model_and_fails_with_any():
    from orchestration.line.dbt_models import Translator, tested
    from orchestration.warehouse.dbt import NodeResult

    model = {"resource_type": "model", "name": "dim_school"}
    nodes = {"m": model} | {
        name: {"name": name, "attached_node": "m"} for name in ("unique", "not_null", "warned")
    }

    def check(**statuses):
        results = [
            NodeResult(name, "test", status in {"pass", "warn"}, status, "", 0.1, 3)
            for name, status in statuses.items()
        ]
        (found,) = tested({"nodes": nodes}, Translator(), results)
        return found

    assert check(unique="pass", not_null="pass").passed
    failed = check(unique="pass", not_null="fail", warned="warn")
    assert (failed.passed, failed.severity) == (False, dagster.AssetCheckSeverity.ERROR)
    assert "| not_null | fail | 3 |" in failed.metadata["tests"].value
    warned = check(warned="warn")
    assert (warned.passed, warned.severity) == (False, dagster.AssetCheckSeverity.WARN)


def test_the_workspace_loads_as_dagsters_own_pages_load_it(home):
    done = subprocess.run(
        [sys.executable, "-m", "dagster", "definitions", "validate", "-w", "workspace.yaml"],
        cwd=REPOSITORY,
        env={**os.environ, "NIANBAO_HOME": str(home.root), "DAGSTER_HOME": str(home.dagster)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr


def test_without_a_home_dagster_is_told_so_in_both_languages():
    environment = {k: v for k, v in os.environ.items() if k != "NIANBAO_HOME"}
    load = "from orchestration.definitions import defs; print('imported'); defs()"
    done = subprocess.run(
        [sys.executable, "-c", load], env=environment, capture_output=True, text=True
    )
    assert done.stdout == "imported\n"
    assert "未指定部署目录" in done.stderr and "names no home" in done.stderr
    assert "KeyError" not in done.stderr


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


def test_the_calendar_follows_the_homes_own_zone(tmp_path):
    from orchestration.line.schedules import build_schedule

    place = Home(tmp_path)
    place.settings.write_text("time_zone: Asia/Urumqi\n", encoding="utf-8")
    assert build_schedule(zone_of(place)).execution_timezone == "Asia/Urumqi"


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


def test_dagster_stays_quiet_and_runs_one_at_a_time(home, monkeypatch):
    import yaml

    from orchestration.cli.launch import write_dagster_yaml

    write_dagster_yaml(home)
    settings = yaml.safe_load((home.dagster / "dagster.yaml").read_text(encoding="utf-8"))
    assert settings["telemetry"] == settings["nux"] == {"enabled": False}
    assert settings["concurrency"]["runs"]["max_concurrent_runs"] == 1
    assert settings["run_monitoring"]["max_runtime_seconds"] > 0
    assert settings["freshness"]["enabled"]
    monkeypatch.setenv("DAGSTER_HOME", str(home.dagster))
    with dagster.DagsterInstance.get() as instance:
        assert not instance.telemetry_enabled
        assert instance.get_concurrency_config().run_queue_config.max_concurrent_runs == 1


def test_dagsters_settings_are_written_anew_only_where_they_are_ours(home):
    from orchestration.cli.launch import write_dagster_yaml

    path = home.dagster / "dagster.yaml"
    own = "storage:\n  postgres: {}\n"
    before = "telemetry:\n  enabled: false\npython_logs:\n  python_log_level: WARNING\n"
    before += "concurrency:\n  runs:\n    max_concurrent_runs: 1\nnux:\n  enabled: false\n"
    for text, is_ours in ((own, False), (before, True), ("", True)):
        path.write_text(text, encoding="utf-8")
        write_dagster_yaml(home)
        assert (path.read_text(encoding="utf-8") != text) == is_ours
    written = path.read_text(encoding="utf-8")
    path.write_text(f"{written}# older\n", encoding="utf-8")
    write_dagster_yaml(home)
    assert path.read_text(encoding="utf-8") == written


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


# -- who is told -----------------------------------------------------------------------------------


@dagster.op(name="city_gate")
def breaking():
    try:
        raise ValueError("第 3 行 line 3")
    except ValueError as error:
        raise RuntimeError("on the way") from error


@dagster.job(name="annual_run")
def broken_run():
    breaking()


@dagster.op
def working():
    pass


@dagster.job(name="annual_run")
def sound_run():
    working()


def seen_by(sensor, home, job, **tags):
    """Let a watcher of ours look at a run that ended, as the daemon does."""
    from orchestration.line.resources import Deployment

    instance = dagster.DagsterInstance.ephemeral()
    result = job.execute_in_process(instance=instance, raise_on_error=False, tags=tags)
    event = next(e for e in reversed(result.all_events) if e.is_job_event)
    context = dagster.build_run_status_sensor_context(
        sensor_name=sensor.name,
        dagster_instance=instance,
        dagster_run=result.dagster_run,
        dagster_event=event,
        resources={"deployment": Deployment(root=str(home.root))},
    )
    if sensor.name == "failed_runs":
        context = context.for_run_failure()
    sensor(context)


def test_a_run_that_fails_is_told_with_step_and_first_cause_until_one_ends_well(home):
    from orchestration.ground.alerts import standing
    from orchestration.line.sensors import failed_runs, mended_runs

    year = {"dagster/partition": "2024"}
    seen_by(failed_runs, home, broken_run, **year)
    (alert,) = standing(home, 2024)
    assert (alert.run.job, alert.run.year) == ("annual_run", 2024)
    assert alert.trouble.subject == "city_gate"
    assert alert.trouble.text.zh == "步骤 city_gate 失败。"
    assert alert.trouble.detail == "第 3 行 line 3"
    seen_by(mended_runs, home, sound_run, **year)
    assert standing(home) == []


@dagster.op(name="editions")
def one_city_stopped():
    from orchestration.ground.text import Text
    from orchestration.line.city import _failure

    raise _failure([], {"qingyang": Text("磁盘已满。", "The disk is full.")})


@dagster.job(name="annual_run")
def stopped_run():
    one_city_stopped()


def test_a_city_whose_edition_could_not_be_written_is_told_by_name_with_the_reason(home):
    from orchestration.ground.alerts import Kind, standing
    from orchestration.line.sensors import failed_runs

    seen_by(failed_runs, home, stopped_run, **{"dagster/partition": "2024"})
    (alert,) = standing(home, 2024)
    assert (alert.trouble.kind, alert.trouble.subject) == (Kind.city_blocked, "qingyang")
    assert alert.trouble.text.zh == "庆阳市 2024 年度未发布：版次没有写成。"
    assert alert.trouble.detail == "磁盘已满。The disk is full."


def test_all_cities_are_one_step_of_the_run(definitions):
    steps = {node.name for node in definitions.resolve_job_def("annual_run").graph.nodes}
    assert "editions" in steps
    assert not any("qingyang" in step for step in steps)


def test_the_daemon_watches_how_runs_end(definitions):
    for name in ("failed_runs", "mended_runs"):
        sensor = definitions.resolve_sensor_def(name)
        assert sensor.default_status is dagster.DefaultSensorStatus.RUNNING
