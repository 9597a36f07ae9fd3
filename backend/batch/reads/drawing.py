"""Where the marker of a bar stands, in the coordinates of its drawing; the page draws it, and moves it when a value is kept."""

from backend.batch.rules.saying import Gauge

LEFT, WIDTH = 6, 228  # of the 240 by 46 drawing that the kit makes


def mark_of(bar: Gauge) -> dict[str, str]:
    """The place and the kind of a bar's marker; a value beyond the end stays at the end."""
    if bar.at is None:
        return {}
    inside = min(max(bar.at, bar.low), bar.high)
    return {"x": f"{LEFT + (inside - bar.low) / (bar.high - bar.low) * WIDTH:.1f}", "kind": bar.kind}
