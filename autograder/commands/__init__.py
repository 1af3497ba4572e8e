"""What is typed: `autograder COMMAND`, one module a command.

They put together what the rooms below do, and hold no knowledge of their own about marking,
kernels or pages.
"""
