"""What lies in a folder, told from what lay there before without reading it.

A submission is hostile work: nothing of it is parsed here, no link followed, and only plain files
are opened. Knows files; no notebooks.
"""

from __future__ import annotations

import hashlib
import itertools
import os
import stat
from collections.abc import Iterator
from pathlib import Path

__all__ = ["at_a_glance", "hashed"]

#: What is more, or larger, has to be read to be told from what it was.
_FEW, _SMALL = 200, 20_000_000


def at_a_glance(folder: Path, against: str) -> str:
    """A digest of all that lies in a submission's folder; ``""`` if it is too much, or odd.

    Parameters
    ----------
    folder : Path
    against : str
        What decides beside it on how it is read and graded.
    """
    try:
        entries = list(itertools.islice(_inside(folder), _FEW + 1))
        found = sorted((entry.path, entry.stat(follow_symlinks=False)) for entry in entries)
    except OSError:
        return ""
    plain = all(stat.S_ISREG(about.st_mode) or stat.S_ISDIR(about.st_mode) for _, about in found)
    if len(found) > _FEW or not plain or sum(about.st_size for _, about in found) > _SMALL:
        return ""
    digest = hashlib.sha256(against.encode())
    for path, _ in found:
        name = os.fsencode(os.path.relpath(path, folder))
        digest.update(b"%d/%b%b" % (len(name), name, hashed(Path(path))))
    return digest.hexdigest()


def _inside(folder: Path) -> Iterator[os.DirEntry[str]]:
    """All that lies in a folder and the folders in it; no link is followed."""
    waiting = [os.fspath(folder)]
    while waiting:
        with os.scandir(waiting.pop()) as entries:
            for entry in entries:
                yield entry
                if entry.is_dir(follow_symlinks=False):
                    waiting.append(entry.path)


def hashed(path: Path) -> bytes:
    """A digest of a plain file; nothing of anything else."""
    try:
        file = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return b""
    try:
        if not stat.S_ISREG(os.fstat(file).st_mode):
            return b""
        with open(file, "rb", closefd=False) as content:
            return hashlib.file_digest(content, "sha256").digest()
    finally:
        os.close(file)
