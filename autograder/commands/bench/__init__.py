"""`autograder bench`: against stock nbgrader, otter-grader, and the bare cost of the cells.

The same submissions of one week, on the same machine, in the same run, in rounds:

ours
    ``autograder grade WEEK`` in a fresh copy of a course;
stock
    ``nbgrader autograde WEEK`` in a course with none of our plug-ins, whose hidden
    tests are classic asserts, inside the notebook, of the same calls;
otter
    ``otter run`` for each submission, with test files of the same calls, where it is asked for;
bare
    nothing but the cells, one notebook after the other, in one process that has
    everything imported (``python -m autograder.commands.bench.cells FILES``);
lean
    the same, without the cells that only draw, and with the calls of the hidden
    tests: what any grader of these tasks has to compute.

It measures whole commands from outside and knows nothing of how they work.
"""
