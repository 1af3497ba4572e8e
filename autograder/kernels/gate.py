"""One thread too many is refused as by a system that has no more: the kernel's parent is asked.

Counting now and then from outside would find some work out and miss the same the next time. So
whoever starts a thread waits until the parent has counted, and what it says holds: a start that
fails is an error like any other. Where the system has no such question, they are counted
(`autograder.kernels.sandbox.excess`). Knows threads; what they are for it does not know.

References
----------
`seccomp_unotify(2)`.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import fcntl
import os
import select
import socket
import struct

from autograder.kernels.syscalls import NUMBERS, machine

__all__ = ["Gate", "hand_over"]

_PR_SET_NO_NEW_PRIVS, _SET_MODE_FILTER, _NEW_LISTENER = 38, 1, 8
_SECCOMP = {"x86_64": 317, "aarch64": 277}
_RECEIVE, _SEND, _CONTINUE = 0xC0502100, 0xC0182101, 1
_QUESTION, _ANSWER = 80, "=Qqii"
#: So many are started one after the other at most. Who asks so often in vain, more than all of them
#: together would that end at the first no, gets no answer.
_STARTED, _REFUSED = 10_000, 20_000


def hand_over(parent: socket.socket, enclosed: bool, ask: bool = True) -> None:
    """In the kernel, before its box is closed: what the parent has to know, and what asks it.

    Parameters
    ----------
    parent : socket.socket
        The other end of its `Gate`; closed here.
    enclosed : bool
        Whether the system itself keeps the limits on files.
    ask : bool
        Whether it is to be asked, if that goes here.
    """
    listener = _listener() if ask and machine() else -1
    with parent, contextlib.suppress(OSError):
        socket.send_fds(parent, [b"1" if enclosed else b"0"], [listener] if listener >= 0 else [])
    if listener >= 0:
        os.close(listener)


def _listener() -> int:
    """A filter by which starting a thread asks; -1 if there is none here."""
    clone = NUMBERS[machine()]["clone"]
    # Load the number; asked if it is this one, else allowed. The other filter refuses the rest.
    program = [(0x20, 0, 0, 0), (0x15, 0, 1, clone), (6, 0, 0, 0x7FC00000), (6, 0, 0, 0x7FFF0000)]
    code = b"".join(struct.pack("HBBI", *instruction) for instruction in program)
    buffer = ctypes.create_string_buffer(code, len(code))
    header = struct.pack("HP", len(program), ctypes.addressof(buffer))
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    number, filters = _SECCOMP[machine()], ctypes.c_char_p(header)
    return int(libc.syscall(number, _SET_MODE_FILTER, _NEW_LISTENER, filters))


class Gate:
    """The parent's end, of one kernel.

    Parameters
    ----------
    line : socket.socket
        On which the kernel hands over.
    pid : int
        The kernel's.
    most : int
        Threads that it may have.
    """

    def __init__(self, line: socket.socket, pid: int, most: int) -> None:
        self._pid, self._most = pid, most
        self._handed = False
        self._started = self._refused = 0
        #: What is to be listened to; -1 if nothing more comes.
        self.descriptor = line.detach()
        #: Whether the system keeps the limits on the kernel's files.
        self.enclosed = False

    @property
    def endless(self) -> bool:
        """Whether it goes on starting threads, whatever it is told; then it waits to be killed."""
        return self._refused >= _REFUSED

    def hear(self) -> None:
        """Take what has come, without waiting."""
        poll = select.poll()
        poll.register(self.descriptor, select.POLLIN)
        ready = poll.poll(0)
        if not ready:
            return
        if not self._handed:
            self._take()
        elif not ready[0][1] & select.POLLIN or not self._answer():
            self.close()

    def _take(self) -> None:
        self._handed = True
        with socket.socket(fileno=self.descriptor) as line:
            message, listeners, _, _ = socket.recv_fds(line, 1, 1)
        self.enclosed = message == b"1"
        self.descriptor = listeners[0] if listeners else -1

    def _answer(self) -> bool:
        """Say whether one more may start; False if the kernel has gone."""
        question = bytearray(_QUESTION)
        try:
            fcntl.ioctl(self.descriptor, _RECEIVE, question)
            (number,) = struct.unpack_from("=Q", question)
            # A folder has two links and one for each subfolder, here the threads.
            fits = os.stat(f"/proc/{self._pid}/task").st_nlink - 2 < self._most
            fits = fits and self._started < _STARTED
            self._started += fits
            self._refused += not fits
            if self.endless:
                return True
            answer = (0, 0, _CONTINUE) if fits else (0, -errno.EAGAIN, 0)
            fcntl.ioctl(self.descriptor, _SEND, bytearray(struct.pack(_ANSWER, number, *answer)))
        except OSError as error:
            # Who asked may have been interrupted, and asks again.
            return error.errno in (errno.ENOENT, errno.EINTR)
        return True

    def close(self) -> None:
        """Listen no more; threads cannot be started any more."""
        if self.descriptor >= 0:
            os.close(self.descriptor)
            self.descriptor = -1
