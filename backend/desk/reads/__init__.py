"""What may be known at the desk, each file one question: what is this code, what waits for me, how is this subject, what happened."""
