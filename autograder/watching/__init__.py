"""Grading on submission: the exchange is watched, and feedback goes back by itself.

What arrived, whose turn it is, how long to rest after a fault. It knows grading and the gradebook;
it hands on pages to the exchange.
"""
