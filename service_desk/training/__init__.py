"""The training desk: its mark in the database, and exercises that tick themselves off."""
