"""The dossier room: every vial and label in one disposition, the subject closed, and the record of a subject as a document."""
