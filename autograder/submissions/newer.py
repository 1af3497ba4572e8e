"""Code that a newer Python than the grader's understands.

A syntax error may be no mistake of the student's: their Python may be newer. A newer grammar is
not at hand, so what was added since is written in the older way, and what is Python then was
right. It is a guess that a person confirms: no points are given for it. Knows texts only.
"""

from __future__ import annotations

import re
import sys

from autograder.submissions.code import MAX_CODE, tree_of

__all__ = ["written_for"]

#: What may stand between an expression and its format, as in ``{x!r:>10}``.
_END_OF_FIELD = re.compile(r"=?\s{0,9}(![rsa])?\s{0,9}(?=[:}])")
_PREFIX = re.compile(r"(?<![\w])([A-Za-z]{0,2})(\"\"\"|'''|\"|')")
_COMMENT_OR_STRING = re.compile(rf"#[^\n]*|{_PREFIX.pattern}")
#: What each version brought, and how to say it before; f-strings are a matter of their own.
_TYPE_PARAMETERS = r"^([ \t]*(?:async[ \t]+)?(?:def|class)[ \t]+\w+)\[[^\]\n]*\]"
_OLDER = (
    ((3, 12), re.compile(r"^([ \t]*)type[ \t]+(\w+)(?:\[[^\]\n]*\])?[ \t]*=", re.M), r"\1\2 ="),
    ((3, 12), re.compile(_TYPE_PARAMETERS, re.M), r"\1"),
    ((3, 14), re.compile(r"^([ \t]*except[ \t]+)(\w[\w. \t]*,[\w., \t]*):", re.M), r"\1(\2):"),
)


def written_for(source: str) -> str:
    """The Python that a cell was written for, like ``"3.12"``, if it is newer than this one.

    ``""`` for everything that is Python here, and for what is Python nowhere.
    """
    if len(source) > MAX_CODE or tree_of(source) is not None:
        return ""
    try:
        text, needed = _without_strings(source)
    except (_NotPython, RecursionError):
        return ""
    for version, pattern, older in _OLDER:
        text, count = pattern.subn(older, text)
        needed = max(needed, version) if count else needed
    if needed <= sys.version_info[:2] or tree_of(text) is None:
        return ""
    return ".".join(map(str, needed))


class _NotPython(Exception):
    """A string that never ends."""


def _without_strings(source: str) -> tuple[str, tuple[int, int]]:
    """The text with an f-string as a tuple of what it holds; and the version that asks for."""
    needed = (3, 0)
    parts: list[str] = []
    at = 0
    while found := _COMMENT_OR_STRING.search(source, at):
        parts.append(source[at : found.start()])
        at = found.end()
        if not found[2]:
            continue
        kind = found[1].lower()
        if {"f", "t"} & set(kind):
            needed = max(needed, (3, 14) if "t" in kind else (3, 12))
            fields, at = _fields(source, at, found[2], "r" in kind, depth=0)
            parts.append("('', " + " ".join(f"({field})," for field in fields) + ")")
        else:
            at = _end(source, at, found[2])
            parts.append(source[found.start() : at])
    parts.append(source[at:])
    return "".join(parts), needed


def _end(source: str, at: int, quote: str) -> int:
    """Where a plain string ends."""
    while at < len(source):
        if source.startswith(quote, at):
            return at + len(quote)
        if source[at] == "\n" and len(quote) == 1:
            raise _NotPython
        at += 2 if source[at] == "\\" else 1
    raise _NotPython


def _fields(source: str, at: int, quote: str, raw: bool, depth: int) -> tuple[list[str], int]:
    """The expressions in an f-string, or in the format of a field, and where it ends."""
    if depth > 8:
        raise _NotPython
    fields: list[str] = []
    end = "}" if depth else quote
    while at < len(source):
        if source.startswith(end, at):
            return fields, at + len(end)
        if source.startswith(("{{", "}}"), at) and not depth:
            at += 2
        elif source[at] == "{":
            field, inner, at = _field(source, at + 1, quote, raw, depth)
            fields += [field, *inner]
        elif source[at] == "\n" and len(quote) == 1:
            raise _NotPython
        else:
            at += 2 if source[at] == "\\" and not raw else 1
    raise _NotPython


def _field(source: str, at: int, quote: str, raw: bool, depth: int) -> tuple[str, list[str], int]:
    """One expression in braces; those in its format; and where it ends."""
    parts: list[str] = []
    brackets = 0
    while at < len(source):
        sign = source[at]
        string = _PREFIX.match(source, at)
        if string:
            if {"f", "t"} & set(string[1].lower()):
                inner, at = _fields(source, string.end(), string[2], "r" in string[1], 0)
                parts.append("('', " + " ".join(f"({text})," for text in inner) + ")")
            else:
                start, at = at, _end(source, string.end(), string[2])
                parts.append(source[start:at])
            continue
        if sign == "#":
            at = source.find("\n", at)
            if at < 0:
                raise _NotPython
            continue
        brackets += (sign in "([{") - (sign in ")]")
        if not brackets and (
            conversion := re.match(r"=?\s*(![rsa])?\s*(?=[:}])", source[at : at + 40])
        ):
            at += conversion.end()
            text = "".join(parts).strip()
            if source[at] == "}":
                return text, [], at + 1
            inner, at = _fields(source, at + 1, quote, raw, depth + 1)
            return text, inner, at
        brackets -= sign == "}"
        parts.append(sign)
        at += 1
    raise _NotPython
