"""Whatever a kernel sends or writes down, it is read within bounds, and never by an error."""

from __future__ import annotations

import json
import struct
import tempfile
from pathlib import Path
from typing import Any

import nbformat
from examples import any_json, nested
from fuzzing import fuzzed, within
from hypothesis import given
from hypothesis import strategies as st
from nbformat.v4 import new_code_cell, new_notebook

from autograder.grading.inside import _shallow, _writable
from autograder.kernels.messages import Key
from autograder.kernels.outputs import Outputs
from autograder.kernels.reports import Reports
from autograder.kernels.talk import Talk, is_idle
from autograder.kernels.wire import Wire

flags = st.sampled_from([0, 1, 2, 3, 4, 5, 6, 7, 0xFF])


def message(parts: list[bytes]) -> bytes:
    """As frames that are as they should be, but for their sizes."""
    more = [1] * (len(parts) - 1) + [0]
    return b"".join(bytes([f, len(part)]) + part for f, part in zip(more, parts, strict=True))


sizes = st.sampled_from([0, 1, 30, 99, 100, 101, 255])
messages = st.lists(sizes.map(bytes), min_size=1, max_size=20).map(message)
lengths = st.sampled_from([0, 1, 99, 100, 101, 255, 256, 2**16, 2**31, 2**62, 2**64 - 1])
frames = st.one_of(
    st.tuples(flags, st.integers(0, 255), st.binary(max_size=300)).map(
        lambda frame: bytes(frame[:2]) + frame[2]
    ),
    st.tuples(flags, lengths, st.binary(max_size=300)).map(
        lambda frame: struct.pack(">BQ", *frame[:2]) + frame[2]
    ),
    st.tuples(flags, st.binary(max_size=120)).map(
        lambda frame: bytes([frame[0] & 5, len(frame[1])]) + frame[1]
    ),
)


@fuzzed(150)
@given(
    st.lists(messages, max_size=5) | st.lists(frames | messages, max_size=40), st.integers(1, 400)
)
def test_fuzz_wire(sent: list[bytes], piece: int) -> None:
    """Nothing is kept but one message up to its limit, whatever the lengths say."""
    wire = Wire.__new__(Wire)
    wire._most, wire._most_parts = 100, 16
    wire._buffer, wire._parts = bytearray(), []
    wire._size = wire._count = wire.dropped = 0
    reading, data = wire._read_frames(), b"".join(sent)
    with within(0.5, 50):
        for start in range(0, len(data), piece):
            wire._buffer += data[start : start + piece]
            while (message := next(reading)) is not None:
                assert sum(map(len, message)) <= 100
                assert len(message) <= 16
            assert sum(map(len, wire._parts)) + len(wire._buffer) <= 100 + piece + 9


KINDS = ["stream", "status", "display_data", "execute_result", "error", "clear_output", "x"]
texts = st.text(max_size=20) | st.sampled_from(["\ud800", "\x1b[2J", "<script>", "stdout", "idle"])
deep = st.sampled_from([60, 400, 900, 5000]).map(nested)
values = st.one_of(any_json, texts, st.lists(texts, max_size=3), deep)
bundles = st.dictionaries(
    st.sampled_from(["text/plain", "text/html", "image/png", "application/json", "x"]) | texts,
    values, max_size=3,
)  # fmt: skip
contents = st.fixed_dictionaries(
    {},
    optional={
        "name": values, "text": values, "data": bundles | values, "metadata": bundles | values,
        "ename": values, "evalue": values, "traceback": values, "wait": values,
        "execution_state": values,
    },
)  # fmt: skip
about = st.fixed_dictionaries(
    {}, optional={"msg_type": st.sampled_from(KINDS) | values, "msg_id": values, "date": values}
)


def written(part: Any) -> bytes:
    try:
        return json.dumps(part).encode()
    except RecursionError:
        return b"[" * 100_000


@fuzzed(150)
@given(about | any_json, about | any_json, any_json, contents | any_json, st.binary(max_size=4))
def test_fuzz_messages(header: Any, parent: Any, meta: Any, content: Any, extra: bytes) -> None:
    """Signed as a kernel would: an output that a file and a page can hold, or nothing."""
    session = Key(b"key")
    raw = [written(part) for part in (header, parent, meta, content)]

    class Heard:
        dropped = 0

        def receive(self, seconds: float) -> list[bytes]:
            return [b"<IDS|MSG>", session.sign(raw), *raw, extra]

    talk = Talk.__new__(Talk)
    talk._outputs, talk._key, talk._received = Heard(), session, 0  # type: ignore[assignment]
    talk.full = False
    outputs = Outputs(1000, lambda size: size < 100_000)
    with within(1, 50):
        message = talk.next_message(0.0)
        assert isinstance(message, dict)
        if message:
            is_idle(message, "asked")
            outputs.add(message["msg_type"], message["content"])
        cell = new_code_cell("1", outputs=[_shallow(output) for output in outputs.outputs])
        assert nbformat.v4.writes(_writable(new_notebook(cells=[cell]))).encode()


lines = st.one_of(
    st.binary(max_size=60), any_json.map(written), deep.map(written),
    st.fixed_dictionaries({"task": values, "index": values}).map(written),
)  # fmt: skip


@fuzzed(100)
@given(st.lists(lines, max_size=8), st.integers(1, 3))
def test_fuzz_reports(wrote: list[bytes], times: int) -> None:
    """Whole lines that are JSON objects of a depth that can be worked with, each once."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "reports")
        path.touch()
        reports = Reports(path)
        try:
            with within(1, 50):
                for _ in range(times):
                    with path.open("ab") as file:
                        file.write(b"\n".join(wrote) + b"\n")
                    for found in reports.new():
                        assert isinstance(found, dict)
                        assert "[" * 60 not in json.dumps(found)
                assert reports.new() == []
        finally:
            reports.close()
