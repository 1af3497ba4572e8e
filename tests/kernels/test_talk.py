"""What a kernel says is bounded before it is read, and what cannot be understood is passed over."""

from __future__ import annotations

import socket
import struct
import subprocess
import sys
import textwrap
import threading
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from conftest import SEARCH_PATH

from autograder.kernels.deadlines import Deadline
from autograder.kernels.kernel import Kernel, open_kernel
from autograder.kernels.limits import Limits
from autograder.kernels.outputs import Outputs
from autograder.kernels.talk import Talk
from autograder.kernels.wire import _GREETING, Wire, connected

# --- the wire, against a fake kernel --------------------------------------------------------------


class FakeKernel:
    """Listens, greets, and then says whatever a test wants, in pieces of any size."""

    def __init__(self, folder: Path) -> None:
        self.path = str(folder / "port-1")
        self._server = socket.socket(socket.AF_UNIX)
        self._server.bind(self.path)
        self._server.listen()
        self.connection = socket.socket()

    def greet(self) -> None:
        self.connection, _ = self._server.accept()
        self.connection.sendall(_GREETING + b"\x04\x06\x05READY")

    def close(self) -> None:
        self.connection.close()
        self._server.close()


@pytest.fixture
def fake(tmp_path: Path) -> Iterator[FakeKernel]:
    kernel = FakeKernel(tmp_path)
    yield kernel
    kernel.close()


def greeted(fake: FakeKernel) -> Wire:
    greeting = threading.Thread(target=fake.greet)
    greeting.start()
    wire = Wire(connected(fake.path, "SUB", 5.0), message_bytes=100)
    greeting.join()
    return wire


def message(*parts: bytes) -> bytes:
    """As frames: the last one short, the others long."""
    longs = [struct.pack(">BQ", 3, len(part)) + part for part in parts[:-1]]
    return b"".join(longs) + bytes([0, len(parts[-1])]) + parts[-1]


@pytest.mark.parametrize("piece", [1, 3, 1000])
def test_a_message_arrives_in_whatever_pieces(fake: FakeKernel, piece: int) -> None:
    wire = greeted(fake)
    data = message(b"one", b"", b"two") + b"\x04\x02hi" + message(b"three")
    for start in range(0, len(data), piece):
        fake.connection.sendall(data[start : start + piece])
    assert wire.receive(1.0) == [b"one", b"", b"two"]
    assert wire.receive(1.0) == [b"three"]
    assert wire.receive(0.0) is None


@pytest.mark.parametrize(
    "large",
    [
        message(b"x" * 101, b"end"),
        message(*[b"x" * 40] * 3),
        message(*[b""] * 17),
        message(b"end", b"x" * 101),
        struct.pack(">BQ", 2, 1 << 20) + bytes(1 << 20),
    ],
)
def test_what_is_too_long_is_dropped_and_the_next_one_heard(fake: FakeKernel, large: bytes) -> None:
    wire = greeted(fake)
    sending = threading.Thread(target=fake.connection.sendall, args=(large + message(b"next"),))
    sending.start()
    assert wire.receive(5.0) == [b"next"]
    sending.join()
    assert wire.dropped == 1


def test_an_endless_part_is_not_kept_and_ends_no_deadline(fake: FakeKernel) -> None:
    """Its length is a number of the sender's; it is read and forgotten, for as long as asked."""
    wire = greeted(fake)
    fake.connection.settimeout(0.2)
    stop = threading.Event()

    def flood() -> None:
        fake.connection.sendall(struct.pack(">BQ", 2, 1 << 62))
        while not stop.is_set():
            fake.connection.sendall(bytes(1 << 16))

    flooding = threading.Thread(target=flood)
    flooding.start()
    assert wire.receive(0.3) is None
    assert len(wire._buffer) <= 1 << 17
    stop.set()
    wire.receive(0.3)
    flooding.join()


def test_what_has_arrived_is_heard_when_the_time_is_up(fake: FakeKernel) -> None:
    wire = greeted(fake)
    fake.connection.sendall(message(b"in time"))
    assert wire.receive(0.0) == [b"in time"]


def test_a_kernel_that_has_hung_up_says_nothing(fake: FakeKernel) -> None:
    wire = greeted(fake)
    fake.connection.sendall(message(b"last words") + b"\0\x64half")
    fake.connection.close()
    assert wire.receive(1.0) == [b"last words"]
    assert wire.receive(0.05) is None
    assert wire.ended


@pytest.mark.parametrize("full", [False, True])
def test_a_kernel_that_has_said_too_much_is_hardly_heard_any_more(full: bool) -> None:
    """Only what is small is still parsed: that its code has finished, say."""
    parsed: list[int] = []

    class Endless:
        size = 1_000_000

        def receive(self, seconds: float) -> list[bytes]:
            return [b"<IDS|MSG>", b"", bytes(self.size - 9)]

    class Session:
        def sign(self, parts: list[bytes]) -> bytes:
            parsed.append(len(parts[0]) + 9)
            raise ValueError

    talk = Talk.__new__(Talk)
    talk._outputs, talk._key, talk._received = Endless(), Session(), 0  # type: ignore[assignment]
    talk.full = full
    for _ in range(150):
        assert talk.next_message(0.0) == {}
    Endless.size = 100
    talk.next_message(0.0)
    assert parsed == [1_000_000] * (0 if full else 40) + [100]


# --- what an output takes -------------------------------------------------------------------------


@pytest.mark.parametrize(
    "content",
    [
        {"data": {"text/plain": "x", "application/json": [[]] * 10_000}, "metadata": {}},
        {"data": {"text/plain": "x"}, "metadata": {"x": [1] * 30_000}},
        {"data": {"text/plain": "x" * 1_000_001}, "metadata": {}},
    ],
)
def test_an_output_counts_by_the_memory_it_takes(content: dict[str, object]) -> None:
    """Nested data far more than the bytes of its JSON."""
    room = 1_000_000

    def fits(size: int) -> bool:
        nonlocal room
        room -= size
        return room >= 0

    outputs = Outputs(100, fits)
    outputs.add("display_data", content)
    (said,) = outputs.outputs
    assert "left out" in said.text


def test_what_finds_no_room_is_not_gone_through_part_by_part() -> None:
    """It is measured once; all neighbours' kernels wait for this interpreter meanwhile."""

    class Nested(list[object]):
        went_through = 0

        def __iter__(self) -> Iterator[object]:
            Nested.went_through += 1
            return super().__iter__()

    for room, times in ((False, 1), (True, 3)):
        content = {"data": {"application/json": Nested([1])}, "metadata": {}}
        Outputs(100, lambda size, room=room: room).add("display_data", content)  # type: ignore[misc]
        assert Nested.went_through == times


# --- real kernels -------------------------------------------------------------------------------

#: Sent as a kernel would, signed; none of them may do anything.
MALFORMED = """
import json, random
kernel = get_ipython().kernel
session, thread, parent = kernel.session, kernel.iopub_thread, kernel.get_parent("shell")
header = session.msg_header("stream")
good = {"name": "stdout", "text": "x"}
deep = "[" * 50_000 + "]" * 50_000
texts = ["", "null", "[]", "3", '"x"', "{", deep, '{"a":' * 5000 + "1" + "}" * 5000, "NaN",
         '{"msg_id": null}', '{"msg_type": {}, "msg_id": []}', '{"date": 7}', "1e999",
         '{"date": "2027-13-45T"}', '{"data": {"text/plain": {}}}',
         '{"msg_type": "status", "execution_state": []}',
         '{"data": {"a/json": %s}, "metadata": {}}' % deep,
         '{"name": "stdout", "text": "\\\\ud800"}',
         '{"wait": {}}', '{"traceback": [[]]}', '{"ename": 1}', "\\ud800", "\\x00"]
def send(parts):
    raw = [part.encode("utf-8", "surrogatepass") for part in parts]
    thread.send_multipart([b"<IDS|MSG>", session.sign(raw), *raw])
answered = json.dumps(parent["header"], default=str)
right = [json.dumps(header, default=str), answered, "{}", json.dumps(good)]
for kind in "stream", "status", "display_data", "execute_result", "error", "clear_output":
    for text in texts:
        for position in range(4):
            parts = [json.dumps({**header, "msg_type": kind}, default=str), *right[1:]]
            parts[position] = text
            send(parts)
for parts in ([], [b""], [b"<IDS|MSG>"], [b"<IDS|MSG>", b"x"], [b"x"] * 16, [b"<IDS|MSG>"] * 6):
    thread.send_multipart(parts or [b""])
"""


@pytest.mark.kernel
def test_messages_that_cannot_be_understood_are_passed_over() -> None:
    """Signed ones too: they raise nothing, end nothing, and what comes after is heard."""
    with open_kernel(Limits()) as kernel:
        kernel.run(MALFORMED)
        (shown,) = kernel.run("6 * 7")
        assert shown.data["text/plain"] == "42"
        assert not kernel.died


def test_a_kernel_that_does_not_listen_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """What cannot be sent is not waited for."""

    class Deaf:
        dropped = 0

        def ask(self, *args: object) -> str:
            raise TimeoutError

        def next_message(self, seconds: float) -> None:
            return None

    class Dead:
        pid = 0

        def is_alive(self) -> bool:
            return False

        def why_it_died(self) -> str:
            return ""

        def was_killed(self) -> bool:
            return False

    kernel = Kernel(Dead(), Deaf(), Limits())  # type: ignore[arg-type]
    (said,) = kernel.run("1")
    assert said.ename == "Stopped"
    assert kernel.died


def test_what_has_arrived_counts_when_the_time_is_up() -> None:
    """A grader that was held up misses nothing: outputs, and that the code had finished."""
    about = {"parent_header": {"msg_id": "asked"}}
    waiting = [
        {"msg_type": "stream", "content": {"name": "stdout", "text": "in time"}, **about},
        {"msg_type": "status", "content": {"execution_state": "idle"}, **about},
    ]

    class Waiting:
        dropped = 0
        full = False

        def next_message(self, seconds: float) -> dict[str, object] | None:
            return waiting.pop(0) if waiting else None

    process = SimpleNamespace(pid=0)
    kernel = Kernel(process, Waiting(), Limits())  # type: ignore[arg-type]
    outputs = Outputs(100, kernel._take)
    assert kernel._until_idle("asked", Deadline(-5.0, lambda: 0.0), outputs)
    assert not kernel._talk.full
    assert outputs.outputs[0].text == "in time"


#: Each is a cell; together they take what a grader without bounds has.
FLOODS = {
    "one message of many parts": """
        for last in [False] * 79 + [True]:
            kernel.wire.send([bytes(64_000_000), *[b""] * (not last)])
    """,
    "messages of nested JSON": """
        import json
        session, parent = kernel.session, kernel.get_parent("shell")["header"]
        header = session.msg_header("display_data")
        nested = b'{"metadata": {}, "data": {"a/json": [' + b"[]," * 600_000 + b"1]}}"
        raw = [json.dumps(part, default=str).encode() for part in (header, parent, {})] + [nested]
        signed = [b"<IDS|MSG>", session.sign(raw), *raw]
        for _ in range(15):
            thread.send_multipart(signed)
    """,
    "many small outputs": """
        import sys
        for _ in range(20_000):
            print("a"); print("b", file=sys.stderr)
    """,
    "a message without end": """
        import os
        os.write(kernel.wire.fileno(), b"\\2" + (1 << 62).to_bytes(8, "big"))
        for _ in range(1000):
            os.write(kernel.wire.fileno(), bytes(1_000_000))
    """,
    "reports without end": """
        import glob, os
        (path,) = glob.glob(os.path.expanduser("~/.reports"))
        with open(path, "ab") as file:
            for _ in range(40):
                file.write(b'{"x": [' + b"[]," * 500_000 + b"1]}\\n")
    """,
}
MEASURE = """
import resource, sys
from autograder.kernels.kernel import open_kernel
from autograder.kernels.limits import Limits
def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
start = '''
kernel = get_ipython().kernel
thread = kernel.iopub_thread
'''
with open_kernel(Limits()) as kernel:
    kernel.run("1 + 1")
before, kept = peak(), []
for code in {codes!r}:
    with open_kernel(Limits(cell_seconds=20)) as kernel:
        kept = kernel.run(start)
        kept = [kernel.run(code), kernel.run("import time; time.sleep(0.5)"), kernel.reports()]
        print(peak() - before, kernel.died, file=sys.stderr)
print(peak() - before)
"""


@pytest.mark.kernel
def test_a_kernel_costs_the_grader_no_more_than_is_stated() -> None:
    """200 MB, whatever it sends and on whatever channel."""
    codes = [textwrap.dedent(code) for code in FLOODS.values()]
    measured = subprocess.run(
        [sys.executable, "-c", MEASURE.replace("{codes!r}", repr(codes))],
        env={"PYTHONPATH": SEARCH_PATH, "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
    )
    assert int(measured.stdout) < 200, measured.stderr
