"""A home of two cities, its web app, a clock that the tests set, and browsers that signed in."""

import shutil

import pytest
from argon2 import PasswordHasher
from browsers import PASSWORD, Browser, Clock

from orchestration.home import REPOSITORY, Home
from orchestration.review import passwords
from orchestration.review.accounts import Accounts
from orchestration.review.app import build_app


@pytest.fixture(autouse=True)
def fast_hashes(monkeypatch):
    cheap = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    monkeypatch.setattr(passwords, "_HASHER", cheap)


@pytest.fixture
def home(tmp_path):
    home = Home(tmp_path / "home")
    home.create()
    for city in ("qingyang", "baoji"):
        shutil.copytree(REPOSITORY / "cities" / city, home.cities / city)
    return home


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def accounts(home, clock):
    accounts = Accounts(home, clock)
    yield accounts
    accounts.close()


@pytest.fixture
def app(home, accounts):
    return build_app(home, accounts=accounts)


@pytest.fixture
def browser(app):
    return Browser(app)


@pytest.fixture
def member(accounts):
    """Return a function that adds an account whose password is `PASSWORD`."""

    def add(name, role, cities=("*",), display_name=""):
        once = accounts.add(name, role, list(cities), "test", display_name)
        token = accounts.sign_in(name, once, "zh")
        accounts.change_password(token, once, PASSWORD)
        accounts.sign_out(token)
        return name

    return add


@pytest.fixture
def signed_in(app, member):
    """Return a function that gives a browser signed in with a role: `signed_in("steward")`."""

    def open_browser(role, cities=("*",), name=None, display_name=""):
        browser = Browser(app)
        browser.sign_in(member(name or f"a.{role}", role, cities, display_name))
        return browser

    return open_browser
