"""What may be done with routes, orders and doses: prepare one, correct that, release it, dispose of one that is not given."""

from backend.batch.reads.tracing import USES
from backend.dose.acts import correcting, ordering, preparing, reading, releasing, scanning
from backend.dose.reads.progress import foresee
from backend.dose.reads.tracing import in_doses
from backend.ledger.registry import FORESEEN

FORESEEN.append(foresee)
USES.append(in_doses)
__all__ = ["correcting", "ordering", "preparing", "reading", "releasing", "scanning"]
