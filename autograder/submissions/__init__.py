"""A student's file as data: found, read, and mended into a notebook that can be graded.

Whatever was handed in, it knows cells, texts and outputs as data and runs nothing. It does not
know the tasks, nor what a right answer is. It hands on a notebook with every released cell in it.
"""
