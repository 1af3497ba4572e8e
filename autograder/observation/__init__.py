"""The language that both sides of the boundary speak: formulas, values as JSON, observed calls.

Loaded in the student's kernel as well as in the grader, so that both are seen through the same
eyes. It knows nothing of ours: no reference, no tolerance, no verdict, and nothing in it computes
an answer. It hands on observations, which are plain data.
"""
