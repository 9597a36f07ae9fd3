"""How HTTP becomes words and back: the frame of every page, the person of every request, and what is said when it is refused."""
