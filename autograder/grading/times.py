"""When something was handed in, or is due: moments whose time zone is certain.

A time without a known zone is not a time: it could be hours off, and would make somebody late who
was not. Believed are the zone of the exchange, numeric offsets, names of the tz database with
their place (``Europe/Zurich``), and UTC. Knows texts and files; no gradebook.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from pathlib import Path

import dateutil.tz

__all__ = ["EXAMPLE", "moment", "read_stamp", "zone_named"]

#: How a time is written so that nobody has to guess.
EXAMPLE = "2027-03-01 23:59 Europe/Zurich"

_MOMENT = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)(?:T|\s+)(\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?\s*(\S*)", re.ASCII
)
_OFFSET = re.compile(r"([+-])(\d\d)(?::?(\d\d))?", re.ASCII)
#: With a place: abbreviations like EST and IST are those of several zones.
_PLACE = re.compile(r"[A-Za-z_]{1,20}(?:/[A-Za-z0-9_+-]{1,20}){1,2}", re.ASCII)
#: Nobody's clock is farther from UTC.
_FARTHEST = timedelta(hours=14)
#: A time stamp is a line; what is longer is something else.
_LONGEST = 1000


def zone_named(name: str) -> tzinfo | None:
    """The time zone that `name` stands for, if that is certain."""
    if name in ("UTC", "GMT", "Z"):
        return UTC
    if offset := _OFFSET.fullmatch(name):
        sign, hours, minutes = offset[1], int(offset[2]), int(offset[3] or 0)
        away = timedelta(hours=hours, minutes=minutes)
        if minutes >= 60 or away > _FARTHEST:
            return None
        return timezone(-away if sign == "-" else away)
    try:
        found: tzinfo | None = dateutil.tz.gettz(name) if _PLACE.fullmatch(name) else None
    except Exception:  # dateutil has more ways to fail than it says
        return None
    # dateutil makes up a zone from any name with a number in it.
    return None if isinstance(found, dateutil.tz.tzstr) else found


def moment(text: str, zone: tzinfo | None) -> datetime | None:
    """The time that a text says, in UTC without time zone (nbgrader's way), if it is certain.

    Parameters
    ----------
    text : str
        Year, month and day in this order, hour and minute, and perhaps a time zone.
    zone : tzinfo or None
        Of whoever wrote it: for a text that names none, or abbreviates this one's name.
    """
    found = _MOMENT.fullmatch(text.strip())
    if not found:
        return None
    *numbers, fraction, name = found.groups()
    try:
        year, month, day, hour, minute, second = (int(number or 0) for number in numbers)
        fine = int((fraction or "0")[:6].ljust(6, "0"))
        when = datetime(year, month, day, hour, minute, second, fine)
        # Where clocks are set back an hour comes twice: its first time is meant, unless the
        # abbreviation says otherwise.
        for fold in (0, 1):
            when = when.replace(fold=fold)
            known = zone if not name or _abbreviates(name, zone, when) else zone_named(name)
            if known is not None:
                return when.replace(tzinfo=known).astimezone(UTC).replace(tzinfo=None, fold=0)
    except (ValueError, OverflowError):
        pass  # no such day, or not a year
    return None


def _abbreviates(name: str, zone: tzinfo | None, when: datetime) -> bool:
    return zone is not None and when.replace(tzinfo=zone).tzname() == name


def read_stamp(folder: Path, zone: tzinfo | None) -> tuple[datetime | None, str]:
    """When what lies in a folder was handed in, by its ``timestamp.txt``.

    Parameters
    ----------
    folder : Path
    zone : tzinfo or None
        The exchange's.

    Returns
    -------
    when : datetime or None
        In UTC without time zone; None if there is no stamp, or it is not certain.
    note : str
        Why it is not certain.
    """
    path = folder / "timestamp.txt"
    try:
        if not path.is_file():
            return None, _unsure("is not a file") if path.exists() else ""
        with path.open("rb") as file:
            content = file.read(_LONGEST)
    except OSError as error:
        return None, _unsure(f"cannot be read ({error.strerror})")
    try:
        text = content.decode(
            "utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
        )
    except UnicodeDecodeError:
        return None, _unsure("is not text")
    if not text.strip():
        return None, _unsure("is empty")
    when = moment(text, zone)
    return when, "" if when else _unsure(f"says {text.strip()[:40]!r}")


def _unsure(what: str) -> str:
    return (
        f"timestamp.txt {what}: no certain time, so it counts as in time "
        f"(if you know better, write it like {EXAMPLE})"
    )
