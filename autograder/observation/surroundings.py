"""Which errors are the machine's that lacks something, and not the student's.

What worked where it was written (a package, a file, a graphics card, a command) is no mistake
in the answer. Told by the name and the text of an error alone, so both sides of the boundary
can ask: in the kernel, whether a cell goes on; in the grader, whether a person should know.
"""

from __future__ import annotations

import re

__all__ = ["REFUSED", "is_surroundings"]

#: How the box says no; what follows is what a notebook may not do.
REFUSED = "while it is graded, a notebook may not"
_KINDS = {
    "ModuleNotFoundError",
    "ImportError",
    "FileNotFoundError",
    "StdinNotImplementedError",
    "UsageError",
}
_GPU = re.compile(
    r"CUDA|cudaGet|NVIDIA driver|\bXPU\b|\bMPS\b|\bHIP\b|Metal device"
    r"|Unknown backend:? '?(?:gpu|tpu|cuda|METAL|rocm)|No .* devices found",
)


def is_surroundings(kind: str, message: str) -> bool:
    """Whether an error says that the machine lacks something.

    Parameters
    ----------
    kind : str
        The name of the exception's class.
    message : str
    """
    return kind in _KINDS or REFUSED in message or bool(_GPU.search(message))
