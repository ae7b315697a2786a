"""A year of a desk that never was: what happened is written first, so that every number of it is known, and then played
at a real desk by its own calls. The benchmark plays a mid-size archive's, the demo a thin one.
"""
