"""What a week says it needs, beside what every notebook does: read from its notes, not run.

Knows a text. It imports next to nothing, so that kernels can be made ready before all else.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable
from pathlib import Path

__all__ = ["misnamed", "requires", "to_install"]

#: What pip calls packages that are imported by another name: of one that is missing nothing
#: installed knows it. (What pip finds as `sklearn` or `cv2` is something else, or nothing.)
_AT_PIP = {
    "Bio": "biopython",
    "PIL": "pillow",
    "bs4": "beautifulsoup4",
    "cv2": "opencv-python-headless",
    "dateutil": "python-dateutil",
    "igraph": "python-igraph",
    "skimage": "scikit-image",
    "sklearn": "scikit-learn",
    "umap": "umap-learn",
    "yaml": "pyyaml",
}


def requires(reference: Path) -> tuple[str, ...]:
    """What the text says it ``REQUIRES``, also where it cannot be imported."""
    try:
        for node in ast.parse(reference.read_bytes()).body:
            if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "REQUIRES":
                return tuple(ast.literal_eval(node.value))
    except (OSError, SyntaxError, ValueError, TypeError):
        pass
    return ()


def to_install(package: str) -> str:
    """What pip calls a package that is imported as `package`."""
    top = package.partition(".")[0]
    return _AT_PIP.get(top, top)


def misnamed(required: object) -> str:
    """What is wrong with what a week ``REQUIRES``, in a sentence; or ``""``."""
    if isinstance(required, str) or not isinstance(required, Iterable):
        return f'REQUIRES is {required!r}, and has to be a tuple of names: ("pandas",)'
    imported = {pip: name for name, pip in _AT_PIP.items()}
    for name in required:
        if not isinstance(name, str) or not all(map(str.isidentifier, name.split("."))):
            known = imported.get(str(name).lower(), "")
            return (
                f"REQUIRES names {name!r}, which nothing can import; a package goes there by the "
                "name it is imported by" + (f": {known!r}" if known else "")
            )
    return ""
