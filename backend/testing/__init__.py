"""The testing room: results as typed by the analyst, a second analyst's review, and what follows from a failure."""
