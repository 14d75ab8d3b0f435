import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from playwright.sync_api import expect, sync_playwright

from orchestration.ground.home import REPOSITORY

# Debian's Chromium; GPU, QUIC and calls home off, as on a machine without display and network.
ARGUMENTS = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
]
PASSWORD = "correct horse battery"


class Site:
    """The stewards' pages as a person starts and uses them."""

    def __init__(self, root, browser, pictures):
        self.root, self.browser, self.pictures = root, browser, pictures
        environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
        self.server = subprocess.Popen(
            [sys.executable, "-u", "-m", "orchestration.cli", "review", "--port", "0"],
            cwd=REPOSITORY,
            env={**environment, "NIANBAO_HOME": str(root)},
            stdout=subprocess.PIPE,
            text=True,
        )
        self.said = ""
        while "http://" not in self.said:
            self.said += self.server.stdout.readline()
        self.address = re.search(r"http://127\.0\.0\.1:\d+", self.said)[0]

    def first_password(self):
        while "one-time password" not in self.said:
            self.said += self.server.stdout.readline()
        return re.search(r"one-time password (\S+)", self.said)[1]

    def sign_in(self, name, password):
        """Return a page of a browser of one's own, signed in; a one-time password is changed."""
        page = self.browser.new_context(
            locale="zh-CN", viewport={"width": 1200, "height": 900}
        ).new_page()
        page.set_default_timeout(60_000)
        page.goto(self.address)
        page.fill("[name=name]", name)
        page.fill("[name=password]", password)
        page.click("main button.primary")
        if page.url.endswith("/password"):
            page.fill("[name=old]", password)
            page.fill("[name=new]", PASSWORD)
            page.fill("[name=again]", PASSWORD)
            page.click("main button.primary")
            expect(page.locator(".notice")).to_contain_text("密码已修改")
        return page

    def picture(self, page, name):
        """Keep what a page looks like, for the docs."""
        page.screenshot(path=self.pictures / f"{name}.png", full_page=True)
        assert (self.pictures / f"{name}.png").stat().st_size > 10_000

    def stop(self):
        self.server.terminate()
        self.server.wait(timeout=20)


@pytest.fixture(scope="module")
def browser():
    names = ("chromium", "chromium-browser", "google-chrome")
    path = next(filter(None, map(shutil.which, names)), None)
    assert path, "apt-get install chromium fonts-noto-cjk"
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def pictures(tmp_path_factory):
    """Where pictures go: a temporary folder, or the docs when `make pictures` asks for it."""
    wanted = os.environ.get("NIANBAO_PICTURES")
    return Path(wanted) if wanted else tmp_path_factory.mktemp("pictures")
