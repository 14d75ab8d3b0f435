"""A browser without a screen, and a clock, for the tests of the web app."""

import re
import time

from starlette.testclient import TestClient

SITE = "http://localhost"
PASSWORD = "correct horse battery"


class Clock:
    """Seconds since 1970, as many as a test wants."""

    def __init__(self):
        self.now = time.time()

    def __call__(self):
        return self.now


class Browser(TestClient):
    """A browser that follows redirects and knows the token of the page it last opened."""

    def __init__(self, app):
        super().__init__(app, base_url=SITE, raise_server_exceptions=False)

    def token(self, path="/login"):
        return re.search(r'name="csrf" value="([^"]+)"', self.get(path).text)[1]

    def submit(self, path, page="/password", **fields):
        """Post a form as the page that holds it would."""
        fields = {"csrf": self.token(page), **fields}
        return self.post(path, data=fields, headers={"origin": SITE})

    def sign_in(self, name, password=PASSWORD, onward="/"):
        return self.submit("/login", "/login", name=name, password=password, next=onward)
