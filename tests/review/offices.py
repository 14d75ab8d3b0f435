"""A copy of the story's home with its pages, and browsers of people who work there."""

import shutil

from browsers import PASSWORD, SITE, Browser
from story import CITY, YEAR

from orchestration.editions.history import city_year
from orchestration.ground.home import Home
from orchestration.ground.ledger import open_ledger
from orchestration.web.accounts.store import Accounts
from orchestration.web.app import build_app


class Office:
    """A home with its app, and browsers of people who work there."""

    def __init__(self, root, like):
        self.home = Home(root / "home")
        shutil.copytree(like.root, self.home.root)
        self.accounts = Accounts(self.home)
        self.app = build_app(self.home, accounts=self.accounts)
        self.inside = {}

    def browser(self, role, cities=("*",), name=None):
        name = name or f"a.{role}.{'all' if '*' in cities else '.'.join(cities)}"
        if name not in self.inside:
            once = self.accounts.add(name, role, list(cities), "test")
            token = self.accounts.sign_in(name, once, "zh")
            self.accounts.change_password(token, once, PASSWORD)
            browser = Browser(self.app)
            browser.sign_in(name)
            self.inside[name] = browser
        browser = self.inside[name]
        browser.post("/language", data={"language": "zh"}, headers={"origin": SITE})
        return browser

    def editions(self):
        with open_ledger(self.home) as ledger:
            return [(e.number, e.state) for e in city_year(self.home, ledger, CITY, YEAR).editions]

    def events(self, kind):
        with open_ledger(self.home) as ledger:
            return list(ledger.events(kind))
