"""What a week says it needs, beside what every notebook does: read from its notes, not run.

Knows a text. It imports next to nothing, so that kernels can be made ready before all else.
"""

from __future__ import annotations

import ast
from pathlib import Path

__all__ = ["requires"]


def requires(reference: Path) -> tuple[str, ...]:
    """What the text says it ``REQUIRES``, also where it cannot be imported."""
    try:
        for node in ast.parse(reference.read_bytes()).body:
            if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "REQUIRES":
                return tuple(ast.literal_eval(node.value))
    except (OSError, SyntaxError, ValueError, TypeError):
        pass
    return ()
