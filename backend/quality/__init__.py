"""Quality: deviations and what QA decided about them, holds and who lifted them."""
