"""Who may look at what in custody: assessors, couriers and randomisers see no vial counts (decision P)."""

from backend.access.rules import Role

SEES_CONTAINERS = tuple(set(Role) - {Role.ASSESSOR, Role.COURIER, Role.RANDOMISER, Role.ADMINISTRATOR, Role.UNMASK})
SEES_PLACES = (*SEES_CONTAINERS, Role.ADMINISTRATOR)
SEES_TRANSIT = (*SEES_CONTAINERS, Role.COURIER)
