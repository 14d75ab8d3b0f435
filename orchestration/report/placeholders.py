"""What is wrong with a template's placeholders: what stops the report, and what it lacks.

What belongs here: broken tags, unknown names, figures that cannot be printed. What does not:
reading the template (template.py), filling it (word.py), or what the names mean (context.py).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from difflib import get_close_matches
from typing import Any, NamedTuple

from orchestration.report.context import ReportContext
from orchestration.report.figure import Figure, Reason
from orchestration.report.template import Paragraph, Place

_TAG = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}", re.DOTALL)
_LOOSE = re.compile(r"\{\{|\}\}|\{%|%\}|[｛｝][｛｝%]|[{｛]\s*[a-z][a-z0-9_.]+\s*[}｝]")
_PREFIX = re.compile(r"(\{%|\{\{)(tr|tc|p|r) ")
_BLOCK = re.compile(r"\{%-?\s*(end)?(if|for)\b")
_ANYTHING = object()


class Checked(NamedTuple):
    """The places of a template that stop the report, and those where a dash stands for a figure."""

    stops: list[Place]
    lacks: list[Place]


def check_paragraphs(
    parts: list[list[Paragraph]], environment: Any, context: Callable[..., ReportContext]
) -> Checked:
    """Return the places with broken tags and unknown names, and those with figures not there.

    `environment` is lenient with what is undefined, so that one place does not hide the next;
    `context` makes the context, given what is called for a figure that cannot be printed.
    """
    checked = Checked([], [])
    for part in parts:
        checker = _Checker(part, environment, context)
        checked.stops.extend(checker.places())
        checked.lacks.extend(checker.lacks.values())
    return checked


def _loose(text: str) -> str | None:
    """Return the first brace that belongs to no whole tag; None if there is none."""
    rest = _TAG.sub(lambda found: "{{" if "{{" in found[0][2:] else "", text)
    found = _LOOSE.search(rest)
    return found[0] if found else None


def _depth(tags: list[str]) -> int:
    """Return how many blocks are open at the end of a paragraph that it should have closed."""
    own = (tag for tag in tags if not _PREFIX.match(tag))
    blocks = [bool(end) for tag in own for end, _ in _BLOCK.findall(tag)]
    return blocks.count(False) - blocks.count(True)


def _normal(text: str) -> str:
    """Return a tag as plain Jinja: without docxtpl's prefixes, Word's quotes straightened."""
    text = _PREFIX.sub(r"\1 ", text)
    text = re.sub(r"\{%\s*(colspan|cellbg)\s(.*?)%\}", r"{{ \2 }}", text)
    text = re.sub(r"\{%\s*[vh]m\s*%\}", "", text)
    return text.translate(str.maketrans("“”‘’", "\"\"''"))


class _Checker:
    """One part's paragraphs as a Jinja template of one line each, so that a line is a place."""

    def __init__(
        self, part: list[Paragraph], environment: Any, context: Callable[..., ReportContext]
    ) -> None:
        self.part, self.environment = part, environment
        self.found: dict[tuple[int, str], Place] = {}
        self.lacks: dict[tuple[int, str, str], Place] = {}
        self.dropped: list[str] = []
        self.at = 0
        self.context = context(missing=self._missing, draw=lambda name: name).placeholders

    def places(self) -> list[Place]:
        """Return the broken tags and the unknown names; `lacks` is known afterwards."""
        from jinja2 import TemplateSyntaxError

        lines = [self._sound_tags(at, paragraph) for at, paragraph in enumerate(self.part)]
        try:
            self._look_at(lines, dict.fromkeys(self.dropped, _ANYTHING))
        except TemplateSyntaxError as error:
            if not self.found:  # else a broken tag, which is named, has left its pair alone
                zh = f"语句不成对或写法有误（{error.message}）。"
                self._add(error.lineno - 1, "{% … %}", zh, f"{error.message}.")
            printing = [self._drop(line) for line in lines]
            self._look_at(printing, dict.fromkeys(self.dropped, _ANYTHING))
        return [self.found[key] for key in sorted(self.found, key=lambda key: key[0])]

    def _drop(self, tags: list[str]) -> list[str]:
        """Return the tags that print; the names that the others would have made stay known."""
        self.dropped.extend(["loop", *re.findall(r"\bfor\s+(\w+)", "".join(tags))])
        return [tag for tag in tags if tag.startswith("{{")]

    def _sound_tags(self, at: int, paragraph: Paragraph) -> list[str]:
        """Return the tags of a paragraph that can be read; those that cannot are places."""
        from jinja2 import TemplateError

        tags = _TAG.findall(paragraph.text)
        if loose := _loose(paragraph.text):
            self._add(
                at,
                loose,
                "占位符不完整：应写成 {{ 指标编号 }}，用半角大括号，且在同一段内。",
                "a placeholder is not whole: write {{ indicator_id }} with plain braces, within "
                "one paragraph.",
            )
        if _depth(tags):
            self._add(
                at,
                "{% … %}",
                "这一段里的 if 或 for 没有在本段内结束；跨段请写 {%p … %}，跨行请写 {%tr … %}。",
                "an if or for does not end in this paragraph; write {%p … %} across paragraphs "
                "and {%tr … %} across rows.",
            )
            tags = self._drop(tags)
        sound = []
        for tag in tags:
            if tag.startswith(("{%tr ", "{%tc ")) and not paragraph.in_row:
                zh = f"{tag[:4]} 只能写在表格里。"
                self._add(at, tag, zh, f"{tag[:4]} belongs in a table row.")
                continue
            try:
                if tag.startswith("{{"):
                    self.environment.from_string(_normal(tag))
            except TemplateError as error:
                zh = f"占位符写法有误（{error.message}）。"
                self._add(at, tag, zh, f"this cannot be read: {error.message}.")
            else:
                sound.append(_normal(tag))
        return sound

    def _look_at(self, lines: list[list[str]], scope: dict[str, Any]) -> None:
        """Look at the names, then fill the lines; `TemplateSyntaxError` if they are no template."""
        from jinja2 import TemplateError

        text = "\n".join(f"{{{{ _at({at}) }}}}{' '.join(tags)}" for at, tags in enumerate(lines))
        template = self.environment.from_string(text)
        self._walk(self.environment.parse(text), {**scope, "_at": _ANYTHING})
        try:
            template.render(self.context, _at=self._arrive)
        except (TemplateError, ArithmeticError, LookupError, TypeError, ValueError) as error:
            zh = f"这里的语句不能执行（{error}）。"
            self._add(self.at, "{{ … }}", zh, f"this cannot be carried out: {error}.")

    def _arrive(self, at: int) -> str:
        self.at = at
        return ""

    def _add(self, line: int, placeholder: str, zh: str, en: str) -> None:
        at = min(max(line, 0), len(self.part) - 1)
        self.found.setdefault((at, placeholder), self.part[at].place(placeholder, zh, en))

    def _missing(self, figure: Figure, reason: Reason) -> None:
        said, name = reason.of(figure), f"{{{{ {figure.indicator_id} }}}}"
        place = self.part[self.at].place(name, said.zh, said.en)
        self.lacks.setdefault((self.at, name, reason), place)

    # -- names -------------------------------------------------------------------------------------

    def _walk(self, node: Any, scope: dict[str, Any]) -> None:
        """Look at every name of the template, also in branches that this edition does not take."""
        from jinja2 import nodes

        if isinstance(node, nodes.For):
            self._walk(node.iter, scope)
            rows = self._value(node.iter, scope)
            sample = getattr(rows, "sample", _ANYTHING)
            inner = {**scope, "loop": _ANYTHING, **dict.fromkeys(_targets(node.target), sample)}
            for child in (*node.body, *node.else_, *([node.test] if node.test else [])):
                self._walk(child, inner)
            return
        if isinstance(node, nodes.Assign):
            scope.update(dict.fromkeys(_targets(node.target), _ANYTHING))
        if isinstance(node, nodes.Name) and node.ctx == "load":
            self._value(node, scope, is_said=True)
        elif isinstance(node, nodes.Getattr):
            self._value(node, scope, is_said=True)
            return
        for child in node.iter_child_nodes():
            self._walk(child, scope)

    def _value(self, node: Any, scope: dict[str, Any], is_said: bool = False) -> Any:
        """Return what a name stands for, `_ANYTHING` where only rendering can tell."""
        from jinja2 import Undefined, nodes

        if isinstance(node, nodes.Name):
            known = {**self.context, **scope}
            if node.name in known:
                return known[node.name]
            self._unknown(node, node.name, known, is_said)
        elif isinstance(node, nodes.Getattr):
            base = self._value(node.node, scope, is_said)
            if base is _ANYTHING:
                return base
            known = base if isinstance(base, dict) else {n: 0 for n in dir(base) if n[0] != "_"}
            if isinstance(base, Figure) and node.attr in known:
                return _ANYTHING  # asking it would already print it
            value = self.environment.getattr(base, node.attr)
            if not isinstance(value, Undefined):
                return value
            self._unknown(node, f"{_source(node.node)}.{node.attr}", known, is_said)
        elif is_said:
            self._walk(node, scope)
        return _ANYTHING

    def _unknown(self, node: Any, name: str, known: dict[str, Any], is_said: bool) -> None:
        if not is_said:
            return
        near = get_close_matches(name.rpartition(".")[2], [str(key) for key in known], n=3)
        zh = "没有这个占位符。" + (f"是否应为 {'、'.join(near)}？" if near else "")
        en = "there is no such placeholder." + (f" Did you mean {', '.join(near)}?" if near else "")
        self._add(node.lineno - 1, f"{{{{ {name} }}}}", zh, en)


def _targets(node: Any) -> list[str]:
    from jinja2 import nodes

    return [name.name for name in ([node] if isinstance(node, nodes.Name) else node.items)]


def _source(node: Any) -> str:
    from jinja2 import nodes

    if isinstance(node, nodes.Getattr):
        return f"{_source(node.node)}.{node.attr}"
    return str(node.name) if isinstance(node, nodes.Name) else "…"
