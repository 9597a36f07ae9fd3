"""One row per way a trial folder can be wrong: spoil the real one in one place, and read exactly that fault at that line."""

from typing import NamedTuple

import pytest

from backend.trial.rules import FolderFaults, folder_of

TRIAL, RECORD, TESTS, LABELS = "trial.yaml", "master-record.yaml", "specifications.yaml", "labels.yaml"


class Row(NamedTuple):
    file: str
    was: str  # what stands in the real file, once
    becomes: str
    says: str  # after the file and the line
    at: str = ""  # the text whose line is told, when it is not the changed one


MNC_4 = '- {code: viability, ask: Viability, formula: viability, of: [live, dead], unit: "%", target: ">= 90", alert: < 85, decide: < 70}'
TNC = "formula: total_viable, of: [concentration, volume],\n             unit: cells, target: "
DOUBLING = "of: [previous CUL-9.seeded, CUL-7.total],\n             unit: doublings, from: P1}"
VIALS = "of: [total, 1.5e7 cells/vial, 1.0e7 cells, 14 vials]"
SEED = "{kind: culture flask, number: flasks, passage: P0, each: {volume: volume_each, cells: cells_each}}"
MAKE = "{kind: cell tube, number: 1, each: {volume: volume}}"
REPEAT = "repeat: {each: passage, from: P0, until: CUL-8.next is harvest, earliest: P2, alert: P4, at_most: P4}"
FILL = "        people: [performer, independent verifier]\n        second: reread\n        equipment: [biosafety cabinet, filling pump,"
NEXT = "{code: next, ask: Next, kind: choice, of: [re-seed, harvest]}"
CLOTS = "of: [none, few, many], target: none, alert: [few, many]"
COUNTING = """[performer, independent verifier]
        second: recount
        equipment: [cell counter]
        materials: [{item: trypan blue, amount: 0.1 mL}]
        uses: [{kind: cell"""
NIHSS = "kind: integer\n    accept: 5 to 12"

ROWS = {
    "a material of the preparation that the record does not know": Row(
        TRIAL,
        "formulate: {equipment: [biosafety cabinet], materials: [{item: saline with HSA}]}",
        "formulate: {equipment: [biosafety cabinet], materials: [{item: plasma}]}",
        "preparation formulate: the material 'plasma' is not defined under materials.",
    ),
    "equipment of the preparation that the record does not know": Row(
        TRIAL,
        "thaw:      {equipment: [water bath]}",
        "thaw:      {equipment: [kettle]}",
        "preparation thaw: the equipment 'kettle' is not defined under equipment.",
    ),
    "a step that the preparation does not have": Row(
        TRIAL, "    thaw:      {equipment", "    freeze:    {equipment",
        "preparation supplies is 'freeze'; it must be 'thaw', 'wash', 'count', 'formulate' or 'fill'.",
    ),
    "an alert that good values meet": Row(
        RECORD,
        MNC_4,
        MNC_4.replace("alert: < 85", "alert: < 95"),
        "MNC-4 viability: alert is < 95 and reaches above the low end of the target >= 90, so a good value would alert.",
    ),
    "an alert that covers the target": Row(
        RECORD,
        MNC_4,
        MNC_4.replace("alert: < 85", 'alert: "> 85"').replace(", decide: < 70", ""),
        "MNC-4 viability: alert is > 85 and covers the target >= 90, so every good value would alert.",
    ),
    "a stop that good values meet": Row(
        RECORD,
        'target: <= 24, decide: "> 24"',
        'target: <= 24, stop: "> 23"',
        "REC-1 elapsed: stop is > 23 and reaches below the high end of the target <= 24, so a good value would stop the batch.",
    ),
    "an alert inside a stop": Row(
        RECORD,
        MNC_4,
        MNC_4.replace("decide: < 70", "stop: < 88"),
        "MNC-4 viability: alert is < 85 and lies within stop < 88, which is judged first, so it is never met.",
    ),
    "limits that overlap": Row(
        RECORD,
        MNC_4,
        MNC_4.replace("decide: < 70", "decide: 80 to 89"),
        "MNC-4 viability: decide 80 to 89 and alert < 85 overlap, and neither lies within the other; one of them is wrong.",
    ),
    "a limit that is no limit": Row(
        RECORD,
        MNC_4,
        MNC_4.replace("alert: < 85", "alert: under 85"),
        "MNC-4 viability, alert: 'under 85' is not a limit, as in < 85, >= 90 or 5.0 to 15.0.",
    ),
    "a range that runs backwards": Row(
        RECORD,
        "unit: × g, target: 350 to 450",
        "unit: × g, target: 450 to 350",
        "MNC-2 force, target: the range '450 to 350' runs from 450 down to 350; write the smaller number first.",
    ),
    "a target that is not possible": Row(
        RECORD,
        "ask: Washes, unit: times, target: 2 to 3",
        "ask: Washes, unit: times, target: 2 to 3, possible: 4 to 9",
        "HAR-2 washes: possible is 4 to 9, which leaves out the target 2 to 3.",
    ),
    "a target that is no option": Row(
        RECORD, CLOTS, CLOTS.replace("target: none", "target: no"), "REC-3 clots: the target 'no' is not among the options none, few, many."
    ),
    "an alert that is no option": Row(
        RECORD, CLOTS, CLOTS.replace("[few, many]", "[few, lots]"), "REC-3 clots: alert 'lots' is not among the options none, few, many."
    ),
    "an option that is good and bad": Row(
        RECORD, CLOTS, CLOTS.replace("[few, many]", "[none, many]"), "REC-3 clots: 'none' is both target and alert; it must be one of them."
    ),
    "an option listed twice": Row(RECORD, NEXT, NEXT.replace("harvest]", "harvest, harvest]"), "CUL-8 next: an option is listed twice."),
    "an unknown formula": Row(
        RECORD,
        MNC_4,
        MNC_4.replace("formula: viability", "formula: vitality"),
        "MNC-4 viability: there is no formula 'vitality' in the catalogue.",
    ),
    "an unknown version of a formula": Row(
        RECORD,
        MNC_4,
        MNC_4.replace("formula: viability", "formula: viability 2"),
        "MNC-4 viability: there is no formula 'viability 2' in the catalogue.",
    ),
    "an unknown unit": Row(
        RECORD,
        "target: 30}",
        "target: 30, decide: 1 furlong}",
        "MNC-2 minutes, decide: '1 furlong' is not a limit, as in < 85, >= 90 or 5.0 to 15.0.",
    ),
    "a formula in another unit": Row(
        RECORD, TNC, TNC.replace("unit: cells,", "unit: cells/mL,"), "MNC-4 tnc: the unit is cells/mL; total_viable gives cells."
    ),
    "an argument in another unit": Row(
        RECORD,
        TNC,
        TNC.replace("[concentration, volume]", "[volume, concentration]"),
        "MNC-4 tnc: concentration is volume, which is in mL; it must be in cells/mL.",
    ),
    "an argument that is words": Row(
        RECORD,
        "of: [seeded, area],\n             unit: cells/cm², target: 1e5",
        "of: [seeded, seeded_at],\n             unit: cells/cm², target: 1e5",
        "MNC-5 density: area is seeded_at, which is a moment; it must be in cm².",
    ),
    "too few arguments": Row(
        RECORD,
        TNC,
        TNC.replace("[concentration, volume]", "[volume]"),
        "MNC-4 tnc: total_viable is given 1 values; it takes 2: concentration, volume.",
    ),
    "an argument that does not exist": Row(
        RECORD, TNC, TNC.replace("[concentration, volume]", "[concentration, weight]"), "MNC-4 tnc: MNC-4 has no reading weight."
    ),
    "an argument in a step that does not exist": Row(
        RECORD, TNC, TNC.replace("volume]", "MNC-6.volume]"), "MNC-4 tnc: there is no step MNC-6."
    ),
    "an argument of a later step": Row(
        RECORD,
        TNC,
        TNC.replace("volume]", "CUL-6.volume]"),
        "MNC-4 tnc: CUL-6.volume comes later; a formula is worked out from what was read before it.",
    ),
    "an argument later in the step": Row(
        RECORD,
        'formula: count_error, of: [live], unit: "%", target: <= 7.1, alert: "> 10"}\n          - {code: concentration, ask: Live',
        "formula: total_viable, of: [concentration, volume], unit: cells}\n          - {code: concentration, ask: Live",
        "MNC-4 error: concentration comes later; a formula is worked out from what was read before it.",
    ),
    "an argument that may be missing": Row(
        RECORD,
        "{code: volume, ask: Volume of suspension, unit: mL,",
        "{code: volume, ask: Volume of suspension, optional: yes, unit: mL,",
        "MNC-4 tnc: volume is optional, so it may be missing; what a formula needs must be read.",
        at=TNC,
    ),
    "a round before the first": Row(
        RECORD,
        DOUBLING,
        DOUBLING.replace(", from: P1", ""),
        "CUL-8 doublings: previous CUL-9.seeded does not exist in P0, which has no round before it; write from: P1.",
    ),
    "a round before in a phase without rounds": Row(
        RECORD,
        TNC,
        TNC.replace("volume]", "previous MNC-3.volume]"),
        "MNC-4 tnc: previous MNC-3.volume looks into another round, but MNC-4 and MNC-3 are not steps of one repeated phase.",
    ),
    "one value where each round is summed": Row(
        RECORD,
        "of: [every CUL-8.doublings]",
        "of: [doublings]",
        "CUL-8 cumulative: cumulative_doublings is given doublings; it takes a value of each round so far, written with every.",
    ),
    "each round where one value is taken": Row(
        RECORD,
        DOUBLING,
        DOUBLING.replace("CUL-7.total", "every CUL-7.total"),
        "CUL-8 doublings: population_doublings is given every CUL-7.total; it takes one value here.",
    ),
    "a fixed quantity in another unit": Row(
        RECORD, VIALS, VIALS.replace("14 vials", "14 flasks"), "HAR-3 vials: most is 14 flasks; it must be in vials."
    ),
    "a fixed quantity that trial.yaml contradicts": Row(
        RECORD, VIALS, VIALS.replace("14 vials", "15 vials"), "HAR-3 vials: vials are 15; trial.yaml says 14."
    ),
    "tanks that trial.yaml contradicts": Row(
        RECORD, "{kind: cryovial, tanks: 2}", "{kind: cryovial, tanks: 1}", "CRY-6: it stores in 1 tanks; trial.yaml says 2."
    ),
    "a filling step without a verifier": Row(
        RECORD,
        FILL,
        "        people: performer\n        equipment: [biosafety cabinet, filling pump,",
        "CRY-2: no verifier, but it makes cryovial, and filling, seeding and storing are two-person steps.",
    ),
    "a second person who does not exist": Row(
        RECORD,
        FILL,
        "        people: [performer]\n        second: reread\n        equipment: [biosafety cabinet, filling pump,",
        "CRY-2: second is reread, but there is no second person.",
    ),
    "a verifier who only witnesses": Row(
        RECORD,
        COUNTING,
        COUNTING.replace("recount", "witnessed"),
        "MNC-4: the second person is independent verifier, so second must be reread or recount; it is witnessed.",
    ),
    "a recount of nothing": Row(
        RECORD, FILL, FILL.replace("reread", "recount"), "CRY-2: second is recount, but nothing is counted; it must be reread."
    ),
    "a step without a performer": Row(
        RECORD,
        "role: qa\n        people: performer",
        "role: qa\n        people: [performer, performer]",
        "REC-5: people are performer, performer; they must be one performer, and at most one other.",
    ),
    "an unknown role of a person": Row(RECORD, "role: qa\n", "role: boss\n", "REC-5, role is 'boss'; it must be 'technician' or 'qa'."),
    "two steps with one code": Row(RECORD, "code: MNC-9", "code: MNC-8", "MNC-8: two steps have this code."),
    "two readings with one code": Row(
        RECORD,
        "{code: tested, ask: Vials given",
        "{code: stored, ask: Vials given",
        "CRY-7 stored: two readings of the step have this code.",
    ),
    "a step code of another phase": Row(
        RECORD, "code: CRY-1\n", "code: HAR-9\n", "HAR-9: a step of CRY must have a code that begins with CRY-."
    ),
    "a time limit after an unknown step": Row(
        RECORD, "within: 30 min after MNC-3", "within: 30 min after MNC-6", "MNC-4: within 30 min after MNC-6, but there is no step MNC-6."
    ),
    "a time limit after a later step": Row(
        RECORD,
        "within: 30 min after MNC-3",
        "within: 30 min after MNC-5",
        "MNC-4: within 30 min after MNC-5, but MNC-5 is not before MNC-4.",
    ),
    "a time limit after a round that is none": Row(
        RECORD,
        "within: 30 min after MNC-3",
        "within: 30 min after previous MNC-3",
        "MNC-4: previous MNC-3 looks into another round, but they are not steps of one repeated phase.",
    ),
    "a time limit of no time": Row(
        RECORD, "within: 30 min after MNC-3", "within: 0 min after MNC-3", "MNC-4, within: '0 min' is no time at all."
    ),
    "a time limit that is none": Row(
        RECORD,
        "within: 30 min after MNC-3",
        "within: soon after MNC-3",
        "MNC-4, within: 'soon after MNC-3' is not a time limit, as in 30 min after MNC-3.",
    ),
    "a condition on a reading that does not exist": Row(
        RECORD,
        "when: CUL-8.next is re-seed",
        "when: CUL-8.then is re-seed",
        "CUL-9: CUL-8.then is re-seed names a reading that does not exist.",
    ),
    "a condition that can never be": Row(
        RECORD,
        "when: CUL-8.next is re-seed",
        "when: CUL-8.next is stop",
        "CUL-9: CUL-8.next is stop can never be so; the options are re-seed, harvest.",
    ),
    "a condition on a later step": Row(
        RECORD, "when: CUL-8.next is re-seed", "when: CRY-5.curve is yes", "CUL-9: it depends on CRY-5, which is not before it."
    ),
    "a repeat without a bound": Row(RECORD, REPEAT, REPEAT.replace(", at_most: P4", ""), "CUL, repeat has no at_most."),
    "a repeat that ends before it may": Row(
        RECORD, REPEAT, REPEAT.replace("earliest: P2", "earliest: P5"), "CUL: alert is P4, before earliest P5."
    ),
    "a repeat that another phase would end": Row(
        RECORD,
        REPEAT,
        REPEAT.replace("CUL-8.next is harvest", "REC-5.decision is accept"),
        "CUL: it repeats until REC-5.decision is accept, which is not one of its steps, so it would never end.",
    ),
    "a repeat that can never end": Row(
        RECORD,
        REPEAT,
        REPEAT.replace("is harvest", "is done"),
        "CUL: CUL-8.next is done can never be so; the options are re-seed, harvest.",
    ),
    "a next passage where nothing repeats": Row(
        RECORD, SEED, SEED.replace("passage: P0", "passage: next"), "MNC-5: the passage is next, but MNC does not repeat."
    ),
    "a round that the phase does not have": Row(
        RECORD,
        "unit: h, from: P1}\n          - {code: doublings",
        "unit: h, from: P7}\n          - {code: doublings",
        "CUL-8 elapsed: from is P7, which is no passage of CUL.",
    ),
    "equipment that is not defined": Row(
        RECORD, "equipment: [microscope]", "equipment: [telescope]", "CUL-3: the equipment 'telescope' is not defined under equipment."
    ),
    "a material that is not defined": Row(
        RECORD,
        "materials: [{item: cryovial 2 mL}]",
        "materials: [{item: cryovial 5 mL}]",
        "CRY-2: the material 'cryovial 5 mL' is not defined under materials.",
    ),
    "a container that is not defined": Row(
        RECORD, MAKE, MAKE.replace("cell tube", "cell bag"), "MNC-3: the container 'cell bag' is not defined under containers."
    ),
    "a container that nothing has made": Row(
        RECORD,
        "kind: cell tube, number: 1, then: kept, each: {volume: volume, cells: tnc}",
        "kind: pool tube, number: 1, then: kept, each: {volume: volume, cells: tnc}",
        "MNC-4: it uses pool tube, but no step before it makes one.",
    ),
    "a step that makes what the collection makes": Row(
        RECORD, MAKE, MAKE.replace("cell tube", "marrow bag"), "MNC-3: it makes marrow bag, which comes from collection."
    ),
    "no label for a container": Row(
        RECORD, "cryovial:      {label: cryovial,", "cryovial:      {label: vial,", "cryovial: there is no label 'vial' in labels.yaml."
    ),
    "no container at all": Row(
        RECORD, MAKE, MAKE.replace("number: 1", "number: 0"), "MNC-3: it makes 0 cell tube; it must make at least 1."
    ),
    "a number of containers that is not read": Row(
        RECORD,
        SEED,
        SEED.replace("number: flasks", "number: bottles"),
        "MNC-5: the number of culture flask is bottles, but the step has no such reading.",
    ),
    "a volume that is cells": Row(
        RECORD,
        SEED,
        SEED.replace("volume: volume_each", "volume: cells_each"),
        "MNC-5: the volume of culture flask is cells_each, in cells; it must be in mL.",
    ),
    "a sample of nothing at hand": Row(
        RECORD,
        "of: cell tube, tests: [retained-MNC]",
        "of: pool tube, tests: [retained-MNC]",
        "MNC-8: the sample is taken from pool tube, which the step neither uses nor makes.",
    ),
    "a sample without a volume": Row(
        RECORD,
        "tests: [retained-MNC], amount: 0.5 mL",
        "tests: [retained-MNC], amount: 5 cells",
        "MNC-8: the sample is 5 cells; it must be in mL.",
    ),
    "a sample for an unknown test": Row(
        RECORD, "tests: [retained-MNC]", "tests: [taste]", "MNC-8: there is no test 'taste' in specifications.yaml."
    ),
    "storing what is not there": Row(
        RECORD,
        "stores: [{kind: cryovial, tanks: 2}]",
        "stores: [{kind: pool tube, tanks: 2}]",
        "CRY-6: it stores pool tube, which the step neither uses nor makes.",
    ),
    "a definition that nothing uses": Row(
        RECORD,
        "  water bath:              {calibrated: yes}",
        "  water bath:              {calibrated: yes}\n  oven: {calibrated: no}",
        "oven is defined under equipment, but no step names it.",
        at="  oven:",
    ),
    "an arm in the master record": Row(
        RECORD,
        "- The bank needs 2.2e8 viable cells.",
        "- Enough for ICA-low is 6e7.",
        "'Enough for ICA-low is 6e7.' names ICA-low; arms and routes are known from the dose on, and not before.",
    ),
    "a route in a criterion": Row(
        TRIAL,
        "ask: Acute illness at screening?",
        "ask: Acute illness at screening for the Ommaya route?",
        "'Acute illness at screening for the Ommaya route?' names Ommaya; arms and routes are known from the dose on, and not before.",
    ),
    "an arm on a label": Row(
        LABELS,
        "title: Cryovial, 2 mL",
        "title: Cryovial for ica high",
        "'Cryovial for ica high' names ica high; arms and routes are known from the dose on, and not before.",
    ),
    "an unknown key": Row(RECORD, "draft: yes", "draft: yes\nauthor: me", "author is not a key that belongs here.", at="author"),
    "a key that is missing": Row(
        RECORD, "record: ABM-MSC\n", "", "The file has no record.", at="title: Autologous bone-marrow mesenchymal"
    ),
    "a kind of reading that does not exist": Row(
        RECORD,
        "{code: run, ask: Run number of the freezer, kind: code}",
        "{code: run, ask: Run, kind: picture}",
        "CRY-5 run is of the kind 'picture'; the kinds are number, formula, count, choice, yes/no, text, time, code.",
    ),
    "neither yes nor no": Row(RECORD, "draft: yes", "draft: true", "draft: 'true' is neither yes nor no."),
    "a unit that does not exist": Row(
        RECORD,
        "ask: Labels printed, unit: labels",
        "ask: Labels printed, unit: stickers",
        "CRY-3 printed, unit is 'stickers'; it must be 'mL', 'cells', 'cells/mL',",
    ),
    "a list where a word belongs": Row(RECORD, "title: Culture\n", "title: [Culture]\n", "CUL, title is a list; it must be a text."),
    "an empty value": Row(RECORD, "title: Culture\n", "title:\n", "CUL, title is empty; it must not be."),
    "a number that is none": Row(
        RECORD,
        "ask: Live cells, kind: count, squares: 4, dilution: 10}\n          # Below",
        "ask: Live cells, kind: count, squares: 4, dilution: ten}\n          # Below",
        "MNC-4 live, dilution: 'ten' is not a number; write 12.0, -150 or 1.75e8.",
    ),
    "an unknown time zone": Row(TRIAL, "time_zone: Asia/Shanghai", "time_zone: Asia/Nantong", "There is no time zone 'Asia/Nantong'."),
    "a pattern that cannot be read": Row(
        TRIAL,
        "subject_number: S[0-9]{2}",
        "subject_number: S[0-9",
        "The pattern 'S[0-9' cannot be read: unterminated character set at position 1.",
    ),
    "a draft of nothing": Row(
        TRIAL, "  - infusions.interval\n", "  - infusions.rate\n", "draft names infusions.rate, which is not in this file."
    ),
    "a minimum that does not add up": Row(
        TRIAL,
        "minimum: 1.75e8 viable cells",
        "minimum: 1.6e8 viable cells",
        "The minimum is 1.6E+8 viable cells; 11 vials of 1.5E+7 viable cells and 1.0E+7 viable cells for tests are 1.75E+8.",
    ),
    "an arm without a route": Row(TRIAL, "ommaya:   {route: OMM,", "ommaya:   {route: OMX,", "ommaya: there is no route OMX."),
    "a dose that its own limit refuses": Row(
        TRIAL,
        "accept: 1.6e7 to 2.4e7",
        "accept: 2.6e7 to 3.4e7",
        "ommaya: the dose is 2.0E+7 viable cells, which 2.6e7 to 3.4e7 does not accept.",
    ),
    "a route that is not prepared": Row(
        TRIAL,
        "    ICA:\n      vials: 2",
        "    ICX:\n      vials: 2",
        "The preparation knows ICX, OMM; the routes are ICA, OMM.",
        at="preparation:\n  routes:",
    ),
    "a fill that holds no dose": Row(
        TRIAL, "fill: 10.3 mL", "fill: 10.0 mL", "ICA: the fill is 10.0 mL; it must be more than the 10.0 mL given."
    ),
    "a volume in another unit": Row(TRIAL, "sample: 0.1 mL", "sample: 0.1 g", "sample is 0.1 g; it must be in mL."),
    "a route in another unit": Row(
        TRIAL, "stock: 5.0e6 cells/mL", "stock: 5.0e6 cells", "ICA: stock is 5.0E+6 cells; it must be in cells/mL."
    ),
    "a stock that nothing is made of": Row(
        TRIAL,
        "      made: 12.0 mL                        # so that no arm is filled to the last drop and samples remain\n",
        "",
        "ICA: a working stock and the volume made from it belong together; one of them is missing.",
        at="    ICA:\n      vials: 2",
    ),
    "a stock too strong to draw from": Row(
        TRIAL,
        "stock: 5.0e6 cells/mL",
        "stock: 2.0e7 cells/mL",
        "ica_low: 0.15 mL would be drawn from the stock; at least 0.2 mL are pipetted.",
    ),
    "fewer cells than a dose takes": Row(
        TRIAL,
        "minimum: 1.6e7 viable cells          #",
        "minimum: 1.1e7 viable cells          #",
        "ica_high: 2.4 mL are drawn; the fewest cells",
    ),
    "less made than is filled": Row(TRIAL, "made: 12.0 mL ", "made: 10.2 mL ", "ICA: 10.2 mL are made; 10.3 mL are filled."),
    "a limit of the preparation that a good value meets": Row(
        TRIAL,
        "alert: < 85, decide: < 80",
        "alert: < 86, decide: < 80",
        "preparation viability: alert is < 86 and reaches above the low end of",
    ),
    "two arms that could be one another": Row(
        TRIAL,
        "accept: 0.8e7 to 1.2e7",
        "accept: 0.3e7 to 1.2e7",
        "ica_high: 0.3e7 to 1.2e7 overlaps 2.0e6 to 3.0e6 of ica_low, so a dose could be either.",
    ),
    "a masked arm that does not exist": Row(
        TRIAL, "[[ica_low, ica_high]]", "[[ica_low, ica_mid]]", "masked_together names ica_mid, which is not an arm."
    ),
    "a window that closes first": Row(
        TRIAL,
        "from: 1 calendar month, to: 6",
        "from: 7 calendar months, to: 6",
        "The window opens after 7 calendar months and closes after 6 calendar months; it must open first.",
    ),
    "two criteria with one code": Row(TRIAL, "code: ACUTE", "code: END-STAGE", "END-STAGE: two criteria have this code."),
    "an integer judged by words": Row(
        TRIAL, NIHSS, "kind: integer\n    accept: 5 too 12", "NIHSS: accept is 5 too 12; it must be a limit, as in 5 to 12."
    ),
    "an accepted option that is none": Row(
        TRIAL,
        "of: [female, male]\n    accept: [female, male]",
        "of: [female, male]\n    accept: [female, other]",
        "SEX: accept is female, other; the options are female, male.",
    ),
    "a refusal with an unknown field": Row(
        TRIAL, "Age is {answer} years;", "Age is {age} years;", "AGE: only {answer} may stand in braces."
    ),
    "an accepted outcome that is none": Row(
        TRIAL,
        "of: [not detected, detected], accept: [not detected]",
        "of: [not detected, detected], accept: [absent]",
        "HBV-DNA: accept is absent; the options are not detected, detected.",
    ),
    "two analytes with one code": Row(TRIAL, "{code: anti-HBs,", "{code: anti-HBc,", "anti-HBc: two analytes have this code."),
    "a test without a limit": Row(
        TESTS,
        ", accept: [no clonal abnormality]",
        "",
        "bank karyotype: it must say exactly one of accept, formula and from_arm.",
        at="{test: karyotype,",
    ),
    "a bank limit that depends on the dose": Row(
        TESTS,
        "accept: <= 2.0,",
        "formula: endotoxin_limit,",
        "bank endotoxin: its limit depends on the dose, which is not known here.",
        at="{test: endotoxin,   title: Endotoxin, method: USP <85>, unit: EU/mL,\n     formula: endotoxin_limit, stages",
    ),
    "a limit by an unknown formula": Row(
        TESTS, "formula: endotoxin_limit", "formula: fever", "dose endotoxin: there is no formula 'fever' in the catalogue."
    ),
    "a number without a unit": Row(TESTS, 'unit: "%", accept: <= 0.1', "accept: <= 0.1", "dose dmso: a number must have a unit."),
    "a number judged by words": Row(
        TESTS, "accept: <= 0.1", "accept: little", "dose dmso: accept is little; it must be a limit, as in <= 2.0."
    ),
    "an accepted result that is none": Row(
        TESTS, "accept: [no organisms]", "accept: [none]", "dose gram: accept is none; the options are no organisms, organisms."
    ),
    "two tests with one name": Row(TESTS, "{test: CD90, ", "{test: CD73, ", "bank CD73: two tests have this name."),
    "a label without its statutory text": Row(
        LABELS,
        "      - {text: FOR AUTOLOGOUS USE ONLY, clause: 21 CFR 1271.90(c)(1), size_pt: 4.5, bold: true}\n",
        "",
        "cryovial: A label of the stage frozen must carry FOR AUTOLOGOUS USE ONLY (21 CFR 1271.90(c)(1)); this one does not.",
        at="  - code: cryovial",
    ),
    "two phases with one code": Row(RECORD, "- code: HAR\n", "- code: MNC\n", "MNC: two phases have this code."),
    "a step from a passage that is none": Row(
        RECORD,
        "title: Change the medium\n",
        "title: Change the medium\n        from: P6\n",
        "CUL-1: from is P6, which is no passage of CUL.",
    ),
    "a step code that is none": Row(
        RECORD, "code: CRY-1\n", "code: CRY1\n", "CRY CRY1, code is 'CRY1'; it must look like ^[A-Z]{3}-[0-9]{1,2}$."
    ),
    "a list where a number belongs": Row(
        RECORD,
        "ask: Live white cells, kind: count, squares: 4, dilution: 20",
        "ask: Live white cells, kind: count, squares: 4, dilution: [20]",
        "REC-4 live, dilution is ('20',): ",
    ),
    "a list where a limit belongs": Row(
        RECORD,
        "unit: min, target: 30}",
        "unit: min, target: [30]}",
        "MNC-2 minutes, target: it is a list or a block of keys; it must be a limit, as in < 85, >= 90 or 5.0 to 15.0.",
    ),
    "a block where a list belongs": Row(
        RECORD,
        "equipment: [microscope]",
        "equipment: {microscope: yes}",
        "CUL-3, equipment is a block of keys; it must be a list.",
    ),
    "a word where a block belongs": Row(
        RECORD,
        "stores: [{kind: cryovial, tanks: 2}]",
        "stores: [cryovial]",
        "CRY-6, stores 1 is the text 'cryovial'; it must be a block of keys.",
    ),
    "a word where a reading belongs": Row(
        RECORD,
        "- {code: run, ask: Run number of the freezer, kind: code}",
        "- run",
        "CRY-5, readings 3 is the text 'run'; it must be a block of keys.",
    ),
    "a quantity in no unit": Row(
        RECORD,
        "tests: [retained-MNC], amount: 0.5 mL",
        "tests: [retained-MNC], amount: 0.5 cups",
        "MNC-8, samples 2 amount: 'cups' is not a unit on the list.",
    ),
    "more vials at least than at most": Row(
        TRIAL,
        "vials: 14\n  fewest: 11 ",
        "vials: 10\n  fewest: 11 ",
        "The fewest vials are 11; they must be at least 1 and at most 10.",
    ),
    "a bank counted in something else": Row(
        TRIAL,
        "for_tests: 1.0e7 viable cells",
        "for_tests: 1.0e7 cells",
        "for_tests is 1.0E+7 cells; it must be in viable cells.",
    ),
    "a dose counted in something else": Row(
        TRIAL,
        "dose: 2.0e7 viable cells, volume: 2.0 mL",
        "dose: 2.0e7 cells, volume: 2.0 mL",
        "ommaya: the dose is 2.0E+7 cells in 2.0 mL; it must be in viable cells and mL.",
    ),
    "two bedside readings with one code": Row(
        TRIAL,
        "{code: ended, ask: End",
        "{code: started, ask: End",
        "collection started: two readings have this code.",
    ),
    "a calculation at the bedside": Row(
        TRIAL,
        "- {code: seal, ask: Seal of the transport box, kind: code}",
        "- {code: time, ask: Time, formula: hours_between, of: [started, ended], unit: h}",
        "collection time: nothing is worked out at the bedside.",
    ),
    "a bedside alert that good values meet": Row(
        TRIAL,
        "target: 20 to 40, alert: < 20",
        "target: 20 to 40, alert: < 25",
        "collection volume: alert is < 25 and reaches above the low end of the target 20 to 40, so a good value would alert.",
    ),
    "a list where a whole number belongs": Row(
        RECORD,
        "ask: Live white cells, kind: count, squares: 4,",
        "ask: Live white cells, kind: count, squares: [4],",
        "REC-4 live, squares is ('4',): ",
    ),
    "a list where yes or no belongs": Row(RECORD, "draft: yes", "draft: [yes]", "draft is ('yes',): "),
    "two labels with one code": Row(LABELS, "code: badge\n", "code: place\n", "place: two labels have this code."),
}


def lines_of(content: str, text: str) -> range:
    """The lines on which a text stands."""
    first = content[: content.index(text)].count("\n") + 1
    return range(first, first + text.count("\n") + 1)


@pytest.mark.parametrize("row", ROWS.values(), ids=ROWS.keys())
def test_a_spoilt_folder_names_its_fault_and_its_line(row: Row, files: dict[str, bytes]) -> None:
    whole = files[row.file].decode()
    assert whole.count(row.was) == 1, "the text to spoil must stand in the file once"
    spoilt = whole.replace(row.was, row.becomes)
    with pytest.raises(FolderFaults) as refused:
        folder_of({**files, row.file: spoilt.encode()})
    found = [fault for fault in refused.value.faults if fault.says.startswith(row.says)]
    assert found, [str(fault) for fault in refused.value.faults]
    assert {fault.file for fault in found} == {row.file}
    assert {fault.line for fault in found} & set(lines_of(spoilt, row.at or row.becomes))


def test_a_folder_says_all_its_faults_at_once(files: dict[str, bytes]) -> None:
    record = files[RECORD].decode().replace("within: 30 min after MNC-3", "within: 30 min after MNC-6").replace(VIALS, "of: [total]")
    trial = files[TRIAL].decode().replace("time_zone: Asia/Shanghai", "time_zone: Asia/Nantong")
    with pytest.raises(FolderFaults) as refused:
        folder_of({**files, RECORD: record.encode(), TRIAL: trial.encode()})
    assert [fault.file for fault in refused.value.faults] == [RECORD, RECORD, TRIAL]


def test_a_file_that_cannot_be_typed_does_not_hide_the_faults_of_the_others(files: dict[str, bytes]) -> None:
    record = files[RECORD].decode().replace("within: 30 min after MNC-3", "within: 30 min after MNC-6")
    for broken in (TRIAL, TESTS, LABELS):
        with pytest.raises(FolderFaults) as refused:
            folder_of({**files, RECORD: record.encode(), broken: b"nothing: here\n"})
        told = {fault.file for fault in refused.value.faults}
        assert told == {RECORD, broken}
        assert [fault.says for fault in refused.value.faults if fault.file == RECORD] == [
            "MNC-4: within 30 min after MNC-6, but there is no step MNC-6."
        ]


@pytest.mark.parametrize("name", [TRIAL, RECORD, TESTS, LABELS])
def test_a_folder_that_lacks_a_file_says_which(name: str, files: dict[str, bytes]) -> None:
    with pytest.raises(FolderFaults, match=f"The folder has no {name}"):
        folder_of({key: content for key, content in files.items() if key != name})


def test_a_file_that_has_no_place_in_the_folder_is_a_fault(files: dict[str, bytes]) -> None:
    with pytest.raises(FolderFaults, match=r"arms\.yaml:1 This file has no place here"):
        folder_of({**files, "arms.yaml": b"ommaya: S01\n"})
