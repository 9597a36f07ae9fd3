"""The rules of the bedside: the facts that are asked, the stops they give, and what must be true after an infusion has started."""

from backend.bedside.rules.after import News, against_clearing, against_finishing, against_nothing, is_partial, news_of_end
from backend.bedside.rules.facts import Band, Before, Facts, Giving, Hands, Held, Ordered, Syringe, Tag, Whose, Word
from backend.bedside.rules.stops import WORD_LASTS, scanned, serving, stops

__all__ = [
    "WORD_LASTS", "Band", "Before", "Facts", "Giving", "Hands", "Held", "News", "Ordered", "Syringe", "Tag", "Whose", "Word",
    "against_clearing", "against_finishing", "against_nothing", "is_partial", "news_of_end", "scanned", "serving", "stops",
]  # fmt: skip
