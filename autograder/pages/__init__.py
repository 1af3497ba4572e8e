"""A graded notebook as people open it: the student's page, formgrader's page, notices.

It knows graded notebooks and records, shows and never judges, and puts nothing on a page that
could run there. It hands on HTML.
"""
