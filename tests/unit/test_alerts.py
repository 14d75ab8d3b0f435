"""What a run could not do reaches people: the file, the log, and a mail through a real server."""

import logging
import socket
from email import message_from_bytes, policy

import pytest
import yaml
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword

from orchestration.ground import alerts, log
from orchestration.ground.alerts import Kind, Run, Trouble, standing, tell
from orchestration.ground.settings import BadSettings, settings
from orchestration.ground.text import Text

BLOCKED = Trouble(
    Kind.city_blocked, "qingyang", Text("庆阳市关卡未通过，未发布。", "Qingyang: not published.")
)
BROKEN = Trouble(
    Kind.run_failed, "city_gate", Text("步骤失败。", "A step failed."), "RuleDidNotRun: 规则无结果"
)
PASSWORD = "correct horse"


def run(name, year=2024, job="annual_run"):
    return Run(name, job, year)


@pytest.fixture(autouse=True)
def logged(home):
    log.configure(home)
    yield lambda: home.log.read_text(encoding="utf-8") if home.log.exists() else ""
    log.release()


class Postbox:
    """A mail server on this machine that keeps what it gets."""

    def __init__(self):
        self.letters = []

    async def handle_DATA(self, server, session, envelope):
        letter = message_from_bytes(envelope.content, policy=policy.default)
        self.letters.append((envelope.rcpt_tos, letter))
        return "250 OK"

    @property
    def bodies(self):
        return [letter.get_content() for _, letter in self.letters]


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def mailing(home):
    """Return a function that sets a home's mail, to a server on a port."""

    def write(port, **more):
        mail = {"host": "127.0.0.1", "port": port, "tls": "none", "sender": "nianbao@example.org"}
        mail |= {"recipients": ["ke@example.org", "zhou@example.org"], **more}
        home.settings.write_text(yaml.safe_dump({"mail": mail}), encoding="utf-8")

    return write


@pytest.fixture
def postbox(mailing):
    box, port = Postbox(), free_port()
    server = Controller(box, hostname="127.0.0.1", port=port)
    server.start()
    mailing(port)
    yield box
    server.stop()


def test_an_alert_is_kept_logged_and_shown_until_a_run_of_its_year_ends_well(home, logged):
    assert standing(home) == []
    tell(home, run("a"), [BLOCKED, BROKEN])
    assert [a.trouble for a in standing(home, 2024)] == [BROKEN, BLOCKED]
    assert standing(home, 2023) == []
    lines = home.alerts.read_text(encoding="utf-8").splitlines()
    assert len(lines) == 2 and '"subject": "qingyang"' in lines[0]
    assert "庆阳市关卡未通过" in logged() and "Qingyang: not published." in logged()
    assert "RuleDidNotRun: 规则无结果" in logged()
    tell(home, run("b"), [])
    assert standing(home) == []
    assert home.alerts.read_text(encoding="utf-8").splitlines()[:2] == lines


def test_a_later_run_that_fails_otherwise_takes_the_place_of_the_earlier(home):
    tell(home, run("a"), [BLOCKED, BROKEN])
    tell(home, run("b"), [BLOCKED])
    assert [(a.run.id, a.trouble) for a in standing(home)] == [("b", BLOCKED)]


def test_another_year_or_job_that_ends_well_mends_nothing(home):
    tell(home, run("a"), [BLOCKED])
    tell(home, run("b", year=2023), [])
    tell(home, run("c", job="release_job"), [])
    assert [a.run.id for a in standing(home)] == ["a"]


def test_what_belongs_to_no_year_is_shown_with_every_year(home):
    tell(home, run("a", year=None, job="data_docs_job"), [BROKEN])
    assert len(standing(home, 2023)) == len(standing(home, 2024)) == 1


def test_a_run_is_told_of_once_though_the_command_and_the_sensor_see_it_end(home, postbox):
    assert len(tell(home, run("a"), [BLOCKED])) == 1
    assert tell(home, run("a"), [BLOCKED]) == []
    assert len(standing(home)) == len(postbox.letters) == 1


def test_a_run_that_ends_well_after_another_is_no_news(home):
    assert tell(home, run("a"), []) == []
    assert not home.alerts.read_text(encoding="utf-8")


def test_a_line_cut_off_by_a_broken_machine_is_passed_over_and_said(home, logged):
    tell(home, run("a"), [BLOCKED])
    with home.alerts.open("a", encoding="utf-8") as file:
        file.write('{"at": "2024-12-01T00:00:00+00:00", "ru\n')
    tell(home, run("b", year=2023), [BROKEN])
    assert [a.run.id for a in standing(home)] == ["b", "a"]
    assert "line 2 cannot be read" in logged()


# -- mail ------------------------------------------------------------------------------------------


def test_a_mail_says_in_both_languages_what_failed_to_everybody_named(home, postbox):
    tell(home, run("a"), [BLOCKED, BROKEN])
    ((recipients, letter),) = postbox.letters
    assert recipients == ["ke@example.org", "zhou@example.org"]
    assert letter["Subject"] == "nianbao: qingyang、city_gate"
    body = letter.get_content()
    for words in ("庆阳市关卡未通过", "Qingyang: not published.", "2024", "RuleDidNotRun", "总览"):
        assert words in body


def test_only_what_is_new_is_mailed(home, postbox):
    tell(home, run("a"), [BLOCKED])
    tell(home, run("b"), [BLOCKED])
    assert len(postbox.letters) == 1
    tell(home, run("c"), [BLOCKED, BROKEN])
    assert "city_gate" in postbox.bodies[1] and "qingyang" not in postbox.bodies[1]
    tell(home, run("d"), [])
    assert len(postbox.letters) == 2
    tell(home, run("e"), [BLOCKED])
    assert len(postbox.letters) == 3


def test_a_server_that_is_down_costs_a_line_in_the_log_and_nothing_else(home, mailing, logged):
    port = free_port()
    mailing(port)
    tell(home, run("a"), [BLOCKED])
    assert [a.trouble for a in standing(home)] == [BLOCKED]
    assert f"127.0.0.1:{port}" in logged() and "The mail was not sent" in logged()


def test_a_server_that_refuses_everybody_is_a_line_in_the_log(home, mailing, logged):
    class Refusing(Postbox):
        async def handle_RCPT(self, server, session, envelope, address, rcpt_options):
            return "550 no such person"

    port = free_port()
    server = Controller(Refusing(), hostname="127.0.0.1", port=port)
    server.start()
    mailing(port)
    tell(home, run("a"), [BLOCKED])
    server.stop()
    assert "no such person" in logged()
    assert len(standing(home)) == 1


@pytest.fixture
def guarded(mailing):
    """A server that takes mail only from whoever signs in."""

    def check(server, session, envelope, mechanism, given):
        is_known = isinstance(given, LoginPassword) and given.password.decode() == PASSWORD
        is_known = is_known and given.login == b"nianbao@example.org"
        return AuthResult(success=is_known, handled=False)  # the server itself says no

    box, port = Postbox(), free_port()
    server = Controller(
        box,
        hostname="127.0.0.1",
        port=port,
        authenticator=check,
        auth_require_tls=False,
    )
    server.start()
    mailing(port, password_from="NIANBAO_MAIL_PASSWORD")
    yield box
    server.stop()


def test_the_password_comes_from_the_environment(home, guarded, monkeypatch, logged):
    monkeypatch.setenv("NIANBAO_MAIL_PASSWORD", PASSWORD)
    tell(home, run("a"), [BLOCKED])
    assert len(guarded.letters) == 1, logged()
    assert PASSWORD not in logged() + home.alerts.read_text(encoding="utf-8")


@pytest.mark.parametrize("given", [None, "wrong"])
def test_without_the_right_password_the_log_says_so(home, guarded, monkeypatch, logged, given):
    if given:
        monkeypatch.setenv("NIANBAO_MAIL_PASSWORD", given)
    tell(home, run("a"), [BLOCKED])
    assert guarded.letters == []
    assert ("The mail was not sent" if given else "NIANBAO_MAIL_PASSWORD") in logged()
    assert len(standing(home)) == 1


def test_settings_that_are_wrong_cost_the_mail_and_not_the_alert(home, logged):
    home.settings.write_text("mail: [1]\n", encoding="utf-8")
    tell(home, run("a"), [BLOCKED])
    assert len(standing(home)) == 1
    assert "settings.yml" in logged()


@pytest.mark.parametrize(
    ("mail", "place"),
    [
        ({"host": "h", "sender": "s"}, "mail.recipients"),
        ({"host": "h", "sender": "s", "recipients": "a@b"}, "mail.recipients"),
        ({"host": "h", "sender": "s", "recipients": ["a"], "tls": False}, "mail.tls"),
        ({"host": "h", "sender": "s", "recipients": ["a"], "port": "x"}, "mail.port"),
        ({"host": "h", "sender": "s", "recipients": ["a"], "password": "p"}, "mail.password"),
        ("smtp.example.org", "mail"),
    ],
)
def test_a_wrong_setting_is_named_with_its_place(home, mail, place):
    home.settings.write_text(yaml.safe_dump({"mail": mail}), encoding="utf-8")
    with pytest.raises(BadSettings) as refused:
        settings(home)
    assert str(refused.value).startswith(f"{home.settings} {place}：")
    assert "password_from" in refused.value.said.zh and "Mail's keys" in refused.value.said.en


def test_readers_before_a_release_are_a_list_of_accounts(home):
    assert settings(home).pre_release_readers == ()
    home.settings.write_text("pre_release_readers: [qian, li]\n", encoding="utf-8")
    assert settings(home).pre_release_readers == ("qian", "li")
    for wrong in ("qian", "[1]", "{qian: yes}"):
        home.settings.write_text(f"pre_release_readers: {wrong}\n", encoding="utf-8")
        with pytest.raises(BadSettings, match="pre_release_readers"):
            settings(home)


def test_the_port_is_the_usual_one_of_its_encryption(home):
    mail = {"host": "h", "sender": "s", "recipients": ["a@example.org"]}
    for tls, port in {None: 587, "starttls": 587, "implicit": 465, "none": 25}.items():
        given = mail | ({"tls": tls} if tls else {})
        home.settings.write_text(yaml.safe_dump({"mail": given, "time_zone": "Asia/Urumqi"}))
        assert settings(home).mail.place == ("h", port)


# -- the log ---------------------------------------------------------------------------------------


def test_the_log_is_in_utc_and_names_module_and_process(home, logged):
    logging.getLogger("orchestration.intake.batch").info("一行 a line")
    logging.getLogger("elsewhere").warning("a library warns")
    logging.getLogger("elsewhere").info("a library chats")
    first, second = logged().splitlines()
    assert first.endswith(" orchestration.intake.batch 一行 a line")
    assert first[10] == "T" and first.split()[0].endswith("Z") and " INFO " in first
    assert "a library warns" in second


def test_the_terminal_hears_what_is_wrong_and_the_progress_of_a_run(home, capsys):
    log.configure(home)
    logging.getLogger("orchestration.gate").info("quiet")
    logging.getLogger("orchestration.gate").warning("loud")
    logging.getLogger(log.PROGRESS).info("  ✓ raw_workbooks")
    shown = capsys.readouterr()
    assert shown.out == "  ✓ raw_workbooks\n"
    assert shown.err == "loud\n"
    assert alerts.standing(home) == []


def test_a_file_that_another_process_rotated_is_opened_anew(home, logged):
    logging.getLogger("orchestration").info("before")
    home.log.rename(home.log.with_name("nianbao.log.1"))
    logging.getLogger("orchestration").info("after")
    assert [line.split()[-1] for line in logged().splitlines()] == ["after"]


def test_a_setting_that_there_is_not_is_refused_with_those_that_there_are(home):
    home.settings.write_text("timezone: Asia/Shanghai\n", encoding="utf-8")
    with pytest.raises(BadSettings, match="time_zone"):
        settings(home)
