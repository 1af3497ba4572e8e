"""The class on one page.

Numbers, mistakes, pictures and near-identical answers of a week. It knows records and the
gradebook, and runs nothing.
"""
