"""The reading room - seats, bookings, the waiting list, visits - and the queue at the window."""
