"""The history of the tables, run by `service_desk.database.upgrade`; files in `versions/` are never edited, only
followed.
"""
