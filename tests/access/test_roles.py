"""Who may do what, written out by hand: an act that is given to one more role, or signed by another second person, fails here."""

from backend.ledger import REGISTRY

HANDS = "analyst, coordinator, nurse, physician, preparer, qa, technician, unmasked qa"
MAY = {
    ("administrator", ""): (
        "access.add_person access.end_station access.grant access.leave access.register_station access.replace_badge access.unlock "
        "access.verify_badge custody.print_badge"
    ),
    (f"administrator, {HANDS}", ""): (
        "custody.print_place custody.verify_place supplies.print_label supplies.verify_label"
    ),
    ("administrator, coordinator, physician, qa", ""): "access.acknowledge",
    ("administrator, qa", ""): "access.end_role custody.add_box custody.add_place",
    ("administrator, system", ""): "access.issue_link",
    ("analyst", ""): "testing.correct testing.receive testing.record testing.repeat testing.review testing.take_vial",
    ("analyst, coordinator, courier, nurse, physician, preparer, technician", ""): "custody.hand_over custody.receive",
    ("analyst, coordinator, courier, nurse, physician, qa, technician", ""): "quality.describe quality.open",
    (HANDS, ""): (
        "custody.apply_label custody.fetch_paper custody.keep_specimen custody.print_box_label custody.print_labels "
        "custody.verify_label custody.void_label"
    ),
    (HANDS, HANDS): (
        "custody.destroy_label custody.reprint_label"
    ),
    ("analyst, physician, qa, technician", ""): "quality.place_hold",
    ("analyst, preparer, qa, technician, unmasked qa", "analyst, preparer, qa, technician, unmasked qa"): "dossier.dispose",
    ("analyst, preparer, technician", ""): "custody.put",
    ("coordinator", ""): "subject.enrol",
    ("coordinator", "coordinator, nurse, physician"): "subject.enrol_similar",
    ("coordinator, nurse, physician", ""): (
        "subject.fetch_wristband subject.print_wristband subject.record_serology subject.verify_wristband"
    ),
    ("coordinator, nurse, physician", "coordinator, nurse, physician"): "subject.bind subject.reissue_wristband",
    ("coordinator, physician", ""): "collection.order subject.correct_answer subject.record_consent subject.withdraw",
    ("everybody", ""): "access.accept_statement access.set_password access.sign_in access.sign_out quality.acknowledge_hold",
    ("nurse, physician", ""): "bedside.check bedside.confirm bedside.give collection.pack",
    ("nurse, physician", "nurse, physician"): "bedside.finish",
    ("nurse, physician, preparer, unmasked qa", "nurse, physician, preparer, unmasked qa"): "dose.dispose",
    ("nurse, physician, technician", "nurse, physician, technician"): "subject.take_reference",
    ("physician", ""): "bedside.clear dose.cancel_order dose.order",
    ("physician", "nurse"): "collection.collect",
    ("physician", "nurse, physician"): "bedside.nothing_given",
    ("preparer", ""): (
        "dose.allocate dose.correct dose.count dose.fill dose.fill_again dose.formulate dose.formulate_again dose.open dose.recount "
        "dose.scan dose.take_samples dose.unscan dose.wash dose.wash_again"
    ),
    ("preparer", "preparer, unmasked qa"): "dose.destroy_surplus dose.thaw",
    ("preparer", "unmasked qa"): "dose.open_route",
    ("preparer, technician, unmasked qa", "preparer, technician, unmasked qa"): "custody.move custody.pick custody.store",
    ("qa", ""): "access.countersign batch.reject quality.decide quality.lift_hold release.approve release.reject trial.set_status",
    ("qa", "analyst, technician"): "dossier.close",
    ("qa", "coordinator, physician, qa"): "trial.approve_folder",
    ("qa, technician", ""): (
        "batch.correct batch.give_back batch.note batch.perform batch.scan batch.unscan batch.verify supplies.calibrate "
        "supplies.receive_lot supplies.register_equipment supplies.withdraw_equipment supplies.withdraw_lot trial.propose_folder"
    ),
    ("qa, technician", "qa, technician"): "batch.perform_witnessed",
    ("qa, unmasked qa", ""): "dossier.print_record",
    ("randomiser", "randomiser, unmasked qa"): "masking.import_list",
    ("system", ""): "access.begin access.fail access.refuse_badge desk.verified ledger.found ledger.unknown_code",
    ("technician", ""): "batch.open batch.prepare_labels collection.receive",
    ("unmask", ""): "masking.unmask",
    ("unmasked qa", ""): "dose.decide_deviation dose.lift_hold dose.reject dose.release",
}
"""By (roles, roles of the second signer), the acts: a role that is added or taken away is a decision, which is seen here."""


def test_every_act_is_for_exactly_these_roles() -> None:
    written = {name: pair for pair, names in MAY.items() for name in names.split()}
    assert sum(len(names.split()) for names in MAY.values()) == len(written), "an act stands here twice"
    registered = {
        act.name: (", ".join(sorted(act.roles)), ", ".join(sorted(act.witness_roles)) if act.witness else "") for act in REGISTRY.values()
    }
    assert registered == written
