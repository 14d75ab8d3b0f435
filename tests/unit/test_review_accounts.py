import json
import sqlite3
import threading

import pytest
from argon2 import PasswordHasher
from workbooks import CITY

from orchestration.ground.ledger import open_ledger
from orchestration.web.accounts import passwords
from orchestration.web.accounts.store import (
    IDLE_SECONDS,
    LOCKED_SECONDS,
    MAX_FAILURES,
    SESSION_SECONDS,
    AccountRefused,
    Accounts,
    command_actor,
)

GOOD = "correct horse battery"
CHEAP = {"time_cost": 1, "memory_cost": 8, "parallelism": 1}


class Clock:
    now = 1_700_000_000.0

    def __call__(self):
        return self.now


@pytest.fixture(autouse=True)
def fast_hashes(monkeypatch):
    monkeypatch.setattr(passwords, "_HASHER", PasswordHasher(**CHEAP))


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def accounts(home, clock):
    accounts = Accounts(home, clock)
    yield accounts
    accounts.close()


@pytest.fixture
def li(accounts):
    """A steward `li` whose password is `GOOD`, signed in."""
    once = accounts.add("li", "steward", ["*"], "root")
    token = accounts.sign_in("li", once, "zh")
    accounts.change_password(token, once, GOOD)
    return token


def events(home, kind=None):
    with open_ledger(home) as ledger:
        found = list(ledger.events(kind) if kind else ledger.events())
    return [(event["kind"], event["actor"], event["payload"]) for event in found]


def column(home, name, table="users"):
    with sqlite3.connect(home.accounts) as connection:
        return [row[0] for row in connection.execute(f"select {name} from {table}")]


def fail(accounts, name="li", times=1):
    for _ in range(times):
        with pytest.raises(AccountRefused):
            accounts.sign_in(name, "wrong", "zh")


def test_the_first_administrator_is_made_once(accounts):
    password = accounts.make_first("command:me")
    (account,) = accounts.all()
    assert (account.name, account.role, account.cities) == ("admin", "administrator", ("*",))
    assert account.must_change_password
    assert accounts.sign_in("admin", password, "zh")
    assert accounts.make_first("command:me") is None


def test_a_steward_added_first_does_not_leave_the_home_without_an_administrator(accounts):
    accounts.add("li", "steward", ["*"], "command:me")
    assert accounts.make_first("command:me")


@pytest.mark.parametrize("name", ["a", "a" * 33, "李明", "a b", "a/b", "", "a\n", "x:y"])
def test_a_name_of_other_characters_is_refused(accounts, name):
    with pytest.raises(AccountRefused, match="用户名"):
        accounts.add(name, "viewer", ["*"], "root")


@pytest.mark.parametrize("name", ["school", "Annual_Run", "intake"])
def test_a_name_that_the_ledger_uses_itself_is_refused(accounts, name):
    with pytest.raises(AccountRefused, match="reserved"):
        accounts.add(name, "viewer", ["*"], "root")


def test_a_name_is_taken_in_upper_case_too(accounts, li):
    with pytest.raises(AccountRefused, match="already"):
        accounts.add("LI", "viewer", ["*"], "root")
    assert accounts.session(accounts.sign_in("LI", GOOD, "zh")).account.name == "li"


def test_roles_cities_and_display_names_are_checked(accounts):
    for role, cities, shown in [
        ("chief", ["*"], ""),
        ("viewer", ["nowhere"], ""),
        ("viewer", [], ""),
        ("viewer", ["*"], "a" * 65),
        ("viewer", ["*"], "a\u202eb"),
    ]:
        with pytest.raises(AccountRefused):
            accounts.add("li", role, cities, "root", shown)
    assert accounts.all() == []


def test_an_administrator_sees_every_city(accounts):
    accounts.add("boss", "administrator", [], "root")
    assert accounts.all()[0].cities == ("*",)


def test_five_failures_lock_for_fifteen_minutes_even_against_the_right_password(
    accounts, li, home, clock
):
    fail(accounts, times=MAX_FAILURES)
    with pytest.raises(AccountRefused):
        accounts.sign_in("li", GOOD, "zh")
    assert accounts.all()[0].is_locked
    assert [(who, what["account"]) for _, who, what in events(home, "account_locked")] == [
        ("li", "li")
    ]
    clock.now += LOCKED_SECONDS - 1
    fail(accounts)
    clock.now += 1
    assert accounts.sign_in("li", GOOD, "zh")
    assert not accounts.all()[0].is_locked


def test_only_failures_in_a_row_lock(accounts, li):
    for _ in range(3):
        fail(accounts, times=MAX_FAILURES - 1)
        assert accounts.sign_in("li", GOOD, "zh")


def test_after_a_lock_the_count_begins_anew(accounts, li, clock):
    fail(accounts, times=MAX_FAILURES)
    clock.now += LOCKED_SECONDS
    fail(accounts, times=MAX_FAILURES - 1)
    assert accounts.sign_in("li", GOOD, "zh")


def test_guesses_at_the_same_time_do_not_outrun_the_count(accounts, li, monkeypatch):
    looked_at = []
    monkeypatch.setattr(passwords, "matches", lambda known, _: looked_at.append(known) or False)
    own = column(accounts._home, "password_hash")[0]
    guesses = [threading.Thread(target=fail, args=(accounts,)) for _ in range(12)]
    for guess in guesses:
        guess.start()
    for guess in guesses:
        guess.join()
    assert looked_at.count(own) == MAX_FAILURES
    assert len(looked_at) == 12


def test_an_unknown_name_costs_a_verification_and_says_the_same(accounts, li, monkeypatch):
    verified = []
    matches = passwords.matches
    monkeypatch.setattr(
        passwords, "matches", lambda *given: verified.append(given) or matches(*given)
    )
    said = set()
    for name in ("li", "nobody"):
        with pytest.raises(AccountRefused) as refused:
            accounts.sign_in(name, "wrong", "zh")
        said.add(str(refused.value))
    assert len(said) == 1
    assert len(verified) == 2


@pytest.mark.parametrize("seconds", [IDLE_SECONDS, SESSION_SECONDS])
def test_a_session_ends_when_it_is_idle(accounts, li, clock, seconds):
    assert accounts.session(li)
    clock.now += seconds
    assert accounts.session(li) is None


def test_a_session_in_use_ends_after_twelve_hours(accounts, li, clock):
    for _ in range(SESSION_SECONDS // 1800 - 1):
        clock.now += 1800
        assert accounts.session(li)
    clock.now += 1800
    assert accounts.session(li) is None


def test_ended_sessions_are_swept_at_the_next_sign_in(accounts, li, home, clock):
    clock.now += SESSION_SECONDS
    accounts.sign_in("li", GOOD, "zh")
    assert len(column(home, "token_hash", "sessions")) == 1


def test_signing_out_ends_the_session(accounts, li):
    accounts.sign_out(li)
    assert accounts.session(li) is None
    accounts.sign_out(li)


def test_a_password_change_ends_the_other_sessions_only(accounts, li):
    other = accounts.sign_in("li", GOOD, "en")
    accounts.change_password(li, GOOD, "another good one")
    assert accounts.session(li)
    assert accounts.session(other) is None


def test_disabling_ends_the_sessions_and_says_so_to_who_knows_the_password(accounts, li):
    accounts.make_first("root")
    accounts.disable("li", "admin")
    assert accounts.session(li) is None
    with pytest.raises(AccountRefused, match="停用"):
        accounts.sign_in("li", GOOD, "zh")
    with pytest.raises(AccountRefused, match="不正确"):
        accounts.sign_in("li", "wrong", "zh")
    accounts.enable("li", "admin")
    assert accounts.session(li) is None
    assert accounts.sign_in("li", GOOD, "zh")


def test_a_session_of_a_disabled_account_counts_for_nothing(accounts, li, home):
    with sqlite3.connect(home.accounts) as connection:
        connection.execute("update users set is_disabled = 1")
    assert accounts.session(li) is None


def test_a_reset_ends_sessions_and_the_lock(accounts, li):
    fail(accounts, times=MAX_FAILURES)
    once = accounts.reset_password("li", "admin")
    assert accounts.session(li) is None
    session = accounts.session(accounts.sign_in("li", once, "zh"))
    assert session.account.must_change_password


@pytest.mark.parametrize(
    ("new", "why"), [("short", "10"), ("x" * 201, "200"), ("steward.li", "用户名"), (GOOD, "不同")]
)
def test_a_weak_password_is_refused(new, why):
    against = passwords.objection("Steward.Li", GOOD, new)
    assert why in against.zh
    assert against.en


def test_the_present_password_is_asked_for_and_guessing_it_locks(accounts, li):
    for _ in range(MAX_FAILURES):
        with pytest.raises(AccountRefused):
            accounts.change_password(li, "wrong", "a good new one")
    assert accounts.all()[0].is_locked


@pytest.mark.parametrize("act", ["disable", "demote"])
def test_one_enabled_administrator_remains(accounts, act):
    accounts.make_first("root")
    with pytest.raises(AccountRefused, match="管理员"):
        if act == "disable":
            accounts.disable("admin", "admin")
        else:
            accounts.change("admin", "viewer", ["*"], "admin")
    assert accounts.all()[0].role == "administrator"
    assert not accounts.all()[0].is_disabled


@pytest.mark.parametrize("act", ["disable", "enable", "reset_password"])
def test_nobody_cannot_be_changed(accounts, home, act):
    accounts.make_first("root")
    with pytest.raises(AccountRefused, match="nobody"):
        getattr(accounts, act)("nobody", "admin")
    assert len(events(home)) == 1


def test_a_password_is_hashed_again_when_the_parameters_changed(accounts, li, home, monkeypatch):
    (before,) = column(home, "password_hash")
    stronger = PasswordHasher(**CHEAP | {"time_cost": 2})
    monkeypatch.setattr(passwords, "_HASHER", stronger)
    accounts.sign_in("li", GOOD, "zh")
    (after,) = column(home, "password_hash")
    assert before != after
    assert "t=2" in after


def test_passwords_are_argon2_hashes_with_its_defaults(monkeypatch):
    monkeypatch.undo()
    assert passwords.hashed(GOOD).startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert not passwords.matches("not a hash", GOOD)


def test_no_secret_is_in_any_file(accounts, home):
    once = accounts.make_first("root")
    token = accounts.sign_in("admin", once, "zh")
    accounts.change_password(token, once, GOOD)
    again = accounts.reset_password("admin", "admin")
    token2 = accounts.sign_in("admin", again, "zh")
    accounts.close()
    content = b"".join(path.read_bytes() for path in home.root.rglob("*") if path.is_file())
    for secret in (once, token, GOOD, again, token2):
        assert secret.encode() not in content
    assert home.accounts.stat().st_mode & 0o077 == 0


def test_every_change_is_an_event_with_its_actor(accounts, home):
    once = accounts.make_first("command:root")
    token = accounts.sign_in("admin", once, "zh")
    accounts.change_password(token, once, GOOD)
    accounts.add("li", "steward", [CITY], "admin", "李明")
    accounts.change("li", "approver", ["*"], "admin", "李明")
    accounts.disable("li", "admin")
    accounts.reset_password("li", "admin")
    accounts.sign_out(token)
    facts = {"display_name": "李明", "role": "steward", "cities": [CITY]}
    assert events(home)[1:] == [
        ("signed_in", "admin", {"account": "admin"}),
        ("password_changed", "admin", {"account": "admin", "is_reset": False}),
        ("account_created", "admin", {"account": "li", **facts}),
        (
            "account_changed",
            "admin",
            {"account": "li", **facts, "role": "approver", "cities": ["*"]},
        ),
        ("account_changed", "admin", {"account": "li", "is_disabled": True}),
        ("password_changed", "admin", {"account": "li", "is_reset": True}),
        ("signed_out", "admin", {"account": "admin"}),
    ]
    assert events(home)[0][:2] == ("account_created", "command:root")
    assert "argon2" not in json.dumps(events(home))


def test_nothing_changes_when_the_ledger_cannot_be_written(accounts, monkeypatch):
    def broken(*_):
        raise OSError("no space left")

    monkeypatch.setattr(Accounts, "_tell", broken)
    with pytest.raises(OSError, match="space"):
        accounts.make_first("root")
    assert accounts.all() == []


def test_who_uses_the_command_cannot_be_taken_for_an_account(monkeypatch):
    assert command_actor().startswith("command:")
    monkeypatch.setattr("getpass.getuser", lambda: (_ for _ in ()).throw(KeyError("uid")))
    assert command_actor().startswith("command:")
