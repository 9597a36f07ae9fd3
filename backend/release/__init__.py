"""The release room: QA reads what was out of the ordinary first, sees every reason against, and releases or rejects one bank."""
