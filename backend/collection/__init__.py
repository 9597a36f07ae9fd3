"""The collection room: one harvest of marrow, from its order to the laboratory's door."""
