"""Feedback pages of a class, several at a time.

nbgrader converts one notebook after the other. The pages are made in processes of their own anyway
(`autograder.pages.student`): here those stay warm, and one for each core is at work. Knows
converters; neither grades nor what is on a page.
"""

from __future__ import annotations

import copy
import queue
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from nbconvert.writers import FilesWriter
from nbgrader.converters.base import NbGraderException

from autograder.grading.bounded import places
from autograder.grading.processors import processors
from autograder.pages.student import FeedbackExporter

__all__ = ["convert_many"]


def convert_many(converter: Any, convert: Callable[[], None]) -> None:
    """Convert all that a converter has found, as `convert` would, one after the other.

    Parameters
    ----------
    converter : nbgrader's GenerateFeedback
        With its folders and their notebooks.
    convert : callable
        Its own way, for where nothing is gained, or a course's hooks expect to be called in turn.

    Raises
    ------
    NbGraderException
        If some could not be converted, when all others are.
    """
    jobs = min(processors(), len(converter.assignments))
    hooks = converter.pre_convert_hook or converter.post_convert_hook
    if jobs < 2 or hooks or sys.platform != "linux":
        convert()
        return
    waiting = queue.SimpleQueue[tuple[str, list[str]]]()
    for found in sorted(converter.assignments.items()):
        waiting.put(found)
    stop = threading.Event()
    failed: list[NbGraderException] = []

    def work(one: Any) -> None:
        while not stop.is_set():
            try:
                one.assignments = dict([waiting.get_nowait()])
                one.convert_notebooks()
            except queue.Empty:
                return
            except NbGraderException as error:  # it has said in the log what and why
                failed.append(error)

    with places(), ThreadPoolExecutor(jobs) as pool:
        try:
            for done in [pool.submit(work, _like(converter)) for _ in range(jobs)]:
                done.result()
        except BaseException:
            stop.set()
            raise
    if failed:
        raise failed[0]


def _like(converter: Any) -> Any:
    """Another one of the same settings, as each remembers what it has in hand."""
    one = copy.copy(converter)
    vars(one).pop("convert_notebooks", None)
    one.writer = FilesWriter(parent=one, config=one.config)
    one.exporter = FeedbackExporter(parent=one, config=one.config)
    for step in one.preprocessors:
        one.exporter.register_preprocessor(step)
    return one
