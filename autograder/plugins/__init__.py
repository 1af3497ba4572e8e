"""What `nbgrader_config.py` names: our side of nbgrader's plug-in points.

Preprocessors, converters, the gradebook, feedback handed back, submissions taken in. Only this
room and those above it know nbgrader; everything below works without it.
"""
