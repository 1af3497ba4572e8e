"""Where else students hand in: one file, graded there, in the format that the platform reads.

Each module turns what `autograder try` finds into one platform's results and is what the archive of
`autograder pack` runs there. `pack` puts the archives together. What a platform publishes of its
format is named in each module; nothing here needs a gradebook or nbgrader's exchange.
"""
