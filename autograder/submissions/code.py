"""What the text of a code cell says, without running it.

Which names it defines, which of its statements are those of another text, and whether it is
nothing but words. Lines that only IPython understands are passed over. Knows texts; no cells,
and not what was released.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

from autograder.observation.formulas import parse

__all__ = [
    "Outline",
    "fits",
    "functions",
    "outline",
    "released_outline",
    "share",
    "squeezed",
    "tree_of",
    "typed_into",
]

#: A longer text is not parsed; what would be found in it isn't.
MAX_CODE = 100_000
_MAGIC = re.compile(r"^([ \t]*+)(?:[%!?].*|.*\w\?{1,2}[ \t]*)$", re.MULTILINE)
_MAGIC_VALUE = re.compile(r"=[ \t]*[%!][^=\n].*$", re.MULTILINE)
_DEFINES = re.compile(r"^(?:async[ \t]+)?(?:def|class)[ \t]+(\w+)", re.MULTILINE)


def tree_of(source: str) -> ast.Module | None:
    """The syntax tree, or None if it is too long or is not Python here."""
    if len(source) > MAX_CODE:
        return None
    without = _MAGIC_VALUE.sub("= None", _MAGIC.sub(r"\1pass", source))
    for text in dict.fromkeys((source, without)):
        try:
            tree: ast.Module = parse(text)
            return tree
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            continue
    return None


#: What shows a text and does nothing else.
_SHOWS = frozenset({"print", "display", "Markdown", "HTML", "Latex"})
_SHOWS_THE_CELL = re.compile(r"\s*%%(?:markdown|latex|html)\b", re.IGNORECASE)
#: So much text makes words of a text with numbers put in.
_SENTENCE = 40


@dataclass(frozen=True)
class Outline:
    """What a code cell says.

    Attributes
    ----------
    defined : set of str
        Names of functions, classes and variables that it defines or imports, not inside of any.
    said : sequence of ast.stmt or str
        Its statements; of a text that is not Python, its lines.
    is_python : bool
        Whether it could be parsed.
    is_words : bool
        Whether it is comments and strings and nothing else: words for people.
    """

    defined: set[str]
    said: Sequence[ast.stmt | str] = field(repr=False)
    is_python: bool = False
    is_words: bool = False

    @cached_property
    def statements(self) -> set[str]:
        """What is said, as Python reads it; it takes long, so only where somebody asks."""
        return {part if isinstance(part, str) else _key(part) for part in self.said}


def outline(source: str, parsed: bool = True) -> Outline:
    """What the code says; only from its lines if it is not to be parsed, or is not Python."""
    tree = tree_of(source) if parsed else None
    if _SHOWS_THE_CELL.match(source):
        return Outline(set(), [" ".join(source.split())], True, True)
    if tree is None:
        lines = source.split("\n") if parsed and len(source) <= MAX_CODE else []
        said = [" ".join(line.split()) for line in lines if line.strip()]
        return Outline(set(_DEFINES.findall(source)), said)
    shown = [s for s in tree.body if not _is_name(s)]
    words = source.strip() != "" and all(map(_is_text, shown)) and bool(shown or not tree.body)
    return Outline(_defined(tree), tree.body, True, words)


@lru_cache(maxsize=256)
def released_outline(source: str) -> Outline:
    """The same of a released text, which each submission holds again; nobody may change it."""
    return outline(source)


def _is_text(statement: ast.stmt) -> bool:
    """Whether it is a string that nobody computes with: alone, shown, or given a name."""
    if not isinstance(statement, (ast.Expr, ast.Assign)):
        return False
    value: ast.expr = statement.value
    while isinstance(value, ast.Call) and isinstance(value.func, ast.Name) and len(value.args) == 1:
        if value.func.id not in _SHOWS or value.keywords:
            return False
        value = value.args[0]
    if isinstance(value, ast.JoinedStr):
        said = [part.value for part in value.values if isinstance(part, ast.Constant)]
        return sum(map(len, map(str, said))) >= _SENTENCE
    return isinstance(value, ast.Constant) and isinstance(value.value, str)


def _is_name(statement: ast.stmt) -> bool:
    """Whether it only shows what has that name, as the last line of a cell may."""
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Name)


def functions(found: Outline, names: set[str]) -> list[str]:
    """How functions of these names are written; what is computed, and may be no function, is not.

    As Python reads it, so that comments and space make no difference.
    """
    named = (ast.Lambda, ast.Name, ast.Attribute)
    return [
        _key(part)
        for part in found.said
        if isinstance(part, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.ImportFrom))
        or (isinstance(part, ast.Assign) and isinstance(part.value, named))
        if not names.isdisjoint(_defined(ast.Module([part], [])))
    ]


def _defined(tree: ast.Module) -> set[str]:
    found: set[str] = set()
    blocks = [tree.body]
    for block in blocks:
        for statement in block:
            if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
                found.add(statement.name)
            elif isinstance(statement, ast.Assign):
                found |= {t.id for t in statement.targets if isinstance(t, ast.Name)}
            elif isinstance(statement, (ast.Import, ast.ImportFrom)):
                found |= {alias.asname or alias.name for alias in statement.names}
            elif isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
                found.add(statement.target.id)
            else:
                blocks += [getattr(statement, name, []) for name in ("body", "orelse", "finalbody")]
                blocks += [handler.body for handler in getattr(statement, "handlers", [])]
    return found


def squeezed(source: str) -> str:
    """Equal for texts that differ in nothing but space; a long one is left as it is."""
    return " ".join(source.split()) if len(source) <= MAX_CODE else source


def fits(source: str, following: str) -> bool:
    """Whether `following` is the rest of a function that was begun in `source`."""
    first = next((line for line in following.split("\n") if line.strip()), "")
    if not first.startswith((" ", "\t")) or tree_of(following) is not None:
        return False
    return tree_of(f"{source}\n{following}") is not None


def share(found: Outline, released: Outline) -> float:
    """How much of a released text stands in another: 1.0 for all of its statements."""
    wanted = released.statements
    return len(wanted & found.statements) / len(wanted) if wanted else 0.0


def typed_into(source: str, released: str) -> str:
    """What stands in `source` beside the statements of the released text.

    Statements are compared as Python reads them. A text that is not Python is returned whole,
    but for the released text itself.
    """
    if squeezed(source) == squeezed(released):
        return ""
    theirs, ours = tree_of(source), tree_of(released)
    if theirs is None or ours is None:
        return source.replace(released.strip(), "", 1).strip("\n")
    known = set(map(_key, ours.body))
    lines = source.split("\n")
    keep, drop = set[int](), set[int]()
    for statement in theirs.body:
        keep_or_drop = drop if _key(statement) in known else keep
        keep_or_drop.update(_span(statement))
    if not keep and all(line.strip() in released for line in lines if line.strip().startswith("#")):
        return ""
    said = {line.strip() for line in released.split("\n") if line.strip()}
    rest = [
        line
        for number, line in enumerate(lines, start=1)
        if number in keep or (number not in drop and line.strip() not in said)
    ]
    return "\n".join(rest).strip("\n")


def _key(statement: ast.stmt) -> str:
    """Equal for statements that mean the same to Python."""
    try:
        return ast.dump(statement)
    except RecursionError:
        return f"line {statement.lineno}"


def _span(statement: ast.stmt) -> Iterator[int]:
    """Numbers of its lines, decorators included."""
    first = min([statement.lineno, *(d.lineno for d in getattr(statement, "decorator_list", []))])
    yield from range(first, (statement.end_lineno or first) + 1)
