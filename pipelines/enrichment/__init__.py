"""What is found in records that nobody catalogued: persons, organisations, places, offices and events in descriptions.

`step.enrich` is the step of the nightly run. It imports neither spaCy nor anything built on it: those are for the
processes that have descriptions to read (`tasks`). `docs/enrichment.md` says what is found, by what, and how well.
"""
