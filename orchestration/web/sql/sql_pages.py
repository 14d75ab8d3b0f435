"""SQL over what is published: type a statement, see a table, take it along, keep the question.

What belongs here: these pages. What does not: how a statement is run (analysts/sql_query.py) and
what is kept of it (questions.py). A link only fills in a statement: nothing is run but by a posted
form.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from orchestration.analysts.sql_query import (
    FORMATS,
    MAX_CHARACTERS,
    Answer,
    Queries,
    QueryRefused,
    Relation,
    Table,
)
from orchestration.ground import clock
from orchestration.ground.ledger import open_ledger
from orchestration.ground.settings import zone_of
from orchestration.ground.text import Text
from orchestration.web.accounts.roles import Role
from orchestration.web.frame.addresses import url
from orchestration.web.frame.page import OCTETS, form, home_of, page, redirect, render
from orchestration.web.frame.security import Refusal
from orchestration.web.frame.visitor import NavigationItem, Visitor
from orchestration.web.sql.questions import (
    MAX_TITLE,
    Question,
    QuestionRefused,
    remove_question,
    save_question,
    saved_questions,
    shipped_questions,
)

log = logging.getLogger(__name__)
# How DuckDB's numeric types begin: unsigned ones with a U.
_NUMBERS = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT")
_NUMERIC = (*_NUMBERS, *(f"U{name}" for name in _NUMBERS), "FLOAT", "DOUBLE", "DECIMAL")
# Longer than this an address is cut on its way by some browser, mail or proxy.
_LONGEST_LINK = 1_800
_CHUNK = 64 * 1024


def _queries(request: Request) -> Queries:
    """Return what asks the analysts' database, which knows then of every signature."""
    from orchestration.analysts.database import DatabaseClosed, catch_up

    home = home_of(request)
    try:
        with open_ledger(home) as ledger:
            catch_up(home, ledger)
    except DatabaseClosed:  # the page says that there is none
        log.exception("分析库已撤下 the analysts' database was taken away")
    return request.app.state.queries


def _questions(request: Request) -> tuple[list[Question], list[Question]]:
    with open_ledger(home_of(request)) as ledger:
        return shipped_questions(), saved_questions(ledger)


def _show(
    request: Request,
    visitor: Visitor,
    sql: str,
    *,
    title: str = "",
    table: Table | None = None,
    refused: QueryRefused | QuestionRefused | None = None,
) -> Response:
    queries = _queries(request)
    no_schema = None
    relations: list[Relation] = []
    try:
        relations = queries.schema()
    except QueryRefused as error:
        no_schema = error
    shipped, saved = _questions(request)
    status_code = 200
    if refused:
        status_code = refused.status_code if isinstance(refused, QueryRefused) else 400
    link = url("sql", sql=sql)
    return render(
        request,
        visitor,
        "sql/sql.html",
        status_code=status_code,
        sql=sql,
        title_given=title,
        table=table,
        is_plan=bool(table and table.columns and table.columns[0][0] == "explain_key"),
        is_number=[kind.startswith(_NUMERIC) for _, kind in table.columns] if table else [],
        refused=refused,
        detail=refused.detail if isinstance(refused, QueryRefused) else "",
        is_unsaved=isinstance(refused, QuestionRefused),
        link=link if sql and len(link) <= _LONGEST_LINK else None,
        limits=queries.limits,
        max_characters=MAX_CHARACTERS,
        max_title=MAX_TITLE,
        relations=relations,
        # Said once: why there is no answer is mostly why there is no schema.
        no_schema=None if isinstance(refused, QueryRefused) else no_schema,
        shipped=shipped,
        saved=saved,
    )


def _open(request: Request, visitor: Visitor) -> Response:
    """Fill in a statement: a link's own, or a kept question's."""
    wanted = request.query_params.get("question")
    if wanted is None:
        return _show(request, visitor, request.query_params.get("sql", ""))
    shipped, saved = _questions(request)
    question = next((one for one in (*shipped, *saved) if one.id == wanted), None)
    if question is None:
        raise Refusal(
            404, "没有这个问题：可能已删除。", "There is no such question; it may be removed."
        )
    title = question.title[visitor.language]
    return _show(request, visitor, question.sql, title=title)


def _run(request: Request, visitor: Visitor) -> Response:
    given = form(request)
    sql, title = given.get("sql", ""), given.get("title", "")
    try:
        table = _queries(request).table(sql)
    except QueryRefused as error:
        return _show(request, visitor, sql, title=title, refused=error)
    return _show(request, visitor, sql, title=title, table=table)


def _download(request: Request, visitor: Visitor) -> Response:
    given = form(request)
    sql, kind = given.get("sql", ""), given.get("format", "")
    if kind not in FORMATS:
        raise Refusal(400, "没有这种文件格式。", "There is no such file format.")
    try:
        answer = _queries(request).download(sql, kind)
    except QueryRefused as error:
        return _show(request, visitor, sql, title=given.get("title", ""), refused=error)
    # A file has no room for a note: its name says that rows were cut.
    cut = f"-first-{answer.rows}-rows" if answer.is_cut else ""
    now = clock.now().astimezone(zone_of(home_of(request)))
    name = f"nianbao-{now:%Y%m%d-%H%M%S}{cut}.{kind}"
    return StreamingResponse(
        _chunks(answer),
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
        media_type=OCTETS,
    )


def _chunks(answer: Answer) -> Iterator[bytes]:
    with answer.file as file:
        while chunk := file.read(_CHUNK):
            yield chunk


def _save(request: Request, visitor: Visitor) -> Response:
    given = form(request)
    sql, title = given.get("sql", ""), given.get("title", "")
    try:
        with open_ledger(home_of(request)) as ledger:
            question_id = save_question(ledger, title, sql, visitor.name)
    except QuestionRefused as error:
        return _show(request, visitor, sql, title=title, refused=error)
    saved = Text("问题已保存。", "The question is saved.")
    return redirect(request, url("sql", question=question_id), saved)


def _remove(request: Request, visitor: Visitor) -> Response:
    question_id, is_approver = request.path_params["question"], visitor.has(Role.approver)
    with open_ledger(home_of(request)) as ledger:
        remove_question(ledger, question_id, visitor.name, is_approver=is_approver)
    return redirect(request, url("sql"), Text("问题已删除。", "The question is removed."))


routes = [
    Route("/sql", page(_open)),
    Route("/sql", page(_run), methods=["POST"]),
    Route("/sql/download", page(_download), methods=["POST"]),
    Route("/sql/save", page(_save), methods=["POST"]),
    Route("/sql/questions/{question}/remove", page(_remove), methods=["POST"]),
]
navigation = [NavigationItem("/sql", "查询", "SQL")]
