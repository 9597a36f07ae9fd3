"""The fixed words that other rooms keep in their rows and rules and the desk says."""

from backend.ledger.words import words

LISTED = (
    words("Minor"), words("Major"), words("Critical"),
    words("minor"), words("major"), words("critical"),
    words("Requested"), words("Printed"), words("Verified"), words("Applied"), words("Void"), words("Destroyed"), words("Specimen"),
    words("void"), words("destroyed"), words("specimen"),
    words("quarantine"), words("released"),
    words("coordinator"), words("physician"), words("nurse"), words("technician"), words("analyst"), words("qa"), words("courier"),
    words("assessor"), words("preparer"), words("unmasked qa"), words("randomiser"), words("inspector"), words("administrator"),
    words("unmask"),
    words("a chain-of-identity code"), words("a container code"), words("a container label"), words("a wristband"), words("a place label"),
    words("an equipment label"), words("a material lot label"), words("a badge"), words("a document code"), words("a record code"),
    words("site"), words("building"), words("room"), words("bench"), words("incubator"), words("refrigerator"), words("shelf"),
    words("tank"), words("rack"), words("box"), words("position"),
)  # fmt: skip
"""Words that other rooms keep in their rows or rules and the desk says: states, grades, zones, kinds of codes and of places."""
_BY_TEXT = {str(one): one for one in LISTED}


def listed(text: str) -> str:
    """The same as `Words` when it is one of the listed; otherwise what it is: a name, a sentence, a text of the trial folder."""
    return _BY_TEXT.get(text, text)
