"""One submission through its stages, and what is kept of it.

The course and its weeks; prepare, execute, judge, explain; the record from which a grading can be
repeated; who may grade whom at the moment. It knows everything below and not nbgrader. It hands on
graded notebooks and records.
"""
