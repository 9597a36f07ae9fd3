"""What the values of a preparation are called, and their units: on the page, in a refusal, in the printed record."""

from backend.ledger.words import words

TITLES = {
    "thawed_ml": words("Volume thawed"), "wash_ml": words("Volume of the wash"), "left_ml": words("Volume left over the pellet"),
    "resuspended_ml": words("Volume after the wash"), "strained": words("Times strained"), "clumps": words("Clumps still seen"),
    "live": words("Living cells in each square"), "dead": words("Dead cells in each square"),
    "dilution": words("Dilution of the sample"), "suspension_ml": words("Volume of the suspension"),
    "stock_diluent_ml": words("Diluent for the working stock"), "drawn_ml": words("Volume drawn from the working stock"),
    "diluent_ml": words("Diluent"), "net_g": words("Net weight of the filled syringe"),
}  # fmt: skip
"""What two people read, in the order in which it is shown; what is not in UNITS is in millilitres."""
UNITS = {
    "live": words("cells"), "dead": words("cells"), "dilution": words("times"), "net_g": "g", "strained": words("times"),
    "clumps": words("clumps"),
}  # fmt: skip
WORKED = {
    "clumps": (words("Clumps still seen"), words("clumps")), "concentration": (words("Viable concentration"), "cells/mL"),
    "viability": (words("Viability"), "%"), "counted": (words("Number of cells that one person counted"), words("cells")),
    "total": (words("Viable cells after the wash"), words("cells")),
    "recovery": (words("Recovered after the thaw"), "%"), "made_ml": (words("Volume made"), "mL"),
    "calculated": (words("Concentration by calculation"), "cells/mL"), "dmso": (words("Residual DMSO"), "%"),
    "dmso_at_most": (words("Residual DMSO of the largest dose of this route"), "%"), "dmso_mg": (words("DMSO given"), "mg"),
    "filled_ml": (words("Volume filled"), "mL"), "filled": (words("Filled volume beside its target"), "%"),
    "cells": (words("Viable cells in the dose"), words("cells")), "off_target": (words("Viable concentration beside its target"), "%"),
}  # fmt: skip
"""What is worked out, or judged, from that: title and unit."""
STEPS = {"thaw": words("thaw"), "wash": words("wash"), "count": words("count"), "formulate": words("formulate"), "fill": words("fill")}


def called(name: str) -> tuple[str, str]:
    """The title and the unit of a value that was read or worked out; the name itself when it has none."""
    if name in WORKED:
        return WORKED[name]
    return (TITLES[name], UNITS.get(name, "mL")) if name in TITLES else (name.replace("_", " "), "")
