"""Dates and times as another system writes them."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

import dateutil.parser

__all__ = ["read_moment"]


class _Calendar(dateutil.parser.parserinfo):
    """Dates as Moodle writes them in English, German and French."""

    JUMP = [*dateutil.parser.parserinfo.JUMP, "à", "um", "uhr"]
    WEEKDAYS: list[Any] = [
        ("Mon", "Monday", "Montag", "lundi"), ("Tue", "Tuesday", "Dienstag", "mardi"),
        ("Wed", "Wednesday", "Mittwoch", "mercredi"), ("Thu", "Thursday", "Donnerstag", "jeudi"),
        ("Fri", "Friday", "Freitag", "vendredi"), ("Sat", "Saturday", "Samstag", "samedi"),
        ("Sun", "Sunday", "Sonntag", "dimanche"),
    ]  # fmt: skip
    MONTHS: list[Any] = [
        ("Jan", "January", "Januar", "janvier"), ("Feb", "February", "Februar", "février"),
        ("Mar", "March", "März", "mars"), ("Apr", "April", "avril"), ("May", "Mai"),
        ("Jun", "June", "Juni", "juin"), ("Jul", "July", "Juli", "juillet"),
        ("Aug", "August", "août"), ("Sep", "September", "septembre"),
        ("Oct", "October", "Oktober", "octobre"), ("Nov", "November", "novembre"),
        ("Dec", "December", "Dezember", "décembre"),
    ]  # fmt: skip


def read_moment(text: str) -> datetime | None:
    """The date and time in a cell of a worksheet, or None ("-", or another language)."""
    if not any(char.isdigit() for char in text) or re.match(r"\s*\d+[./]\d", text):
        return None  # 3/4 is in March for some and in April for others
    try:
        # German puts a full stop after the day.
        moment = dateutil.parser.parse(re.sub(r"(\d)\.(?=\s)", r"\1", text), _Calendar())
    except Exception:  # besides ValueError it raises what its own arithmetic stumbles over
        return None
    return moment if 2000 <= moment.year < 9999 else None
