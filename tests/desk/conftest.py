"""Stages of a batch for what the desk draws."""

from tests.batch.conftest import reach

__all__ = ["reach"]
