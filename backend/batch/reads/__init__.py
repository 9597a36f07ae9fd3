"""What may be known of a batch: its rows for acts, and frozen views for people who look, with what is covered left out."""
