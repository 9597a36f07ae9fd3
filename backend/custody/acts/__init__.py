"""What may be done in custody, and the parts of it that acts of other rooms do inside their own.

For other rooms: `make_container`, `measure`, `use_up`, `missing`, `request_labels`, `apply_label`, `void_labels_of`, `give_out`, `give`,
`take_over`, and from `reads`: `container_of` (stops on void, unverified and unknown labels) and `usable` (as well, not used up and not on
its way).
"""

from backend.custody.acts.storage import missing, move, pick, put, store  # isort: skip  # the order in which acts are offered
from backend.custody.acts.containers import make_container, measure, use_up
from backend.custody.acts.handing import give, hand_over, receive, take_over
from backend.custody.acts.labelling import apply_label, give_out, request_labels, void_labels_of
from backend.custody.acts.papers import print_badge, print_box_label, print_place
from backend.custody.acts.places import add_box, add_place
from backend.custody.reads.containers import container_of, usable

__all__ = [
    "add_box", "add_place", "apply_label", "container_of", "give", "give_out", "hand_over", "make_container", "measure", "missing", "move",
    "pick", "print_badge", "print_box_label", "print_place", "put", "receive", "request_labels", "store", "take_over", "usable", "use_up",
    "void_labels_of",
]  # fmt: skip
