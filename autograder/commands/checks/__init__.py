"""What `autograder check` looks at, a module for each kind of fault.

Each check takes a course and a week and returns sentences that name the cause; an empty list is a
pass. None of them prints, and none touches the course.
"""
