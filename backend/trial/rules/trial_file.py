"""The trial itself: who runs it, whom it accepts, what is infused by which route, and the times it allows.

Everything that is true of this trial and not of every trial is here. `arms` is read by nothing before the dose; what has no source
in the registry is named under `draft` and is a default that the sponsor must set.
"""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from backend.trial.rules.limits import Limit
from backend.trial.rules.preparation_file import Arm, Dose, Preparation, Short
from backend.trial.rules.readings import ManyOptions, Reading, Words
from backend.trial.rules.written import AtLeast, AtMost, CalendarMonths, Duration, Page, Quantity, Whole, YesNo


class InTwoLanguages(Page):
    """A text in English and in Chinese."""

    en: Words
    zh_CN: Words  # noqa: N815  the locale's own name


class Contact(Page):
    """Whom to call, at any hour."""

    name: Words
    phone: Words


class Product(Page):
    """The product as labels name it."""

    code: Short
    name: InTwoLanguages
    storage: InTwoLanguages


class Route(Page):
    """A route of infusion, with the endotoxin allowance and the planned duration of an infusion."""

    en: Words
    zh_CN: Words  # noqa: N815
    endotoxin_k: Quantity
    planned: Duration
    access: Words = Field(description="the access that the clinician states before the order's route is shown")


class Window(Page):
    """When infusions may be given, in calendar months from the end of the collection that the bank came from."""

    opens: CalendarMonths = Field(alias="from")
    closes: CalendarMonths = Field(alias="to")
    after: Literal["collection"]


class Fitness(Page):
    """How a subject must be for an infusion to be ordered, and what cannot be a weight or a temperature at all."""

    weighed: AtMost = Field(description="age of the weight on the day of the infusion")
    weight: Limit = Field(description="kg; anything else is a slip of the keyboard")
    temperature: Limit = Field(description="°C; anything else is a slip of the keyboard")
    fever: Limit = Field(description="°C; what is in it is fever")
    unfit: Literal["refuse", "warn"] = Field(description="what fever or signs of infection do: refuse the order, or open a deviation of it")


class Infusions(Page):
    """How many infusions, in which window, how far apart, and for whom."""

    count: Whole
    window: Window
    interval: AtLeast
    life_after_thaw: AtMost
    fitness: Fitness


class Bank(Page):
    """The one bank size for every subject, and the one threshold below which nothing is filled."""

    vials: Whole
    fewest: Whole = Field(description="fewer vials than this are no bank")
    per_vial: Quantity
    for_tests: Quantity
    minimum: Quantity


class Criterion(Page):
    """One eligibility question, what is accepted, and the sentence that refuses."""

    code: Short
    group: Literal["inclusion", "exclusion"]
    ask: Words
    kind: Literal["integer", "choice", "yes/no", "months", "years"] = Field(
        description="months: a date, so many calendar months before enrolment; years: a date of birth, completed years at enrolment"
    )
    of: tuple[Words, ...] = ()
    accept: Limit | ManyOptions = Field(union_mode="left_to_right")
    otherwise: Words = Field(description="why enrolment is refused; {answer} stands for what was answered")


class Analyte(Page):
    """One serology test of the screening."""

    code: Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9-]{1,19}$")]
    name: Words
    of: tuple[Words, ...] = Field(min_length=2)
    accept: ManyOptions = Field(default=(), description="empty: recorded and not judged")
    agent: Words = Field(description="what a reactive result warns of")
    optional: YesNo = False


class Serology(Page):
    """The analytes, and how old a sample may be on the day of harvest."""

    age_at_harvest: AtMost
    analytes: tuple[Analyte, ...] = Field(min_length=1)


class Consent(Page):
    """The versions in force, and who may give consent."""

    form: Words
    protocol: Words
    given_by: tuple[Words, ...] = Field(min_length=1)


class Enrolment(Page):
    """How many subjects, and how they are numbered by the site."""

    at_most: Whole
    replace_withdrawn: YesNo
    subject_number: Words = Field(description="a regular expression that the whole number matches")
    status: Literal["open", "suspended", "closed"]


class Collection(Page):
    """The marrow harvest: its readings with limits, and how often it may be repeated under the same chain of identity."""

    at_most: Whole = Field(description="collections per subject, the first included")
    to_processing: AtMost
    kit: tuple[Words, ...]
    readings: tuple[Reading, ...] = Field(min_length=1)


class Custody(Page):
    """How long things may be in nobody's place."""

    ward_hand_over: AtMost
    courier_hand_over: AtMost
    exposure_alert: AtMost = Field(description="one vial out of cold storage at one time")


class Storage(Page):
    """Where a bank is kept."""

    tanks: Whole
    zones: tuple[Words, ...]
    temperature: Limit = Field(description="°C")
    shelf_life: CalendarMonths


class Checking(Page):
    """Times of the second person."""

    verify_after: AtMost = Field(description="a verification later than this after the performer is late")
    late_entry_after: AtMost = Field(description="a reading entered later than this after it was taken needs a reason")


class TrialFile(Page):
    """One trial, as trial.yaml says it."""

    trial: Short
    organisation_id: Words
    protocol_title: Words
    version: Words
    sponsors: tuple[Words, ...]
    site: Words
    contact: Contact
    time_zone: Words
    product: Product
    routes: dict[Short, Route]
    arms: dict[Arm, Dose] = Field(repr=False)
    masked_together: tuple[tuple[Arm, ...], ...] = Field(repr=False)
    infusions: Infusions
    preparation: Preparation = Field(repr=False)
    bank: Bank
    enrolment: Enrolment
    eligibility: tuple[Criterion, ...] = Field(min_length=1)
    consent: Consent
    serology: Serology
    collection: Collection
    custody: Custody
    storage: Storage
    checking: Checking
    retention_years: Whole = Field(description="years after the last administration or expiry, whichever is later")
    draft: ManyOptions = ()
