"""STR profiles: which alleles were read at each locus, and whether two profiles are of one person.

A sentence names loci and never an allele: an allele is part of who somebody is.
"""

import re
from collections.abc import Iterable, Mapping

from backend.testing.models import IN, INCONCLUSIVE, OUT
from backend.testing.rules.verdicts import Verdict

Profile = Mapping[str, frozenset[str]]
_LOCUS = re.compile(r"([A-Za-z][A-Za-z0-9-]{1,15}(?: [A-Z])?)\s*[:=]\s*(.+)")
_ALLELE = re.compile(r"[0-9]{1,2}(\.[1-9])?|X|Y")
MOST = 60
LEAST_SAID = "write a locus and its alleles on each line, as in TH01: 6, 9.3"


def profile_of(text: str) -> Profile:
    """The profile as it was typed, one locus a line or between semicolons; what is none raises ValueError that quotes no allele.

    More than two alleles at a locus are taken as they are: a mixture is bad news and no nonsense.
    """
    found: dict[str, frozenset[str]] = {}
    lines = [one.strip() for one in re.split(r"[\n;]", text) if one.strip()]
    if not lines or len(lines) > MOST:
        raise ValueError(f"A profile has 1 to {MOST} loci, and {len(lines)} were given; {LEAST_SAID}.")
    for number, line in enumerate(lines, 1):
        read = _LOCUS.fullmatch(line)
        if read is None:
            raise ValueError(f"Line {number} is no locus; {LEAST_SAID}.")
        locus, alleles = read[1].upper(), [one for one in re.split(r"[\s,/]+", read[2].upper()) if one]
        if locus in found:
            raise ValueError(f"{locus} is given twice; each locus is given once.")
        if not alleles or any(_ALLELE.fullmatch(one) is None for one in alleles):
            raise ValueError(f"What was read at {locus} is no allele; {LEAST_SAID}.")
        found[locus] = frozenset(alleles)
    return found


def spelled(profile: Profile) -> str:
    """A profile in one spelling: loci by name, alleles by size, so that one read twice is written alike."""
    return "\n".join(f"{locus}: {', '.join(sorted(profile[locus], key=_size))}" for locus in sorted(profile))


def _size(allele: str) -> tuple[int, str]:
    whole = allele.split(".")[0]
    return (int(whole), allele) if whole.isdigit() else (0, allele)


def compared(title: str, product: Profile, references: Iterable[Profile]) -> Verdict:
    """Whether the product is of the person whose reference profiles these are: every locus in both, and alike in all of them.

    A locus that differs is out. Where none differs and one was read in one profile only, nothing is shown, and it is inconclusive.
    """
    differ: set[str] = set()
    alone: set[str] = set()
    for reference in references:
        differ |= {locus for locus in product.keys() & reference.keys() if product[locus] != reference[locus]}
        alone |= product.keys() ^ reference.keys()
    if differ:
        where = _listed(sorted(differ))
        return Verdict(OUT, f"{title} differs from the subject's own reference sample at {where}; it must be equal at every locus.")
    if alone:
        where = _listed(sorted(alone))
        said = f"{where} {'was' if len(alone) == 1 else 'were'} read in one of the two only"
        return Verdict(INCONCLUSIVE, f"{title} cannot be compared at every locus: {said}; all must be read in both, and be equal.")
    return Verdict(IN)


def _listed(loci: list[str]) -> str:
    return loci[0] if len(loci) == 1 else f"{', '.join(loci[:-1])} and {loci[-1]}"
