"""A verdict in words and pictures.

The call that failed, what was expected beside what came back, the hint of the mistake that
explains it. It knows verdicts, results and numbers; no files, no notebooks, no gradebook. It hands
on text, HTML and SVG.
"""
