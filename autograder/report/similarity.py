"""Near-identical answers: who has handed in nearly the same code?

Compares runs of tokens (shingles) after comments, layout and the names a
student chose are taken away. What was released counts for nothing, and neither
does what many have: a short task has few solutions. Knows texts; neither
notebooks nor names. Exact, as a thousand answers take a second; hashing
schemes such as MinHash pay off far beyond that.

References
----------
S. Schleimer, D. Wilkerson and A. Aiken, "Winnowing: local algorithms for
document fingerprinting", SIGMOD 2003, 76-85.
"""

from __future__ import annotations

import builtins
import io
import keyword
import tokenize
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

__all__ = ["Group", "near_identical", "shingles"]

#: Tokens in a shingle.
LENGTH = 8
#: Two answers are near-identical if they share so much of what either has.
ALIKE = 0.8
#: Fewer shingles of one's own say nothing.
ENOUGH = 12
#: What more than so many have, or this part of the class, is common.
COMMON, COMMON_PART = 10, 0.1

_LAYOUT = {
    tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT,
    tokenize.ENCODING, tokenize.ENDMARKER,
}  # fmt: skip
_KEPT = {*keyword.kwlist, *dir(builtins), "np", "numpy", "torch", "jax", "jnp", "plt"}


@dataclass(frozen=True)
class Group:
    """Answers that are near-identical, and how much the least alike neighbours share."""

    members: tuple[str, ...]
    alike: float


@lru_cache(maxsize=4096)  # many cells are as they were released, or as a neighbour's
def shingles(source: str) -> frozenset[int]:
    """What `source` consists of, whatever its layout, its comments and its names.

    Parameters
    ----------
    source : str
        Python, perhaps broken: what comes before the break counts.

    Returns
    -------
    frozenset of int
        Hashes (of this process) of every run of tokens.
    """
    words = list(_words(source))
    runs = range(len(words) - LENGTH + 1)
    return frozenset(hash(tuple(words[k : k + LENGTH])) for k in runs)


def _words(source: str) -> Iterable[str]:
    before = ""
    try:
        for token in tokenize.generate_tokens(io.StringIO(source).readline):
            if token.type in _LAYOUT:
                continue
            kept = token.string in _KEPT or before == "."
            before = token.string
            if token.type == tokenize.NAME and not kept:
                yield "name"
            elif token.type == tokenize.STRING:
                yield "string"
            else:
                yield token.string
    except (tokenize.TokenError, SyntaxError, ValueError):
        return


def near_identical(
    answers: Mapping[str, Collection[str]], released: Collection[str] = ()
) -> list[Group]:
    """Groups of near-identical answers, the largest first.

    Parameters
    ----------
    answers : mapping of str to collection of str
        For each who answered, the code of each cell.
    released : collection of str
        The cells as they were released.

    Returns
    -------
    list of Group
        Of two or more. In a group everybody is near-identical to somebody, not
        to everybody.
    """
    given = set[int]().union(*map(shingles, released))
    found = {who: set[int]().union(*map(shingles, cells)) - given for who, cells in answers.items()}
    spread = Counter(shingle for mine in found.values() for shingle in mine)
    limit = max(COMMON, COMMON_PART * len(found))
    own = {who: {s for s in mine if spread[s] <= limit} for who, mine in found.items()}
    names = [who for who, mine in own.items() if len(mine) >= ENOUGH]
    if len(names) < 2:
        return []
    sizes = np.array([len(own[who]) for who in names], dtype=np.float32)
    shared = _shared([own[who] for who in names])
    alike = shared / (sizes[:, None] + sizes[None, :] - shared)
    return _groups(names, alike)


def _shared(sets: Sequence[set[int]]) -> np.ndarray:
    """How many members each two of n sets share, shape (n, n); 0 for members of one set alone."""
    holders = defaultdict(list)
    for number, members in enumerate(sets):
        for member in members:
            holders[member].append(number)
    # What is copied is copied together: far fewer different holders than members.
    times = Counter(tuple(numbers) for numbers in holders.values() if len(numbers) > 1)
    columns = list(times.items())
    shared = np.zeros((len(sets), len(sets)), dtype=np.float32)
    for begin in range(0, len(columns), 4096):  # a block at a time, for the memory
        block = columns[begin : begin + 4096]
        table = np.zeros((len(sets), len(block)), dtype=np.float32)
        for column, (numbers, _) in enumerate(block):
            table[list(numbers), column] = 1
        shared += (table * [count for _, count in block]).astype(np.float32) @ table.T
    return shared


def _groups(names: Sequence[str], alike: np.ndarray) -> list[Group]:
    """Connected components of "is near-identical to"."""
    close = alike >= ALIKE
    left = set(range(len(names)))
    groups = []
    while left:
        members, fresh = set[int](), {min(left)}
        while fresh:
            members |= fresh
            fresh = set(np.flatnonzero(close[sorted(fresh)].any(axis=0)).tolist()) - members
        left -= members
        if len(members) > 1:
            links = alike[np.ix_(sorted(members), sorted(members))]
            groups.append(
                Group(tuple(names[k] for k in sorted(members)), float(links[links >= ALIKE].min()))
            )
    return sorted(groups, key=lambda group: (-len(group.members), group.members))
