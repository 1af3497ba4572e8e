"""Where a student's code runs: `execute(notebook, calls, limits)`.

A warm process forks kernels into boxes; the driver runs a notebook there, asks the calls and
collects what was observed. It knows no reference and no verdict, so there is none to find for
those who look around. It hands on the executed notebook and the observations.
"""
