"""The subject room: who takes part, may they, and which code is theirs for life."""
