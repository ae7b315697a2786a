"""Makes `samples/` from public data whose licence allows it (see `samples/README.md`).

The same input gives the same bytes.
"""
