"""Makes `samples/` from public data whose licence allows it (see `samples/README.md`). Deterministic: same input, same bytes."""
