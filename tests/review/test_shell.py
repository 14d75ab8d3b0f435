"""Everything around the pages: signing in, what is refused, what every response carries."""

import html
import json
import re
import shutil
from importlib.metadata import version
from urllib.parse import parse_qs, quote, urljoin, urlsplit

import anyio
import pytest
from browsers import PASSWORD, SITE, Browser
from hypothesis import example, given
from hypothesis import strategies as st
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from typer.testing import CliRunner

from orchestration.cli import app as command
from orchestration.ground.ledger import open_ledger
from orchestration.ground.text import Language, NianbaoError, Text
from orchestration.web import app as composing
from orchestration.web.accounts.roles import Role
from orchestration.web.accounts.store import IDLE_SECONDS, LOCKED_SECONDS, MAX_FAILURES, Accounts
from orchestration.web.entry import account_pages
from orchestration.web.entry import sign_in as entry
from orchestration.web.frame import drawing
from orchestration.web.frame.addresses import here, same_site_path, url
from orchestration.web.frame.page import download, form, page, redirect, render
from orchestration.web.frame.security import MAX_BODY_BYTES, Refusal
from orchestration.web.frame.visitor import Visitor

WRONG = "用户名或密码不正确"


@pytest.fixture
def app(home, accounts, monkeypatch):
    """Return the app without the pages on data."""
    monkeypatch.setattr(composing, "PAGES", (account_pages, entry))
    return composing.build_app(home, accounts=accounts)


def add_route(app, path, endpoint, **options):
    app.router.routes.insert(0, Route(path, endpoint, **options))


def at(response):
    return urlsplit(str(response.url)).path


# Signing in and out


def test_signing_in_leads_to_the_page_that_was_asked_for(browser, member):
    member("boss", "administrator")
    answer = browser.get("/accounts?x=1")
    assert at(answer) == "/login"
    onward = parse_qs(urlsplit(str(answer.url)).query)["next"][0]
    assert onward == "/accounts?x=1"
    answer = browser.sign_in("boss", onward=onward)
    assert answer.status_code == 200
    assert str(answer.url) == f"{SITE}/accounts?x=1"
    assert at(browser.get("/login?next=/password")) == "/password"


@pytest.mark.parametrize("name", ["li", "nobody", "", "x" * 500, "li\x00"])
def test_a_wrong_sign_in_says_the_same_for_every_name(browser, member, name):
    member("li", "steward")
    answer = browser.sign_in(name, "wrong")
    assert answer.status_code == 401
    assert WRONG in answer.text
    assert at(browser.get("/")) == "/login"


def test_a_lock_holds_for_fifteen_minutes(browser, member, clock):
    member("li", "steward")
    for _ in range(MAX_FAILURES):
        browser.sign_in("li", "wrong")
    locked = browser.sign_in("li")
    assert (locked.status_code, WRONG in locked.text) == (401, True)
    clock.now += LOCKED_SECONDS
    assert browser.sign_in("li").status_code == 200


def test_a_one_time_password_has_to_be_changed_before_anything_else(browser, accounts):
    once = accounts.make_first("command:root")
    assert at(browser.sign_in("admin", once, "/accounts")) == "/password"
    assert at(browser.get("/accounts")) == "/password"
    answer = browser.submit("/accounts/add", name="eve", role="viewer", city="*")
    assert at(answer) == "/password"
    for new, again in [("short", "short"), (PASSWORD, PASSWORD + "x")]:
        answer = browser.submit("/password", old=once, new=new, again=again)
        assert (answer.status_code, 'role="alert"' in answer.text) == (400, True)
    answer = browser.submit("/password", old=once, new=PASSWORD, again=PASSWORD)
    assert (answer.status_code, "密码已修改" in answer.text) == (200, True)
    assert "密码已修改" not in browser.get("/password").text
    assert browser.get("/accounts").status_code == 200
    assert [account.name for account in accounts.all()] == ["admin"]


def test_signing_out_ends_the_session_on_the_server(signed_in):
    browser = signed_in("steward")
    kept = browser.cookies["nianbao_session"]
    assert at(browser.submit("/logout")) == "/login"
    browser.cookies.set("nianbao_session", kept)
    assert at(browser.get("/")) == "/login"


def test_an_idle_session_ends(signed_in, clock):
    browser = signed_in("steward")
    clock.now += IDLE_SECONDS
    assert at(browser.get("/")) == "/login"


def test_after_an_ended_session_a_form_leads_back_to_its_page(signed_in, clock):
    browser = signed_in("administrator")
    token = browser.token("/accounts")
    clock.now += IDLE_SECONDS
    headers = {"origin": SITE, "referer": f"{SITE}/accounts?x=1"}
    answer = browser.post("/accounts/add", data={"csrf": token}, headers=headers)
    assert str(answer.url) == f"{SITE}/login?next={quote('/accounts?x=1', safe='')}"


def test_disabling_ends_a_session_in_the_middle(signed_in, accounts):
    browser = signed_in("steward")
    assert at(browser.get("/")) == "/"
    accounts.make_first("root")
    accounts.disable("a.steward", "admin")
    assert at(browser.get("/")) == "/login"


def test_a_session_cookie_is_for_this_host_and_no_script(app, member):
    member("li", "steward")
    for scheme in ("http", "https"):
        browser = Browser(app)
        browser.base_url = f"{scheme}://localhost"
        browser.follow_redirects = False
        fields = {"csrf": browser.token(), "name": "li", "password": PASSWORD}
        cookie = browser.post("/login", data=fields).headers["set-cookie"].lower()
        assert "httponly" in cookie
        assert "samesite=lax" in cookie
        assert "domain" not in cookie
        assert "max-age" not in cookie
        assert ("secure" in cookie) == (scheme == "https")


def test_the_token_of_a_session_is_new_at_every_sign_in(app, member):
    member("li", "steward")
    tokens = set()
    for _ in range(2):
        browser = Browser(app)
        browser.cookies.set("nianbao_session", "planted", domain="localhost.local")
        browser.sign_in("li")
        tokens |= {cookie.value for cookie in browser.cookies.jar if "session" in cookie.name}
    assert len(tokens - {"planted"}) == 2
    assert app.state.accounts.session("planted") is None


# Where `next` may lead


@pytest.mark.parametrize(
    "path",
    [
        *(
            "//evil.example",
            "///evil.example",
            "/\\evil.example",
            "\\\\evil.example",
            "",
            "accounts",
        ),
        *("https://evil.example", "javascript:alert(1)", "/\t/evil.example", "/\n/evil.example"),
        *("/x\r\nSet-Cookie: a=b", " /accounts", "@evil.example", "http:/evil.example", "/a\\b"),
    ],
)
def test_next_does_not_lead_to_another_site(browser, member, path):
    member("li", "steward")
    browser.follow_redirects = False
    token = browser.token("/login?" + "next=" + quote(path))
    fields = {"csrf": token, "name": "li", "password": PASSWORD, "next": path}
    answer = browser.post("/login", data=fields)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    answer = browser.post("/language", data={"language": "en", "next": path})
    assert (answer.status_code, answer.headers["location"]) == (303, "/")


@given(st.text(alphabet="/\\.:@%?#;&=\t\n\r\x00 ahtps文", max_size=12) | st.text())
@example("/\\/evil")
@example("//evil")
def test_a_path_never_leaves_the_site(text):
    path = same_site_path(text)
    # As a browser reads it: outer blanks and inner tabs and line ends go, \ is /.
    seen = re.sub(r"[\t\r\n]", "", path.strip("".join(map(chr, range(33))))).replace("\\", "/")
    assert urlsplit(urljoin(f"{SITE}/login", seen))[:2] == ("http", "localhost")
    assert seen == path
    assert path in (text, "/")


# What a POST has to bring


@pytest.fixture
def changes(app, member):
    """Return what a POST did that needs a session: the texts that it wrote."""
    written = []

    def write(request, visitor):
        written.append((visitor.name, form(request).get("text")))
        return redirect(request, "/", Text("已记录。", "Recorded."))

    add_route(app, "/write", page(write, role="steward"), methods=["POST"])
    return written


def test_a_form_of_the_page_is_taken(signed_in, changes):
    answer = signed_in("steward").submit("/write", text="甲 & 乙+1")
    assert (answer.status_code, "已记录。" in answer.text) == (200, True)
    assert changes == [("a.steward", "甲 & 乙+1")]


@pytest.mark.parametrize("token", [None, "", "forged", "甲"])
def test_a_form_without_the_token_is_refused(signed_in, changes, token):
    fields = {"text": "x"} | ({"csrf": token} if token is not None else {})
    answer = signed_in("steward").post("/write", data=fields, headers={"origin": SITE})
    assert (answer.status_code, "页面已过期" in answer.text) == (403, True)
    assert changes == []


def test_the_token_of_another_session_is_refused(signed_in, changes):
    mine, other = signed_in("steward", name="li"), signed_in("steward", name="wang")
    answer = mine.post("/write", data={"text": "x", "csrf": other.token("/password")})
    assert answer.status_code == 403
    assert changes == []


def test_a_stranger_needs_a_token_to_sign_in(browser, member):
    member("li", "steward")
    fields = {"name": "li", "password": PASSWORD, "csrf": "x"}
    assert browser.post("/login", data=fields).status_code == 403
    browser.token()
    assert browser.post("/login", data=fields).status_code == 403


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": f"{SITE}:8401"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site", "origin": SITE},
    ],
)
def test_a_form_of_another_site_is_refused_even_with_the_token(signed_in, changes, headers):
    browser = signed_in("steward")
    fields = {"text": "x", "csrf": browser.token("/password")}
    answer = browser.post("/write", data=fields, headers=headers)
    assert (answer.status_code, "别的网站" in answer.text) == (403, True)
    assert changes == []
    assert browser.post("/language", data={"language": "en"}, headers=headers).status_code == 403


def test_a_body_that_is_too_large_is_refused(signed_in, changes):
    browser = signed_in("steward")
    token = browser.token("/password")
    answer = browser.post("/write", data={"csrf": token, "text": "x" * MAX_BODY_BYTES})
    assert answer.status_code == 413
    many = "&".join(["id=1"] * 20_000)
    form_type = {"content-type": "application/x-www-form-urlencoded"}
    answer = browser.post("/write", content=f"csrf={token}&{many}", headers=form_type)
    assert answer.status_code == 400
    fits = browser.post("/write", data={"csrf": token, "text": "x" * (MAX_BODY_BYTES - 200)})
    assert fits.status_code == 200


def test_other_bodies_are_refused(signed_in, changes):
    browser = signed_in("steward")
    token = browser.token("/password")
    assert browser.post("/write", json={"csrf": token}).status_code == 415
    assert browser.post("/write", data={"csrf": token}, files={"f": b"x"}).status_code == 415
    form_type = {"content-type": "application/x-www-form-urlencoded"}
    for body in (b"csrf=%ff", b"csrf=\xff"):
        assert browser.post("/write", content=body, headers=form_type).status_code == 400
    assert changes == []


# Roles


@pytest.mark.parametrize(
    ("role", "allowed"),
    [
        ("viewer", {"viewer"}),
        ("steward", {"viewer", "steward"}),
        ("approver", {"viewer", "steward", "approver"}),
        ("administrator", {"viewer", "administrator"}),
    ],
)
def test_a_role_opens_its_pages_only(app, signed_in, role, allowed):
    for name in ("viewer", "steward", "approver", "administrator"):
        add_route(app, f"/for/{name}", page(lambda *_: PlainTextResponse("in"), role=name))
    browser = signed_in(role)
    for name in ("viewer", "steward", "approver", "administrator"):
        answer = browser.get(f"/for/{name}")
        assert answer.status_code == (200 if name in allowed else 403), name
        assert name in allowed or "您的角色" in answer.text
    assert ("/accounts" in browser.get("/").text) == (role == "administrator")


def test_a_role_that_there_is_not_is_a_mistake_of_the_page():
    with pytest.raises(ValueError, match="chief"):
        page(lambda *_: None, role="chief")


def test_a_visitor_sees_their_cities():
    facts = {"display_name": "", "language": Language.zh, "csrf": ""}
    some = Visitor(name="li", role=Role.viewer, cities=("baoji",), **facts)
    every = Visitor(name="li", role=Role.viewer, cities=("*",), **facts)
    assert (some.may_see("baoji"), some.may_see("qingyang"), some.may_see("*")) == (1, 0, 0)
    assert every.may_see("qingyang")
    stranger = Visitor(name="", role=None, cities=(), **facts)
    assert not stranger.has("viewer")
    assert not stranger.may_see("baoji")


def test_a_changed_role_counts_at_once(signed_in, accounts):
    browser = signed_in("administrator")
    accounts.make_first("root")
    accounts.add("second", "administrator", ["*"], "root")
    accounts.change("a.administrator", "viewer", ["*"], "second")
    assert browser.get("/accounts").status_code == 403


# The accounts page


def test_an_administrator_manages_accounts(signed_in, accounts, app):
    browser = signed_in("administrator")
    fields = {"name": "li", "role": "steward", "city": ["baoji"], "display_name": "李明"}
    answer = browser.submit("/accounts/add", **fields)
    once = re.search(r"<code>([a-z0-9-]{19})</code>", answer.text)[1]
    assert once not in browser.get("/accounts").text
    assert at(Browser(app).sign_in("li", once)) == "/password"

    fields = {"name": "li", "act": "change", "role": "approver", "city": ["baoji", "qingyang"]}
    assert "已更改" in browser.submit("/accounts/change", **fields).text
    (account,) = [account for account in accounts.all() if account.name == "li"]
    assert (account.role, account.cities) == ("approver", ("baoji", "qingyang"))

    answer = browser.submit("/accounts/change", name="li", act="reset")
    assert re.search(r"<code>([a-z0-9-]{19})</code>", answer.text)[1] != once
    for act, is_disabled in [("disable", True), ("enable", False)]:
        browser.submit("/accounts/change", name="li", act=act)
        assert [a.is_disabled for a in accounts.all() if a.name == "li"] == [is_disabled]


def test_what_stands_against_a_change_is_said_and_what_was_typed_is_kept(signed_in):
    browser = signed_in("administrator")
    answer = browser.submit("/accounts/add", name="李", role="steward", display_name="李明")
    assert answer.status_code == 409
    assert "用户名须为" in answer.text
    assert 'value="李明"' in answer.text
    answer = browser.submit("/accounts/change", name="a.administrator", act="disable")
    assert "至少要有一名" in answer.text


def test_a_hostile_name_is_shown_as_text(signed_in, member, accounts):
    hostile = '<script>alert(1)</script>"><img src=x>'
    browser = signed_in("administrator", display_name=hostile)
    for path in ("/accounts", "/", "/nowhere", '/"><script>alert(1)</script>'):
        text = browser.get(path).text
        assert "<script" not in text
        assert "<img" not in text
    refused = browser.submit("/accounts/add", name=hostile, role="viewer", city="*").text
    assert "<script" not in refused
    assert "&lt;script&gt;alert(1)" in refused


def test_events_have_their_user_and_no_secret(signed_in, home):
    browser = signed_in("administrator")
    answer = browser.submit("/accounts/add", name="li", role="steward", city="*")
    once = re.search(r"<code>([a-z0-9-]{19})</code>", answer.text)[1]
    browser.submit("/logout")
    with open_ledger(home) as ledger:
        events = list(ledger.events())
        assert ledger.verify() == len(events)
    told = [(event["kind"], event["actor"]) for event in events[-3:]]
    who = "a.administrator"
    assert told == [("signed_in", who), ("account_created", who), ("signed_out", who)]
    text = json.dumps(events)
    assert not any(secret in text for secret in (once, PASSWORD, "argon2"))


# Languages


def test_a_stranger_and_a_member_can_change_the_language(browser, member):
    member("li", "steward")
    assert '<html lang="zh-CN">' in browser.get("/login").text
    change = {"language": "en", "next": "/login?next=%2Faccounts"}
    answer = browser.post("/language", data=change, headers={"origin": SITE})
    assert '<html lang="en">' in answer.text
    assert str(answer.url) == f"{SITE}/login?next=%2Faccounts"
    browser.sign_in("li")
    assert '<html lang="en">' in browser.get("/").text
    answer = browser.post("/language", data={"language": "zh", "next": "/password"})
    assert (at(answer), '<html lang="zh-CN">' in answer.text) == ("/password", True)
    browser.post("/language", data={"language": "xx"})
    assert '<html lang="zh-CN">' in browser.get("/").text


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_template_is_drawn_in_both_languages(language, signed_in, accounts):
    browser = signed_in("administrator")
    browser.post("/language", data={"language": language})
    chinese = browser.get("/accounts").text.count("角色")
    assert bool(chinese) == (language == "zh")
    missing = browser.get("/nowhere")
    assert (missing.status_code, "Not Found" in missing.text) == (404, language == "en")
    assert browser.get("/password").status_code == 200
    browser.submit("/logout")
    assert ("Sign in" in browser.get("/login").text) == (language == "en")


# What every response carries


def broken(*_):
    raise RuntimeError("a secret of the machine")


def test_every_response_carries_the_security_headers(app, signed_in):
    add_route(app, "/broken", page(broken))
    browser = signed_in("administrator")
    style = re.search(r'href="(/static/\w+/style.css)"', browser.get("/").text)[1]
    browser.follow_redirects = False
    seen = {
        200: browser.get("/accounts"),
        303: browser.get("/login"),
        400: browser.get("/", headers={"host": "evil.example"}),
        403: browser.post("/logout", data={"csrf": "forged"}),
        404: browser.get("/nowhere"),
        405: browser.get("/logout"),
        413: browser.post("/logout", data={"csrf": "x" * MAX_BODY_BYTES}),
        415: browser.post("/logout", json={}),
        500: browser.get("/broken"),
    }
    assert {answer.status_code: answer for answer in seen.values()}.keys() == seen.keys()
    for answer in [*seen.values(), browser.get(style), browser.get("/health")]:
        headers = answer.headers
        assert headers["content-security-policy"].startswith("default-src 'none'; style-src 'self'")
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "same-origin"
        assert headers["x-frame-options"] == "DENY"
        assert headers["cross-origin-opener-policy"] == "same-origin"
        is_static = answer.url.path == style
        assert ("immutable" if is_static else "no-store") in headers["cache-control"]


def test_an_error_page_says_nothing_of_the_machine(app, signed_in):
    add_route(app, "/broken", page(broken))
    answer = signed_in("viewer").get("/broken")
    assert (answer.status_code, "系统出错" in answer.text) == (500, True)
    assert "secret" not in answer.text
    assert "Traceback" not in answer.text


@pytest.mark.parametrize("language", list(Language))
def test_a_sentence_with_a_persons_own_words_is_said_in_one_language(app, signed_in, language):
    def refuse(request, visitor):
        words = "甲。乙 and more. 丙。"
        raise Refusal.of(409, NianbaoError(f"没有“{words}”这一项。", f"There is no '{words}'."))

    add_route(app, "/refuse", page(refuse))
    browser = signed_in("viewer")
    browser.post("/language", data={"language": language})
    text = html.unescape(browser.get("/refuse").text)
    said = {"zh": "<p>没有“甲。乙 and more. 丙。”这一项。</p>"}
    said |= {"en": "<p>There is no '甲。乙 and more. 丙。'.</p>"}
    assert [one for one in said if said[one] in text] == [language]


def test_the_software_says_its_version_on_every_page(browser):
    assert f"版本 {version('nianbao')}" in browser.get("/login").text


def test_an_error_page_needs_no_accounts(app, browser, monkeypatch):
    def gone(*_):
        raise OSError("the disk is gone")

    browser.cookies.set("nianbao_session", "some")
    monkeypatch.setattr(Accounts, "session", gone)
    for path in ("/", "/nowhere", "/login"):
        answer = browser.get(path)
        assert (answer.status_code, "系统出错" in answer.text) == (500, True)


def test_a_refusal_of_a_page_is_a_page(app, signed_in):
    def refuse(request, visitor):
        raise Refusal(409, "<b>已变</b>", "changed")

    add_route(app, "/refuse", page(refuse))
    answer = signed_in("viewer").get("/refuse")
    assert (answer.status_code, "&lt;b&gt;已变" in answer.text) == (409, True)


@pytest.mark.parametrize(
    "host", ["evil.example", "localhost.evil.example", "localhost@evil.example", "", "[::1"]
)
def test_other_hosts_are_refused(browser, host):
    answer = browser.get("/login", headers={"host": host})
    assert (answer.status_code, "--host-name" in answer.text) == (400, True)


@pytest.mark.parametrize("hosts", [[b"localhost", b"evil.example"], [b"localhost"] * 2, []])
def test_a_request_that_names_two_hosts_or_none_is_refused(app, hosts):
    """What reads the first Host and what reads the last would disagree on whose request it is."""
    answer = []

    async def receive():
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message):
        answer.append(message)

    scope = {"type": "http", "method": "GET", "path": "/health", "raw_path": b"/health"}
    scope |= {"query_string": b"", "scheme": "http", "server": ("localhost", 80)}
    scope |= {"headers": [(b"host", host) for host in hosts]}
    anyio.run(app, scope, receive, send)
    assert answer[0]["status"] == 400
    assert "--host-name" in answer[1]["body"].decode()


def test_own_hosts_are_served(home, accounts):
    browser = Browser(composing.build_app(home, ["Nianbao.example"], accounts))
    for host in ("localhost:8400", "127.0.0.1", "[::1]", "[::1]:8400", "nianbao.EXAMPLE:80"):
        assert browser.get("/login", headers={"host": host}).status_code == 200


def test_head_and_options_are_answered(signed_in):
    browser = signed_in("administrator")
    answer = browser.head("/accounts")
    assert (answer.status_code, answer.text) == (200, "")
    assert browser.options("/accounts").status_code == 405
    assert "GET" in browser.options("/accounts").headers["allow"]
    assert browser.get("/health").text == "ok\n"


def test_pages_need_no_script(browser):
    text = browser.get("/login").text
    assert "<script" not in text
    assert "style=" not in text
    assert not re.search(r"\son\w+=", text)


def test_static_files_are_named_by_their_content(browser):
    path = drawing.static("style.css")
    assert browser.get(path).headers["content-type"].startswith("text/css")
    assert browser.get("/static/0000000000000000/style.css").status_code == 404
    for name in ("..%2fweb.py", "../web.py", "nothing.css"):
        assert browser.get(f"/static/{path.split('/')[2]}/{name}").status_code == 404


# What pages are built with


def test_addresses_are_encoded():
    assert url() == "/"
    assert url(2024, "a/b?c", q="甲 &", page=None, rule=["x", "y"]) == (
        "/2024/a%2Fb%3Fc?q=%E7%94%B2+%26&rule=x&rule=y"
    )
    for part in ("..", ".", ""):
        with pytest.raises(ValueError, match="segment"):
            url("static", part)


def test_here_changes_one_parameter_and_stays_on_the_site():
    scope = {"type": "http", "path": "//evil.example/甲", "query_string": b"q=%E7%94%B2&page=2&a=1"}
    changed = here(Request(scope | {"headers": []}))
    assert changed(page=3) == "/evil.example/%E7%94%B2?q=%E7%94%B2&a=1&page=3"
    assert changed(q=None, page=None, a="") == "/evil.example/%E7%94%B2"


@pytest.mark.parametrize(
    ("settings", "shown"),
    [("", "2025-01-01 00:30"), ("time_zone: Asia/Urumqi\n", "2024-12-31 22:30")],
)
def test_times_are_shown_to_the_minute_in_the_zone_of_the_home(home, settings, shown):
    pages = drawing.environments(home)
    home.settings.write_text(settings, encoding="utf-8")
    for language in Language:
        moment = pages[language].filters["moment"]
        assert moment("2024-12-31T16:30:59+00:00") == moment("2024-12-31T16:30:59") == shown
        assert moment(1735662659) == shown


def test_a_download_is_saved_and_never_shown(app, home, signed_in):
    (home.returned / "页.html").write_text("<script>alert(1)</script>")
    outside = home.root.parent / "outside.txt"
    outside.write_text("x")
    (home.returned / "link.txt").symlink_to(outside)

    def get(request, visitor):
        return download(request, home.returned / request.path_params["name"], "青阳.html")

    add_route(app, "/get/{name}", page(get))
    browser = signed_in("viewer")
    answer = browser.get("/get/页.html")
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["content-disposition"] == (
        "attachment; filename*=utf-8''%E9%9D%92%E9%98%B3.html"
    )
    assert browser.get("/get/link.txt").status_code == 404
    assert browser.get("/get/nothing").status_code == 404


def test_an_async_page_is_a_page_too(app, signed_in):
    async def later(request, visitor):
        texts = {"title": Text("题", "t"), "sentence": Text("句", "s")}
        return render(request, visitor, "message.html", **texts)

    add_route(app, "/later", page(later))
    assert "<h1>题</h1>" in signed_in("viewer").get("/later").text


def test_the_first_page_leads_to_no_year_that_nobody_is_expected_in(home, signed_in):
    browser = signed_in("viewer")
    assert "还没有" in browser.get("/").text
    home.inbox_year(2023).mkdir()
    home.inbox_year(2024).mkdir()
    assert "还没有" in browser.get("/").text


# The command


@pytest.fixture
def run(monkeypatch, home):
    """Run a command on the home, without serving; return what it printed."""
    monkeypatch.setattr("uvicorn.Server.run", lambda self, sockets: sockets[0].close())

    def invoke(*words):
        return CliRunner().invoke(command, [*words, "--home", str(home.root)])

    return invoke


def test_the_first_start_prints_the_one_time_password_once(run, home):
    first = run("review", "--port", "0")
    (password,) = set(re.findall(r"[a-z0-9]{4}(?:-[a-z0-9]{4}){3}", first.stdout))
    assert first.exit_code == 0
    assert re.search(r"http://127\.0\.0\.1:\d+/", first.stdout)
    assert Accounts(home).sign_in("admin", password, "zh")
    again = run("review", "--port", "0")
    assert again.exit_code == 0
    assert "admin" not in again.stdout


def test_a_start_without_cities_is_refused(run, home):
    shutil.rmtree(home.cities)
    answer = run("review", "--port", "0")
    assert answer.exit_code == 1
    assert "没有城市" in answer.output
    assert "holds no city" in answer.output
    assert not home.accounts.exists()


def test_a_taken_port_is_refused_and_shows_no_password(run, home):
    import socket

    with socket.create_server(("127.0.0.1", 0)) as taken:
        answer = run("review", "--port", str(taken.getsockname()[1]))
    assert answer.exit_code == 1
    assert "已被占用" in answer.output
    assert not home.accounts.exists()


def test_accounts_are_managed_from_the_command_line(run, home):
    answer = run("account", "add", "li", "--role", "steward", "--city", "qingyang")
    assert answer.exit_code == 0
    once = re.search(r"[a-z0-9]{4}(?:-[a-z0-9]{4}){3}", answer.stdout)[0]
    assert Accounts(home).sign_in("li", once, "zh")
    assert once not in run("account", "reset", "li").stdout
    assert "qingyang" in run("account", "list").stdout
    (listed,) = json.loads(run("account", "list", "--format", "json").stdout)
    assert (listed["name"], listed["role"]) == ("li", "steward")
    for words in (["add", "li", "--role", "x"], ["add", "li", "--role", "viewer"], ["reset", "x"]):
        assert run("account", *words).exit_code == 1


def test_broken_settings_are_told_on_the_page_that_cannot_be_shown(home, accounts, member):
    member("boss", "administrator")
    app = composing.build_app(home, accounts=accounts)
    shown = Browser(app)
    shown.sign_in("boss")
    home.settings.write_text("time_zone: Mars/Olympus\n", encoding="utf-8")
    answer = shown.get("/2024/deadlines")
    assert answer.status_code == 500
    assert "settings.yml：没有时区“Mars/Olympus”" in answer.text
    assert str(home.root) not in answer.text
