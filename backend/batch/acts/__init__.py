"""What may be done with a batch: open it, note and scan at the bench, sign, check, correct, stop."""
