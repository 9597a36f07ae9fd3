"""Every field that a label can carry: its sample value, where its value comes from, and what it is.

One idea: this one table feeds the preview, the PDF, the check of templates and the tests, so they cannot disagree.
"""

from typing import NamedTuple

from labels import codes


class Field(NamedTuple):
    """One field; `is_code` fields are given as 13 characters and printed in groups of four."""

    sample: str
    source: str
    meaning: str
    is_code: bool = False


FIELDS: dict[str, Field] = {
    # Codes
    "code": Field("LT7KDRNQMRSFG", "the print", "the label's own code, the only content of its symbol", is_code=True),
    "coi": Field("SK0KPKFMV0A14", "the subject", "the chain-of-identity code", is_code=True),
    "container_code": Field("CTKT1TYJTYQED", "the container", "the container's code for life", is_code=True),
    # Whose
    "subject_number": Field("S08", "the subject", "the number of the subject in the trial"),
    "subject_name": Field("Ann Example", "the subject", "the full name of the subject; printed only where the site decides so"),
    "birth_date": Field("1971-02-28", "the subject", "the date of birth of the subject; printed only where the site decides so"),
    # What
    "product_name": Field("Autologous bone-marrow MSC", "the trial", "the name of the product in full"),
    "product_short": Field("ABMSC", "the trial", "the short name of the product"),
    "contents": Field("Flask, passage 1", "the container", "what is in the container, in a few words"),
    "passage": Field("P2", "the batch", "the passage of the cells"),
    "volume": Field("1.0 mL", "the container", "the filled volume with its unit"),
    "route": Field("ICA", "the order", "the route of administration as the trial calls it, in large type"),
    "route_name": Field("internal carotid catheter", "the trial", "the access of the route in words"),
    "strength": Field(
        "2.5×10⁶ or 1.0×10⁷ viable cells in 10 mL, per randomisation code",
        "the trial",
        "what is in the syringe, in the same words for everybody who may be given it",
    ),
    "infusion": Field("Infusion 1", "the order", "which of the infusions it is"),
    "vials": Field("7", "the box", "how many vials a box holds"),
    "batch": Field("K4S0V17761J9H", "the batch", "the code of the manufacturing run", is_code=True),
    # When
    "filled_on": Field("2026-10-26", "the container", "the date of filling"),
    "filled_at": Field("2026-10-26 14:20 UTC+8", "the container", "the date, time and zone of filling"),
    "expires_on": Field("2027-03-30", "the container", "the last date of use"),
    "expires_at": Field("2026-11-22 17:46 UTC+8", "the syringe", "the last minute at which cells may be going in, with its zone"),
    "printed_at": Field("2026-10-26 13:55 UTC+8", "the print", "the date, time and zone of the print"),
    # How it must be kept, and what must be known
    "storage": Field("Keep at −150 °C or below", "the trial", "how it must be kept, in words"),
    "storage_short": Field("≤ −150 °C", "the trial", "how it must be kept, in figures; for small labels"),
    "evaluation_missing": Field("yes", "the subject", "“yes” unless the whole donor evaluation was done; four serologies are not all"),
    "reactive_for": Field("", "the subject", "the agents with a reactive result; empty when there are none"),
    "trial": Field("NCT06997939", "the trial", "the number of the trial"),
    "contact": Field("+86 000 0000 4420", "the trial", "the telephone number of the main contact"),
    "site": Field("Cell laboratory, example site", "the trial", "the name of the establishment"),
    # Places and people
    "place_name": Field("Box 4", "the place", "the short name of the place"),
    "place_path": Field("Cryo room · Tank 2 · Rack B", "the place", "where the place is, from the site down"),
    "person_name": Field("Lin Yue", "the person", "the printed name of the person"),
    "staff_number": Field("N-10442", "the person", "the staff number of the person"),
    "roles": Field("GMP technician", "the person", "the roles of the person, in words"),
}

SAMPLES = {name: field.sample for name, field in FIELDS.items()}
"""Field name to sample value, as `fill` takes them."""


class CannotPrint(ValueError):
    """A label cannot be printed as it must be read; `field` is where, `sentence` says what is and what must be."""

    def __init__(self, field: str, sentence: str) -> None:
        super().__init__(f"{field}: {sentence}")
        self.field = field
        self.sentence = sentence


def printed(name: str, value: str) -> str:
    """The value as it is printed: a code in groups of four, anything else as it is; CannotPrint when a code field holds no code."""
    if not FIELDS[name].is_code:
        return value
    try:
        return codes.shown(codes.read(value))
    except codes.NotACode as refused:
        raise CannotPrint(name, refused.sentence) from refused
