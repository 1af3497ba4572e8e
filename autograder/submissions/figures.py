"""Figures of a submission: which are handed in, and which cells do nothing but draw.

Drawing takes longer than all the rest of grading, and no verdict looks at a
figure (``docs/decisions/0005-figures.md``). So a cell that the release tags ``figure``, or that
defines functions and does nothing else, is not run again as long as the student left it as it was
and no other cell needs a name that it defines; and where a figure is shown all the same, the one
that was handed in is put. Knows cells as data, and runs nothing.
"""

from __future__ import annotations

import ast
import base64
import re
import symtable
import sys
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from nbformat import NotebookNode

from autograder.errors import Overrun
from autograder.observation.formulas import parse
from autograder.submissions.nodes import new_output

__all__ = [
    "COVER",
    "TAG",
    "cover",
    "handed_in",
    "is_drawing",
    "is_undrawn",
    "only_drawing",
    "put_back",
]

#: Says of a released cell that it only draws.
TAG = "figure"
#: Says of one that its figure stands for the week.
COVER = "cover"

_NONE = "(A figure; none was handed in with this cell.)"
#: With these a cell may use any name without spelling it.
_ANY_NAME = {
    "__import__", "compile", "eval", "exec", "get_ipython", "globals", "importlib", "inspect",
    "locals", "sys", "vars",
}  # fmt: skip
#: Twice as many fields take four times as long: as many as this 5 s.
_FIELDS = 100_000
_F_STRING = re.compile(r"\b[rR]?[fF][rR]?['\"].*")
#: Scopes that are evaluated where they stand.
_AT_ONCE = {"listcomp", "setcomp", "dictcomp", "genexpr"}


def handed_in(outputs: Any) -> Iterator[dict[str, Any]]:
    """Those outputs of a submitted cell that show a figure, and of these nothing but the figure.

    Parameters
    ----------
    outputs : Any
        Whatever stood there.

    Yields
    ------
    dict
        An nbformat 4 output with a PNG.
    """
    for output in outputs if isinstance(outputs, list) else ():
        data = output.get("data") if isinstance(output, dict) else None
        picture = data.get("image/png") if isinstance(data, dict) else None
        if isinstance(picture, list):
            picture = "".join(part for part in picture if isinstance(part, str))
        if isinstance(picture, str) and _is_png(picture):
            found = {"output_type": "display_data", "metadata": {}}
            yield found | {"data": {"image/png": picture, "text/plain": "a figure"}}


def cover(notebook: NotebookNode) -> bytes | None:
    """The figure that stands for the week, as PNG, or None if the executed notebook has none."""
    for cell in notebook.cells:
        if COVER in cell.metadata.get("tags", ()):
            for figure in handed_in(cell.get("outputs")):
                return base64.b64decode(figure["data"]["image/png"])
    return None


def _is_png(text: str) -> bool:
    """Whether this is a picture and nothing but: it will stand in pages that people open."""
    try:
        content = base64.b64decode(text.replace("\n", "").encode("ascii"), validate=True)
    except ValueError:
        return False
    return content.startswith(b"\x89PNG\r\n\x1a\n")


def is_drawing(cell: NotebookNode) -> bool:
    """Whether the text of the week says that this cell only draws."""
    return cell.cell_type == "code" and TAG in cell.metadata.get("tags", ())


def is_undrawn(output: NotebookNode) -> bool:
    """Whether this output is a figure that was shown but not drawn."""
    data = output.get("data", {})
    return list(data) == ["text/plain"] and str(data["text/plain"]).startswith("<Figure size ")


def only_drawing(
    cells: Sequence[NotebookNode], drawings: Collection[str], asked: Collection[str] = ()
) -> set[int]:
    """Positions of the cells that need not be run for what the others do.

    Parameters
    ----------
    cells : sequence of NotebookNode
        Of a mended submission.
    drawings : collection of str
        Sources of the released cells that only draw, or only define.
    asked : collection of str
        Code that is run beside the cells, and names that are asked for.

    Returns
    -------
    set of int
        Such cells as they were released, none of which defines a global
        name that a cell outside the set uses, or what is asked. Empty where that can't be told.

    Raises
    ------
    Overrun
        If the code takes Python too long to parse.
    """
    if any(cell.cell_type == "code" and _is_endless(cell.source) for cell in cells):
        raise Overrun(f"an f-string of more than {_FIELDS:,} fields takes Python too long to read")
    names: dict[int, _Names] = {}
    try:
        for position, cell in enumerate(cells):
            if cell.cell_type == "code":
                names[position] = _names(cell.source)
        used = set[str]().union(*(_names(text).used for text in asked))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return set()  # perhaps a magic, which may do anything
    idle = {position for position in names if cells[position].source in drawings}
    used = used.union(*(names[k].used for k in names.keys() - idle))
    if used & _ANY_NAME:
        return set()
    while needed := {position for position in idle if names[position].bound & used}:
        idle -= needed
        used = used.union(*(names[position].used for position in needed))
    return idle


def _is_endless(source: str) -> bool:
    """Whether an f-string in it takes longer to parse than there is time for, up to Python 3.11."""
    return sys.version_info < (3, 12) and any(
        field.count("{") > _FIELDS for field in _F_STRING.findall(source)
    )


@dataclass
class _Names:
    """The global names that a cell binds; and those it uses before it has bound them itself."""

    bound: set[str] = field(default_factory=set)
    used: set[str] = field(default_factory=set)

    def block(self, statements: Sequence[ast.stmt], mine: set[str]) -> None:
        """Go through statements in order; `mine` gets what they have bound for certain."""
        for statement in statements:
            if isinstance(statement, ast.For):
                self.evaluate(statement.iter, mine)
                self.block(statement.body, mine | self.bind(statement.target))
                self.block(statement.orelse, set(mine))
            elif isinstance(statement, ast.With):
                for item in statement.items:
                    self.evaluate(item.context_expr, mine)
                    mine |= self.bind(item.optional_vars) if item.optional_vars else set()
                self.block(statement.body, mine)
            elif isinstance(statement, ast.If):
                self.evaluate(statement.test, mine)
                self.block(statement.body, set(mine))
                self.block(statement.orelse, set(mine))
            else:
                if not isinstance(statement, (ast.FunctionDef, ast.ClassDef)):
                    self.used |= _changed(statement) - mine
                bound = self.evaluate(statement, mine)
                if not isinstance(statement, (ast.While, ast.Try, ast.TryStar, ast.Match)):
                    mine |= bound

    def bind(self, target: ast.expr) -> set[str]:
        """The names in the target of a loop or a ``with``."""
        return self.evaluate(ast.Assign([target], ast.Constant(0), lineno=1), set())

    def evaluate(self, node: ast.AST, mine: set[str]) -> set[str]:
        """Take note of the names in a statement or expression; return those it binds."""
        text = ast.unparse(node)
        if any(isinstance(part, _COMPREHENSIONS) for part in ast.walk(node)):
            text = ast.unparse(_Apart().visit(parse(text)))
        top = symtable.symtable(text, "cell", "exec")
        bound = set()
        tables = [top]
        for table in tables:
            tables += table.get_children()
            for symbol in table.get_symbols():
                name = symbol.get_name()
                # A name that is bound in a class may be read from outside before.
                outer = table is top or symbol.is_global()
                read = symbol.is_referenced() and (outer or table.get_type() == "class")
                # A function may be called when its name has come to mean something else.
                if read and (
                    name not in mine or not (table is top or table.get_name() in _AT_ONCE)
                ):
                    self.used.add(name)
                if outer and (symbol.is_assigned() or symbol.is_imported()):
                    bound.add(name)
                    if table is not top:  # declared global, and perhaps changed
                        self.used.add(name)
        self.bound |= bound
        return bound


class _Apart(ast.NodeTransformer):
    """Renames what comprehensions bind: to Python 3.12 it stands among the names around them."""

    def visit_comprehension_of(self, node: ast.ListComp | ast.SetComp | ast.DictComp) -> ast.AST:
        """Rename what its loops bind; its first iterable is evaluated outside."""
        targets = [ast.walk(loop.target) for loop in node.generators]
        bound = {name.id for found in targets for name in found if isinstance(name, ast.Name)}
        outside = set(map(id, ast.walk(node.generators[0].iter)))
        for name in ast.walk(node):
            if isinstance(name, ast.Name) and name.id in bound and id(name) not in outside:
                name.id += "_of_comprehension"
        return self.generic_visit(node)

    visit_ListComp = visit_SetComp = visit_DictComp = visit_comprehension_of


_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp)


def _changed(statement: ast.stmt) -> set[str]:
    """Names that it deletes, or changes in place: to `symtable` they are only bound."""
    targets: list[ast.expr] = []
    for node in ast.walk(statement):
        if isinstance(node, ast.AugAssign):
            targets.append(node.target)
        elif isinstance(node, ast.Delete):
            targets += node.targets
    return {target.id for target in targets if isinstance(target, ast.Name)}


@lru_cache(maxsize=1024)  # most cells are as they were released
def _names(source: str) -> _Names:
    names = _Names()
    names.block(parse(source).body, set())
    return names


def put_back(cells: Sequence[NotebookNode], submitted: Sequence[NotebookNode]) -> None:
    """Where a figure was not drawn, put the one that was handed in.

    Parameters
    ----------
    cells : sequence of NotebookNode
        After execution; modified.
    submitted : sequence of NotebookNode
        The same cells with what was handed in. A cell that shows three figures
        and came with two gets none: they may be others.
    """
    for cell, before in zip(cells, submitted, strict=True):
        figures = before.get("outputs", [])
        if (cell.metadata.get("autograder") or {}).get("only_draws"):
            missing = new_output("display_data", {"text/plain": _NONE})
            cell.outputs = figures or ([missing] if is_drawing(cell) else [])
            continue
        undrawn = [output for output in cell.get("outputs", []) if is_undrawn(output)]
        for number, output in enumerate(undrawn):
            if len(figures) == len(undrawn):
                output.data = figures[number].data
            else:
                output.data = {"text/plain": _NONE}
