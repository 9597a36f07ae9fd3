"""The survivors that are known to change no decision are still there to be broken; `make mutants` breaks them."""

from tests.mutants import KNOWN, RULES, key, mutants


def test_every_known_survivor_still_stands_in_the_rules() -> None:
    assert set(KNOWN) - {key(one) for path in RULES for one in mutants(path)} == set()
    assert all(KNOWN.values())
