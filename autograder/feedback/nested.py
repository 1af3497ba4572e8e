"""What holds other results, a list or a dict, in words: what is in it, and the way to a part.

Observations may hold any JSON; there is always an answer, and a short one. Knows observations; how
a single one is described, it is told.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from itertools import islice
from typing import Any

from autograder.marking.agreement import inside
from autograder.observation.arguments import MAX_DEPTH

__all__ = ["as_bools", "path_to", "spelled", "unlike"]

Json = dict[str, Any]

#: How many parts are shown of each list, and how many characters of all.
SHOWN, LONGEST = 8, 400
#: What a result is called, and what shows by itself of which kind it is.
WHOLE, _SINGLE = "result", frozenset(("a number", "a text"))


def spelled(observation: Json, describe: Callable[[Json], str], depth: int = 0) -> str:
    """What a list or a dict holds, in short; empty for anything else."""
    held = inside(observation)
    if held is None or depth > MAX_DEPTH:
        return ""
    named = "entries" in observation
    shown: list[str] = []
    for key, part in islice(held.items(), SHOWN):
        part = part if isinstance(part, dict) else {}
        text = "None" if "nothing" in part else spelled(part, describe, depth + 1)
        text = text or describe(part)
        shown.append(f"{_key(key)}: {text}" if named else text)
        if sum(map(len, shown)) > LONGEST:
            break  # nobody will read the rest
    text = ", ".join(shown + ["…"] * (len(held) > len(shown)))
    text = text if len(text) <= LONGEST else text[:LONGEST] + "…"
    if observation.get("set"):
        return f"{{{text}}}" if text else "set()"
    return f"{{{text}}}" if named else f"[{text}]"


def as_bools(numbers: str) -> str:
    """Numbers that stand for bools, as these: ``[1, 0]  shape (2,)`` is ``[True, False]  ...``."""
    shown, shape, rest = numbers.partition("  shape")
    return re.sub(r"\b[01]\b", lambda found: str(found[0] == "1"), shown) + shape + rest


def path_to(path: Sequence[Any]) -> str:
    """The way to a part, as it is typed: ``result["b"][2]``."""
    return WHOLE + "".join(f"[{_key(key)}]" for key in path)


def _kind(observation: Json) -> str:
    """What kind of thing an observation is, as a student calls it; empty for what is none."""
    if "entries" in observation or observation.get("set"):
        return "a dict" if "entries" in observation else "a set"
    if "parts" in observation or observation.get("shape"):
        return "a list or array"
    if "values" in observation:
        return "a number"
    return "a text" if "text" in observation else ""


def unlike(where: str, expected: Json, observed: Json, describe: Callable[[Json], str]) -> str:
    """What distinguishes a list or dict from another one, or from another kind; else empty."""
    kinds = kind, other_kind = _kind(expected), _kind(observed)
    if kind != other_kind and all(kinds) and (where == WHOLE or not _SINGLE.issuperset(kinds)):
        return f"{where} should be {kind}, but is {other_kind}."
    one, other = inside(expected), inside(observed)
    if one is None or other is None or kind != other_kind:
        return ""
    if expected.get("set"):
        return _unlike_sets(where, list(one.values()), list(other.values()), describe)
    if one.keys() == other.keys():
        return ""  # it differs in nothing, or only within
    if "parts" in expected:
        return f"{where} should hold {len(one)} items, but holds {len(other)}."
    missing, more = ([k for k in a if k not in b] for a, b in ((one, other), (other, one)))
    said = [
        f"{word}{'s' * (len(keys) > 1)} {', '.join(map(_key, keys[:SHOWN]))}"
        for word, keys in (("misses the key", missing), ("has the unknown key", more))
        if keys
    ]
    return f"{where} {' and '.join(said)}."


def _unlike_sets(
    where: str, one: list[Any], other: list[Any], describe: Callable[[Json], str]
) -> str:
    held = [{json.dumps(part, sort_keys=True): part for part in parts} for parts in (one, other)]
    missing, more = (
        [
            describe(a[key] if isinstance(a[key], dict) else {})
            for key in islice((k for k in a if k not in b), SHOWN)
        ]
        for a, b in (held, held[::-1])
    )
    said = [f"misses {', '.join(missing)}"] if missing else []
    said += [f"should not hold {', '.join(more)}"] if more else []
    return f"{where} {' and '.join(said)}." if said else ""


def _key(key: Any) -> str:
    if not isinstance(key, str):
        return str(key)
    text = key[:60].encode("utf-8", errors="replace").decode("utf-8")
    return json.dumps(text, ensure_ascii=False)
