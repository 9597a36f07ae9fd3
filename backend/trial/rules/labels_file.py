"""labels.yaml: the label templates of this trial, typed by the label room itself."""

from pydantic import Field

from backend.trial.rules.written import Page
from labels.templates import LabelTemplate


class LabelsFile(Page):
    """Every label of the trial by its code."""

    labels: tuple[LabelTemplate, ...] = Field(min_length=1)

    def codes(self) -> frozenset[str]:
        """The codes of all labels."""
        return frozenset(label.code for label in self.labels)
