"""When something was handed in: which texts are a certain time, and which are none."""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo
from pathlib import Path

import dateutil.tz
import pytest

from autograder.grading.times import moment, read_stamp, zone_named

KOLKATA = dateutil.tz.gettz("Asia/Kolkata")
ZURICH = dateutil.tz.gettz("Europe/Zurich")


@pytest.mark.parametrize(
    ("text", "zone", "utc"),
    [
        ("2027-03-08 22:30:00.000000 UTC", UTC, datetime(2027, 3, 8, 22, 30)),
        ("2027-03-08 22:30", UTC, datetime(2027, 3, 8, 22, 30)),
        ("2027-03-08T22:30:15.25Z", ZURICH, datetime(2027, 3, 8, 22, 30, 15, 250000)),
        ("2027-03-08 23:30:00 +0100", UTC, datetime(2027, 3, 8, 22, 30)),
        ("2027-03-08 23:30:00+01:00", UTC, datetime(2027, 3, 8, 22, 30)),
        ("2027-03-08 23:30:00 -03", UTC, datetime(2027, 3, 9, 2, 30)),
        ("2027-03-08 23:30:00 +0545", UTC, datetime(2027, 3, 8, 17, 45)),
        ("2027-03-08 23:30:00 Europe/Zurich", UTC, datetime(2027, 3, 8, 22, 30)),
        ("2027-07-08 23:30:00 Europe/Zurich", KOLKATA, datetime(2027, 7, 8, 21, 30)),
        ("2027-03-08 23:30:00 America/Argentina/Buenos_Aires", UTC, datetime(2027, 3, 9, 2, 30)),
        ("2027-03-08 23:30:00 Etc/GMT+5", UTC, datetime(2027, 3, 9, 4, 30)),
        ("2027-03-08 23:30:00.123456 IST", KOLKATA, datetime(2027, 3, 8, 18, 0, 0, 123456)),
        ("2027-03-08 23:30:00", KOLKATA, datetime(2027, 3, 8, 18, 0)),
        ("2027-07-08 23:30:00 CEST", ZURICH, datetime(2027, 7, 8, 21, 30)),
        ("2027-10-31 02:30:00 CEST", ZURICH, datetime(2027, 10, 31, 0, 30)),
        ("2027-10-31 02:30:00 CET", ZURICH, datetime(2027, 10, 31, 1, 30)),
        ("2027-10-31 02:30:00", ZURICH, datetime(2027, 10, 31, 0, 30)),
    ],
)
def test_a_time_whose_zone_is_known(text: str, zone: tzinfo, utc: datetime) -> None:
    """The exchange's own zone (nbgrader writes its abbreviation), offsets, places, and UTC."""
    assert moment(text, zone) == utc


@pytest.mark.parametrize(
    "text",
    [
        "2027-03-08 23:30 CEST", "2027-03-08 23:30:00 PST", "2027-03-08 23:30:00 IST",
        "2027-03-08 23:30:00 EST", "2027-03-08 23:30:00 CET", "2027-03-08 23:30:00 UTC+3",
        "2027-03-08 23:30:00 Mars/Olympus", "2027-03-08 23:30:00 Mars/Olympus3",
        "2027-03-08 23:30:00 ../../etc/localtime", "2027-03-08 23:30:00 /etc/localtime",
        "2027-03-08 23:30:00 +1500", "2027-03-08 23:30:00 +0160", "2027-03-08 23:30:00 100",
        "08.03.2027", "08.03.2027 23:30 UTC", "03/08/2027 23:30 UTC", "2027-03-08", "23:30 CEST",
        "2027-02-30 23:30 UTC", "2027-03-08 24:30 UTC", "2027-03-08 23:60 UTC", "yesterday",
        "0000-03-08 23:30 UTC", "0001-01-01 00:00 +0100", "9999-12-31 23:59 -0100",
        "29" * 15 + "h", "9" * 29 + "h", "1e999999", "٢٠٢٧-٠٣-٠٨ ٢٣:٣٠", "", " ", "\0", "nan",
        f"2027-03-08 23:30 {'E/' * 490}E", "2027-03-08 23:30 UTC and more",
        "2027-03-08 23:30 UTC\n2027-03-09 23:30 UTC",
    ],
)  # fmt: skip
@pytest.mark.parametrize("zone", [UTC, None])
def test_a_time_that_is_not_certain(text: str, zone: tzinfo | None) -> None:
    """Nothing is guessed, and nothing raises: not an abbreviation, not the order of the day."""
    assert moment(text, zone) is None


def test_an_abbreviation_at_the_wrong_time_of_the_year() -> None:
    """There is no CEST in Zurich in March: whoever wrote it was elsewhere."""
    assert moment("2027-03-08 23:30:00 CEST", ZURICH) is None


def test_an_unknown_zone_of_the_exchange() -> None:
    """What it leaves out is not certain then; what names a zone is."""
    assert zone_named("PST") is None
    assert moment("2027-03-08 23:30:00", None) is None
    assert moment("2027-03-08 23:30:00 UTC", None) == datetime(2027, 3, 8, 23, 30)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty"),
        (b" \n", "is empty"),
        (b"\xe4\xb6", "is not text"),
        (b"2027-03-08 23:30 CEST", "says '2027-03-08 23:30 CEST'"),
        (b"x" * 10**6, "says 'xxxx"),
        (b"\x1b[31mred", r"says '\x1b[31mred'"),
    ],
)
def test_a_stamp_that_is_not_certain_is_named(tmp_path: Path, content: bytes, words: str) -> None:
    """It counts as in time, the line says so, and the file stays as it is."""
    path = tmp_path / "timestamp.txt"
    path.write_bytes(content)
    when, note = read_stamp(tmp_path, UTC)
    assert when is None
    assert words in note
    assert "counts as in time" in note
    assert path.read_bytes() == content


def test_stamps_as_editors_save_them(tmp_path: Path) -> None:
    """With a byte order mark, a line break, in UTF-16."""
    for encoding in ("utf-8-sig", "utf-16"):
        (tmp_path / "timestamp.txt").write_text("2027-03-08 23:30 UTC\r\n", encoding)
        assert read_stamp(tmp_path, UTC) == (datetime(2027, 3, 8, 23, 30), "")


def test_no_stamp(tmp_path: Path) -> None:
    """Without the file there is nothing to say; a folder in its place is named."""
    assert read_stamp(tmp_path, UTC) == (None, "")
    (tmp_path / "timestamp.txt").mkdir()
    assert "is not a file" in read_stamp(tmp_path, UTC)[1]
