"""What the values of a preparation are called, and their units: on the page, in a refusal, in the printed record."""

TITLES = {
    "thawed_ml": "Volume thawed", "wash_ml": "Volume of the wash", "left_ml": "Volume left over the pellet",
    "resuspended_ml": "Volume after the wash", "strained": "Times strained", "clumps": "Clumps still seen",
    "live": "Living cells in each square", "dead": "Dead cells in each square",
    "dilution": "Dilution of the sample", "suspension_ml": "Volume of the suspension", "stock_diluent_ml": "Diluent for the working stock",
    "drawn_ml": "Volume drawn from the working stock", "diluent_ml": "Diluent", "net_g": "Net weight of the filled syringe",
}  # fmt: skip
"""What two people read, in the order in which it is shown; what is not in UNITS is in millilitres."""
UNITS = {"live": "cells", "dead": "cells", "dilution": "times", "net_g": "g", "strained": "times", "clumps": "clumps"}
WORKED = {
    "clumps": ("Clumps still seen", "clumps"), "concentration": ("Viable concentration", "cells/mL"),
    "viability": ("Viability", "%"), "counted": ("Number of cells that one person counted", "cells"),
    "total": ("Viable cells after the wash", "cells"),
    "recovery": ("Recovered after the thaw", "%"), "made_ml": ("Volume made", "mL"),
    "calculated": ("Concentration by calculation", "cells/mL"), "dmso": ("Residual DMSO", "%"),
    "dmso_at_most": ("Residual DMSO of the largest dose of this route", "%"), "dmso_mg": ("DMSO given", "mg"),
    "filled_ml": ("Volume filled", "mL"), "filled": ("Filled volume beside its target", "%"),
    "cells": ("Viable cells in the dose", "cells"), "off_target": ("Viable concentration beside its target", "%"),
}  # fmt: skip
"""What is worked out, or judged, from that: title and unit."""


def called(name: str) -> tuple[str, str]:
    """The title and the unit of a value that was read or worked out; the name itself when it has none."""
    if name in WORKED:
        return WORKED[name]
    return (TITLES[name], UNITS.get(name, "mL")) if name in TITLES else (name.replace("_", " "), "")
