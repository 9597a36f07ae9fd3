"""The bedside room: the last check before cells go into a person, GIVE or STOP, and what was given."""
