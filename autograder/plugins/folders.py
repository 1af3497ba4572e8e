"""Folders of students, by names that nbgrader can take through all of its steps."""

from __future__ import annotations

import unicodedata

__all__ = ["why_not_a_student"]


def why_not_a_student(name: str) -> str:
    """Why a folder's name cannot be a student's id; empty if it can."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return "its name is not in UTF-8"
    if any(unicodedata.category(char) == "Cc" for char in name):
        return "its name has a line break, or another control character"
    if name != name.strip():
        return "its name begins or ends with a space"
    return "its name begins with a full stop" if name.startswith(".") else ""
