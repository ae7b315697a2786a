"""The stacks: where everything lies, what has to be fetched, what is out, lent, in repair.

| module | does |
|---|---|
| `tables` | places, contents, moves, retrievals, loans, treatments, the in/out log |
| `finding` | from a record to its box |
| `register` | the register of places, kept by staff |
| `importing` | the register from a table, with a report of every row |
| `logbook` | a box changes its state and the log says so; nobody else writes either |
| `picking` | orders, the pick list, and what a scanned barcode does |
| `loans`, `repairs` | lent until when; mended or copied, in which stage |
| `busy` | what of that a reader may see on a hit: no place, no person |
| `kinds` | the rules: documents `loans` and `repairs` |

`service_desk.desk` has all of it as ``desk.stacks``. Nothing here is for readers but `busy` and their own loans.
"""
