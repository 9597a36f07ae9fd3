"""What may be done about a subject: enrol, correct an answer, take consent again, record serology, bind, reissue, withdraw."""

from backend.subject.acts import correcting, screening

__all__ = ["correcting", "screening"]
