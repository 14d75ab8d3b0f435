"""The page for questions in SQL: who may ask, what is shown, what is kept and under whose name."""

import threading
import time

import duckdb
import pytest
from browsers import SITE

from orchestration.analysts.sql_query import Limits, Queries
from orchestration.ground.ledger import open_ledger
from orchestration.web.sql.questions import QuestionRefused, saved_questions, shipped_questions

SCRIPT = "<script>alert(1)</script>"
ENDLESS = "select count(*) from range(10000000) as a, range(10000000) as b"


@pytest.fixture
def published(home, app):
    with duckdb.connect(str(home.analyst_database)) as connection:
        connection.execute("create table fct_school as select 'qingyang' as city, 7 as enrolled")
        connection.execute(f"comment on table fct_school is '学校 {SCRIPT}'")
        connection.execute("comment on column fct_school.enrolled is '在校生数 Students'")
    return home


@pytest.fixture
def steward(published, signed_in):
    return signed_in("steward", ["qingyang"])


def ask(browser, sql, path="/sql", **fields):
    return browser.submit(path, sql=sql, **fields)


def wait_until_one_runs(queries):
    for _ in range(300):
        if not queries._slots._value:
            return
        time.sleep(0.05)
    raise AssertionError("no query started")


def test_a_stranger_is_asked_to_sign_in(published, browser):
    opened = browser.get("/sql?sql=select+1", follow_redirects=False)
    assert opened.headers["location"].startswith("/login")
    asked = browser.post("/sql", data={"sql": "select 1"}, follow_redirects=False)
    assert asked.headers["location"].startswith("/login")


@pytest.mark.parametrize("role", ["viewer", "steward", "approver", "administrator"])
def test_whoever_signed_in_may_ask_and_reads_that_it_is_open_to_all(published, signed_in, role):
    browser = signed_in(role, ["baoji"])
    page = ask(browser, "select city, enrolled * 6 as six from fct_school")
    assert page.status_code == 200
    assert "<td>qingyang</td>" in page.text and '<td class="number">42</td>' in page.text
    assert "所有城市的数据对每个登录的人公开" in page.text


def test_a_link_fills_in_a_statement_and_runs_nothing(steward, monkeypatch):
    monkeypatch.setattr(Queries, "table", None)
    page = steward.get("/sql", params={"sql": f"select '{SCRIPT}'"})
    assert page.status_code == 200
    assert "select &#39;&lt;script&gt;" in page.text and "<script" not in page.text
    assert 'class="list result' not in page.text


@pytest.mark.parametrize("path", ["/sql", "/sql/download", "/sql/save", "/sql/questions/x/remove"])
def test_a_forged_post_is_refused(steward, path):
    fields = {"sql": "select 1", "format": "csv", "title": "x"}
    forged = steward.post(path, data={"csrf": "guess", **fields}, headers={"origin": SITE})
    assert forged.status_code == 403
    token = steward.token("/sql")
    foreign = {"origin": "http://evil.example"}
    assert steward.post(path, data={"csrf": token, **fields}, headers=foreign).status_code == 403
    assert steward.get(path).status_code in {200, 405}


def test_cells_names_and_comments_are_text(steward):
    page = ask(steward, f"""select '{SCRIPT}' as "{SCRIPT}", null as nothing""")
    assert page.status_code == 200
    assert "<td>&lt;script&gt;alert(1)&lt;/script&gt;</td>" in page.text
    assert "<small>NULL</small>" in page.text
    assert "<script" not in page.text


def test_a_mistake_is_shown_at_its_place_and_the_statement_stays(steward):
    page = ask(steward, f"select '{SCRIPT}' frm x y")
    assert page.status_code == 400
    assert "语句有误" in page.text and "LINE 1: select &#39;&lt;script&gt;" in page.text
    assert "^" in page.text and "<script" not in page.text
    assert "frm x y</textarea>" in page.text


@pytest.mark.parametrize(
    ("sql", "sentence"),
    [
        ("attach 'x.duckdb'", "这里只能查询"),
        ("select 1; select 2", "一次只能执行一条语句"),
        ("from read_csv('/etc/passwd')", "查询不能读写文件"),
    ],
)
@pytest.mark.parametrize("path", ["/sql", "/sql/download"])
def test_what_is_refused_is_said_on_the_page(steward, sql, sentence, path):
    page = ask(steward, sql, path, format="csv")
    assert page.status_code == 400
    assert sentence in page.text and "root:" not in page.text


def test_a_page_says_when_rows_were_cut(app, published, steward):
    app.state.queries = Queries(published, Limits(page_rows=3, download_rows=10))
    page = ask(steward, "from range(100)")
    assert page.status_code == 200 and "只列出前 3 行" in page.text
    assert page.text.count('<td class="number">') == 3
    csv = ask(steward, "from range(100)", "/sql/download", format="csv")
    assert "-first-10-rows.csv" in csv.headers["content-disposition"]
    assert len(csv.content.splitlines()) == 11


def test_the_site_answers_others_while_queries_run_and_are_stopped(app, published, steward):
    app.state.queries = Queries(published, Limits(seconds=4, at_once=1))
    token, pages = steward.token("/sql"), []
    fields = {"csrf": token, "sql": ENDLESS}
    slow = threading.Thread(
        target=lambda: pages.append(steward.post("/sql", data=fields, headers={"origin": SITE}))
    )
    slow.start()
    wait_until_one_runs(app.state.queries)
    began = time.monotonic()
    assert steward.get("/rules").status_code == 200
    busy = steward.post("/sql", data={**fields, "sql": "select 1"}, headers={"origin": SITE})
    assert busy.status_code == 429 and "请稍后再试" in busy.text
    assert time.monotonic() - began < 3
    slow.join()
    assert pages[0].status_code == 422 and "超过 4 秒" in pages[0].text


def test_before_the_first_run_the_page_says_what_to_do(signed_in):
    browser = signed_in("viewer")
    opened = browser.get("/sql")
    assert opened.status_code == 200 and "请先执行一次年度运行" in opened.text
    asked = ask(browser, "select 1")
    assert asked.status_code == 409 and asked.text.count("请先执行一次年度运行") == 1


def test_the_page_shows_tables_and_columns_and_is_there_in_english(steward):
    page = steward.get("/sql").text
    assert "<code>fct_school</code>" in page and "在校生数 Students" in page
    steward.submit("/language", language="en", next="/sql")
    english = steward.get("/sql").text
    assert "Tables and columns" in english and "open to everybody who signs in" in english


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_a_download_is_a_file_and_never_a_page(steward, kind):
    answer = ask(steward, "from fct_school", "/sql/download", format=kind)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["content-disposition"].startswith('attachment; filename="nianbao-')
    assert answer.headers["content-disposition"].endswith(f'.{kind}"')
    assert answer.content.startswith({"csv": b"\xef\xbb\xbf", "parquet": b"PAR1"}[kind])


def test_another_file_format_is_refused(steward):
    assert ask(steward, "select 1", "/sql/download", format="html").status_code == 400


def test_a_saved_question_is_an_event_with_its_user_and_opens_again(published, steward):
    page = ask(steward, "select 41 + 1", "/sql/save", title=f" 答案  {SCRIPT} ")
    assert page.status_code == 200 and "问题已保存" in page.text
    assert "select 41 + 1</textarea>" in page.text and "<script" not in page.text
    with open_ledger(published) as ledger:
        (event,) = ledger.events("question_saved")
        assert ledger.verify() > 0
    assert event["actor"] == "a.steward"
    assert event["payload"]["title"] == f"答案 {SCRIPT}"
    assert event["payload"]["sql"] == "select 41 + 1"


@pytest.mark.parametrize(
    ("title", "sql"), [("", "select 1"), ("x" * 81, "select 1"), ("x", " "), ("已有", "select 2")]
)
def test_a_question_without_a_title_of_its_own_is_not_saved(published, steward, title, sql):
    ask(steward, "select 1", "/sql/save", title="已有")
    page = ask(steward, sql, "/sql/save", title=title)
    assert page.status_code == 400 and 'role="alert"' in page.text
    with open_ledger(published) as ledger:
        assert [question.title.zh for question in saved_questions(ledger)] == ["已有"]


def test_who_saved_a_question_and_approvers_may_remove_it(published, steward, signed_in):
    def ids():
        with open_ledger(published) as ledger:
            return [question.id for question in saved_questions(ledger)]

    for title in ("一", "二"):
        ask(steward, "select 1", "/sql/save", title=title)
    second, first = ids()
    other, approver = signed_in("viewer"), signed_in("approver")
    assert f"/sql/questions/{first}/remove" not in other.get("/sql").text
    assert other.submit(f"/sql/questions/{first}/remove").status_code == 403
    assert ids() == [second, first]
    assert "问题已删除" in steward.submit(f"/sql/questions/{first}/remove").text
    assert approver.submit(f"/sql/questions/{second}/remove").status_code == 200
    assert ids() == []
    assert steward.submit(f"/sql/questions/{first}/remove").status_code == 403
    assert steward.get("/sql", params={"question": first}).status_code == 404
    with open_ledger(published) as ledger:
        removed = [event["actor"] for event in ledger.events("question_removed")]
    assert removed == ["a.steward", "a.approver"]


def test_every_shipped_question_opens_under_its_title(steward):
    page = steward.get("/sql").text
    for question in shipped_questions():
        assert f"question={question.id}" in page and question.title.zh in page
        opened = steward.get("/sql", params={"question": question.id})
        assert opened.status_code == 200 and "</textarea>" in opened.text


def test_a_shipped_question_has_both_titles(tmp_path):
    (tmp_path / "bad.sql").write_text("-- 只有一个\nselect 1\n", encoding="utf-8")
    with pytest.raises(QuestionRefused, match=r"bad\.sql"):
        shipped_questions(tmp_path)
