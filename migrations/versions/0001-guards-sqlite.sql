CREATE TRIGGER administration_no_delete BEFORE DELETE ON "administration" BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END
;;
CREATE TRIGGER administration_no_update BEFORE UPDATE ON "administration" WHEN NOT (OLD."chain" IS NEW."chain" AND OLD."code" IS NEW."code" AND OLD."dose_code" IS NEW."dose_code" AND OLD."order_code" IS NEW."order_code" AND OLD."coi" IS NEW."coi" AND OLD."infusion" IS NEW."infusion" AND OLD."wristband_code" IS NEW."wristband_code" AND OLD."access" IS NEW."access" AND OLD."started_at" IS NEW."started_at" AND OLD."by" IS NEW."by" AND OLD."second" IS NEW."second" AND (OLD."annulled_at" IS NULL OR OLD."annulled_at" IS NEW."annulled_at") AND (OLD."annulled_by" IS NULL OR OLD."annulled_by" IS NEW."annulled_by") AND (OLD."annulled_witness" IS NULL OR OLD."annulled_witness" IS NEW."annulled_witness") AND NEW.version = OLD.version + 1) BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END
;;
CREATE TRIGGER administration_no_replace_0 BEFORE INSERT ON "administration" WHEN EXISTS (SELECT 1 FROM "administration" WHERE "code" = NEW."code") BEGIN SELECT RAISE(ABORT, 'UNIQUE constraint failed: administration.code'); END
;;
CREATE TRIGGER administration_no_replace_1 BEFORE INSERT ON "administration" WHEN EXISTS (SELECT 1 FROM "administration" WHERE "coi" = NEW."coi" AND "infusion" = NEW."infusion" AND annulled_at IS NULL AND NEW.annulled_at IS NULL) BEGIN SELECT RAISE(ABORT, 'UNIQUE constraint failed: administration.coi, administration.infusion'); END
;;
CREATE TRIGGER administration_no_replace_2 BEFORE INSERT ON "administration" WHEN EXISTS (SELECT 1 FROM "administration" WHERE "dose_code" = NEW."dose_code") BEGIN SELECT RAISE(ABORT, 'UNIQUE constraint failed: administration.dose_code'); END
;;
CREATE TRIGGER alert_no_delete BEFORE DELETE ON "alert" BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END
;;
CREATE TRIGGER alert_no_update BEFORE UPDATE ON "alert" BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END
;;
CREATE TRIGGER alert_no_replace_0 BEFORE INSERT ON "alert" WHEN EXISTS (SELECT 1 FROM "alert" WHERE "code" = NEW."code") BEGIN SELECT RAISE(ABORT, 'UNIQUE constraint failed: alert.code'); END
;;
CREATE TRIGGER alert_acknowledged_no_delete BEFORE DELETE ON "alert_acknowledged" BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END
;;
CREATE TRIGGER alert_acknowledged_no_update BEFORE UPDATE ON "alert_acknowledged" BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END
;;
CREATE TRIGGER alert_acknowledged_no_replace_0 BEFORE INSERT ON "alert_acknowledged" WHEN EXISTS (SELECT 1 FROM "alert_acknowledged" WHERE "alert_code" = NEW."alert_code") BEGIN SELECT RAISE(ABORT, 'UNIQUE constraint failed: alert_acknowledged.alert_code'); END
;;
CREATE TRIGGER amount_no_delete BEFORE DELETE ON "amount" BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END
;;
CREATE TRIGGER amount_no_update BEFORE UPDATE ON "amount" BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END
;;
CREATE TRIGGER amount_no_replace_0 BEFORE INSERT ON "amount" WHEN EXISTS (SELECT 1 FROM "amount" WHERE "code" = NEW."code") BEGIN SELECT RAISE(ABORT, 'UNIQUE constraint failed: amount.code'); END
;;
CREATE TRIGGER answer_no_delete BEFORE DELETE ON "answer" BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END
;;
CREATE TRIGGER answer_no_update BEFORE UPDATE ON "answer" BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END
;;
CREATE TRIGGER answer_no_replace_0 BEFORE INSERT ON "answer" WHEN EXISTS (SELECT 1 FROM "answer" WHERE "person" = NEW."person" AND "key" = NEW."key") BEGIN SELECT RAISE(ABORT, 'UNIQUE constraint failed: answer.person, answer.key'); END
;;
CREATE TRIGGER assigned_no_delete BEFORE DELETE ON "assigned" BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END
;;
CREATE TRIGGER assigned_no_update BEFORE UPDATE ON "assigned" BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END
;;
CREATE TRIGGER assigned_no_replace_0 BEFORE INSERT ON "assigned" WHEN EXISTS (SELECT 1 FROM "assigned" WHERE "coi" = NEW."coi") BEGIN SELECT RAISE(ABORT, 'UNIQUE constraint failed: assigned.coi'); END
;;
CREATE TRIGGER attempt_no_delete BEFORE DELETE ON "attempt" BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END
;;
CREATE TRIGGER attempt_no_update BEFORE UPDATE ON "attempt" WHEN NOT (OLD."chain" IS NEW."chain" AND OLD."code" IS NEW."code" AND OLD."batch_code" IS NEW."batch_code" AND OLD."step" IS NEW."step" AND OLD."passage" IS NEW."passage" AND OLD."seat" IS NEW."seat" AND OLD."person" IS NEW."person" AND OLD."at" IS NEW."at" AND (OLD."ended_at" IS NULL OR OLD."ended_at" IS NEW."ended_at") AND (OLD."ended_by" IS NULL OR OLD."ended_by" IS NEW."ended_by") AND NEW.version = OLD.version + 1) BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END
;;
CREATE TRIGGER attempt_no_replace_0 BEFORE INSERT ON "attempt" WHEN EXISTS (SELECT 1 FROM "attempt" WHERE "batch_code" = NEW."batch_code" AND "step" = NEW."step" AND "passage" = NEW."passage" AND "seat" = NEW."seat" AND ended_at IS NULL AND NEW.ended_at IS NULL) BEGIN SELECT RAISE(ABORT, 'UNIQUE constraint failed: attempt.batch_code, attempt.step, attempt.passage, attempt.seat'); END
;;
CREATE TRIGGER attempt_no_replace_1 BEFORE INSERT ON "attempt" WHEN EXISTS (SELECT 1 FROM "attempt" WHERE "code" = NEW."code") BEGIN SELECT RAISE(ABORT, 'UNIQUE constraint failed: attempt.code'); END
;;
CREATE TRIGGER badge_no_delete BEFORE DELETE ON "badge" BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END
;;
CREATE TRIGGER badge_no_update BEFORE UPDATE ON "badge" WHEN NOT (OLD."chain" IS NEW."chain" AND OLD."code" IS NEW."code" AND OLD."person" IS NEW."person" AND OLD."at" IS NEW."at" AND OLD."by" IS NEW."by" AND (OLD."ended_at" IS NULL OR OLD."ended_at" IS NEW."ended_at") AND (OLD."ended_by" IS NULL OR OLD."ended_by" IS NEW."ended_by") AND (OLD."ended_why" IS NULL OR OLD."ended_why" IS NEW."ended_why") AND NEW.version = OLD.version + 1) BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END
;;
CREATE TRIGGER badge_no_replace_0 BEFORE INSERT ON "badge" WHEN EXISTS (SELECT 1 FROM "badge" WHERE "code" = NEW."code") BEGIN SELECT RAISE(ABORT, 'UNIQUE constraint failed: badge.code'); END
;;
CREATE TRIGGER badge_no_replace_1 BEFORE INSERT ON "badge" WHEN EXISTS (SELECT 1 FROM "badge" WHERE "person" = NEW."person" AND ended_at IS NULL AND NEW.ended_at IS NULL) BEGIN SELECT RAISE(ABORT, 'UNIQUE constraint failed: badge.person'); END
;;
CREATE TRIGGER badge_printed_no_delete BEFORE DELETE ON "badge_printed" BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END
;;
CREATE TRIGGER badge_printed_no_update BEFORE UPDATE ON "badge_printed" BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END
;;
CREATE TRIGGER badge_printed_no_replace_0 BEFORE INSERT ON "badge_printed" WHEN EXISTS (SELECT 1 FROM "badge_printed" WHERE "badge_code" = NEW."badge_code") BEGIN SELECT RAISE(ABORT, 'UNIQUE constraint failed: badge_printed.badge_code'); END
;;
CREATE TRIGGER badge_verified_no_delete BEFORE DELETE ON "badge_verified" BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END
;;
CREATE TRIGGER badge_verified_no_update BEFORE UPDATE ON "badge_verified" BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END
;;
CREATE TRIGGER badge_verified_no_replace_0 BEFORE INSERT ON "badge_verified" WHEN EXISTS (SELECT 1 FROM "badge_verified" WHERE "badge_code" = NEW."badge_code") BEGIN SELECT RAISE(ABORT, 'UNIQUE constraint failed: badge_verified.badge_code'); END
;;
CREATE TRIGGER batch_no_delete BEFORE DELETE ON "batch" BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END
;;
CREATE TRIGGER batch_no_update BEFORE UPDATE ON "batch" BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END
;;
CREATE TRIGGER batch_no_replace_0 BEFORE INSERT ON "batch" WHEN EXISTS (SELECT 1 FROM "batch" WHERE "code" = NEW."code") BEGIN SELECT RAISE(ABORT, 'UNIQUE constraint failed: batch.code'); END
;;
CREATE TRIGGER batch_no_replace_1 BEFORE INSERT ON "batch" WHEN EXISTS (SELECT 1 FROM "batch" WHERE "collection_code" = NEW."collection_code") BEGIN SELECT RAISE(ABORT, 'UNIQUE constraint failed: batch.collection_code'); END
;;
CREATE TRIGGER batch_decision_no_delete BEFORE DELETE ON "batch_decision" BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END
;;
CREATE TRIGGER batch_decision_no_update BEFORE UPDATE ON "batch_decision" BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END
;;
CREATE TRIGGER batch_decision_no_replace_0 BEFORE INSERT ON "batch_decision" WHEN EXISTS (SELECT 1 FROM "batch_decision" WHERE "batch_code" = NEW."batch_code") BEGIN SELECT RAISE(ABORT, 'UNIQUE constraint failed: batch_decision.batch_code'); END
;;
CREATE TRIGGER bound_no_delete BEFORE DELETE ON "bound" BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END
;;
CREATE TRIGGER bound_no_update BEFORE UPDATE ON "bound" BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END
;;
CREATE TRIGGER bound_no_replace_0 BEFORE INSERT ON "bound" WHEN EXISTS (SELECT 1 FROM "bound" WHERE "subject_code" = NEW."subject_code") BEGIN SELECT RAISE(ABORT, 'UNIQUE constraint failed: bound.subject_code'); END
;;
CREATE TRIGGER box_claim_no_delete BEFORE DELETE ON "box_claim" BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END
;;
CREATE TRIGGER box_claim_no_update BEFORE UPDATE ON "box_claim" WHEN NOT (OLD."chain" IS NEW."chain" AND OLD."code" IS NEW."code" AND OLD."box_code" IS NEW."box_code" AND OLD."coi" IS NEW."coi" AND OLD."at" IS NEW."at" AND OLD."by" IS NEW."by" AND (OLD."ended_at" IS NULL OR OLD."ended_at" IS NEW."ended_at") AND (OLD."ended_by" IS NULL OR OLD."ended_by" IS NEW."ended_by") AND NEW.version = OLD.version + 1) BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END
;;
CREATE TRIGGER box_claim_no_replace_0 BEFORE INSERT ON "box_claim" WHEN EXISTS (SELECT 1 FROM "box_claim" WHERE "box_code" = NEW."box_code" AND ended_at IS NULL AND NEW.ended_at IS NULL) BEGIN SELECT RAISE(ABORT, 'UNIQUE constraint failed: box_claim.box_code'); END
;;
CREATE TRIGGER box_claim_no_replace_1 BEFORE INSERT ON "box_claim" WHEN EXISTS (SELECT 1 FROM "box_claim" WHERE "code" = NEW."code") BEGIN SELECT RAISE(ABORT, 'UNIQUE constraint failed: box_claim.code'); END
;;
CREATE TRIGGER calculated_no_delete BEFORE DELETE ON "calculated" BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END
;;
CREATE TRIGGER calculated_no_update BEFORE UPDATE ON "calculated" BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END
;;
CREATE TRIGGER calculated_no_replace_0 BEFORE INSERT ON "calculated" WHEN EXISTS (SELECT 1 FROM "calculated" WHERE "batch_code" = NEW."batch_code" AND "step" = NEW."step" AND "passage" = NEW."passage" AND "field" = NEW."field" AND "number" = NEW."number") BEGIN SELECT RAISE(ABORT, 'UNIQUE constraint failed: calculated.batch_code, calculated.step, calculated.passage, calculated.field, calculated.number'); END
;;
CREATE TRIGGER calibrated_no_delete BEFORE DELETE ON "calibrated" BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END
;;
CREATE TRIGGER calibrated_no_update BEFORE UPDATE ON "calibrated" BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END
;;
CREATE TRIGGER calibrated_no_replace_0 BEFORE INSERT ON "calibrated" WHEN EXISTS (SELECT 1 FROM "calibrated" WHERE "code" = NEW."code") BEGIN SELECT RAISE(ABORT, 'UNIQUE constraint failed: calibrated.code'); END
;;
CREATE TRIGGER check_closed_no_delete BEFORE DELETE ON "check_closed" BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END
;;
CREATE TRIGGER check_closed_no_update BEFORE UPDATE ON "check_closed" BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END
;;
CREATE TRIGGER check_closed_no_replace_0 BEFORE INSERT ON "check_closed" WHEN EXISTS (SELECT 1 FROM "check_closed" WHERE "check_code" = NEW."check_code") BEGIN SELECT RAISE(ABORT, 'UNIQUE constraint failed: check_closed.check_code'); END
;;
CREATE TRIGGER checked_no_delete BEFORE DELETE ON "checked" BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END
;;
CREATE TRIGGER checked_no_update BEFORE UPDATE ON "checked" BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END
;;
CREATE TRIGGER checked_no_replace_0 BEFORE INSERT ON "checked" WHEN EXISTS (SELECT 1 FROM "checked" WHERE "code" = NEW."code") BEGIN SELECT RAISE(ABORT, 'UNIQUE constraint failed: checked.code'); END
;;
CREATE TRIGGER cleared_no_delete BEFORE DELETE ON "cleared" BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END
;;
CREATE TRIGGER cleared_no_update BEFORE UPDATE ON "cleared" BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END
;;
CREATE TRIGGER cleared_no_replace_0 BEFORE INSERT ON "cleared" WHEN EXISTS (SELECT 1 FROM "cleared" WHERE "code" = NEW."code") BEGIN SELECT RAISE(ABORT, 'UNIQUE constraint failed: cleared.code'); END
;;
CREATE TRIGGER cleared_no_replace_1 BEFORE INSERT ON "cleared" WHEN EXISTS (SELECT 1 FROM "cleared" WHERE "coi" = NEW."coi" AND "infusion" = NEW."infusion") BEGIN SELECT RAISE(ABORT, 'UNIQUE constraint failed: cleared.coi, cleared.infusion'); END
;;
CREATE TRIGGER closed_no_delete BEFORE DELETE ON "closed" BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END
;;
CREATE TRIGGER closed_no_update BEFORE UPDATE ON "closed" BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END
;;
CREATE TRIGGER closed_no_replace_0 BEFORE INSERT ON "closed" WHEN EXISTS (SELECT 1 FROM "closed" WHERE "coi" = NEW."coi") BEGIN SELECT RAISE(ABORT, 'UNIQUE constraint failed: closed.coi'); END
;;
CREATE TRIGGER code_no_delete BEFORE DELETE ON "code" BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END
;;
CREATE TRIGGER code_no_update BEFORE UPDATE ON "code" BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END
;;
CREATE TRIGGER code_no_replace_0 BEFORE INSERT ON "code" WHEN EXISTS (SELECT 1 FROM "code" WHERE "code" = NEW."code") BEGIN SELECT RAISE(ABORT, 'UNIQUE constraint failed: code.code'); END
;;
CREATE TRIGGER collected_no_delete BEFORE DELETE ON "collected" BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END
;;
CREATE TRIGGER collected_no_update BEFORE UPDATE ON "collected" BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END
;;
CREATE TRIGGER collected_no_replace_0 BEFORE INSERT ON "collected" WHEN EXISTS (SELECT 1 FROM "collected" WHERE "collection_code" = NEW."collection_code") BEGIN SELECT RAISE(ABORT, 'UNIQUE constraint failed: collected.collection_code'); END
;;
CREATE TRIGGER collection_no_delete BEFORE DELETE ON "collection" BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END
;;
CREATE TRIGGER collection_no_update BEFORE UPDATE ON "collection" BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END
;;
CREATE TRIGGER collection_no_replace_0 BEFORE INSERT ON "collection" WHEN EXISTS (SELECT 1 FROM "collection" WHERE "code" = NEW."code") BEGIN SELECT RAISE(ABORT, 'UNIQUE constraint failed: collection.code'); END
;;
CREATE TRIGGER collection_no_replace_1 BEFORE INSERT ON "collection" WHEN EXISTS (SELECT 1 FROM "collection" WHERE "container_code" = NEW."container_code") BEGIN SELECT RAISE(ABORT, 'UNIQUE constraint failed: collection.container_code'); END
;;
CREATE TRIGGER collection_no_replace_2 BEFORE INSERT ON "collection" WHEN EXISTS (SELECT 1 FROM "collection" WHERE "subject_code" = NEW."subject_code" AND "ordinal" = NEW."ordinal") BEGIN SELECT RAISE(ABORT, 'UNIQUE constraint failed: collection.subject_code, collection.ordinal'); END
;;
CREATE TRIGGER collection_received_no_delete BEFORE DELETE ON "collection_received" BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END
;;
CREATE TRIGGER collection_received_no_update BEFORE UPDATE ON "collection_received" BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END
;;
CREATE TRIGGER collection_received_no_replace_0 BEFORE INSERT ON "collection_received" WHEN EXISTS (SELECT 1 FROM "collection_received" WHERE "collection_code" = NEW."collection_code") BEGIN SELECT RAISE(ABORT, 'UNIQUE constraint failed: collection_received.collection_code'); END
;;
CREATE TRIGGER confirmed_no_delete BEFORE DELETE ON "confirmed" BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END
;;
CREATE TRIGGER confirmed_no_update BEFORE UPDATE ON "confirmed" WHEN NOT (OLD."chain" IS NEW."chain" AND OLD."code" IS NEW."code" AND OLD."coi" IS NEW."coi" AND OLD."dose_code" IS NEW."dose_code" AND OLD."order_code" IS NEW."order_code" AND OLD."wristband_code" IS NEW."wristband_code" AND OLD."access" IS NEW."access" AND OLD."at" IS NEW."at" AND OLD."by" IS NEW."by" AND (OLD."ended_at" IS NULL OR OLD."ended_at" IS NEW."ended_at") AND (OLD."ended_by" IS NULL OR OLD."ended_by" IS NEW."ended_by") AND NEW.version = OLD.version + 1) BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END
;;
CREATE TRIGGER confirmed_no_replace_0 BEFORE INSERT ON "confirmed" WHEN EXISTS (SELECT 1 FROM "confirmed" WHERE "code" = NEW."code") BEGIN SELECT RAISE(ABORT, 'UNIQUE constraint failed: confirmed.code'); END
;;
CREATE TRIGGER confirmed_no_replace_1 BEFORE INSERT ON "confirmed" WHEN EXISTS (SELECT 1 FROM "confirmed" WHERE "dose_code" = NEW."dose_code" AND "by" = NEW."by" AND ended_at IS NULL AND NEW.ended_at IS NULL) BEGIN SELECT RAISE(ABORT, 'UNIQUE constraint failed: confirmed.dose_code, confirmed.by'); END
;;
CREATE TRIGGER consent_no_delete BEFORE DELETE ON "consent" BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END
;;
CREATE TRIGGER consent_no_update BEFORE UPDATE ON "consent" BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END
;;
CREATE TRIGGER consent_no_replace_0 BEFORE INSERT ON "consent" WHEN EXISTS (SELECT 1 FROM "consent" WHERE "code" = NEW."code") BEGIN SELECT RAISE(ABORT, 'UNIQUE constraint failed: consent.code'); END
;;
CREATE TRIGGER container_no_delete BEFORE DELETE ON "container" BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END
;;
CREATE TRIGGER container_no_update BEFORE UPDATE ON "container" BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END
;;
CREATE TRIGGER container_no_replace_0 BEFORE INSERT ON "container" WHEN EXISTS (SELECT 1 FROM "container" WHERE "code" = NEW."code") BEGIN SELECT RAISE(ABORT, 'UNIQUE constraint failed: container.code'); END
;;
CREATE TRIGGER container_no_replace_1 BEFORE INSERT ON "container" WHEN EXISTS (SELECT 1 FROM "container" WHERE "code" = NEW."code" AND "chain" = NEW."chain") BEGIN SELECT RAISE(ABORT, 'UNIQUE constraint failed: container.code, container.chain'); END
;;
CREATE TRIGGER container_parent_no_delete BEFORE DELETE ON "container_parent" BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END
;;
CREATE TRIGGER container_parent_no_update BEFORE UPDATE ON "container_parent" BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END
;;
CREATE TRIGGER container_parent_no_replace_0 BEFORE INSERT ON "container_parent" WHEN EXISTS (SELECT 1 FROM "container_parent" WHERE "child" = NEW."child" AND "parent" = NEW."parent") BEGIN SELECT RAISE(ABORT, 'UNIQUE constraint failed: container_parent.child, container_parent.parent'); END
;;
CREATE TRIGGER deviation_no_delete BEFORE DELETE ON "deviation" BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END
;;
CREATE TRIGGER deviation_no_update BEFORE UPDATE ON "deviation" BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END
;;
CREATE TRIGGER deviation_no_replace_0 BEFORE INSERT ON "deviation" WHEN EXISTS (SELECT 1 FROM "deviation" WHERE "code" = NEW."code") BEGIN SELECT RAISE(ABORT, 'UNIQUE constraint failed: deviation.code'); END
;;
CREATE TRIGGER deviation_decided_no_delete BEFORE DELETE ON "deviation_decided" BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END
;;
CREATE TRIGGER deviation_decided_no_update BEFORE UPDATE ON "deviation_decided" BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END
;;
CREATE TRIGGER deviation_decided_no_replace_0 BEFORE INSERT ON "deviation_decided" WHEN EXISTS (SELECT 1 FROM "deviation_decided" WHERE "deviation_code" = NEW."deviation_code") BEGIN SELECT RAISE(ABORT, 'UNIQUE constraint failed: deviation_decided.deviation_code'); END
;;
CREATE TRIGGER deviation_described_no_delete BEFORE DELETE ON "deviation_described" BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END
;;
CREATE TRIGGER deviation_described_no_update BEFORE UPDATE ON "deviation_described" BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END
;;
CREATE TRIGGER deviation_described_no_replace_0 BEFORE INSERT ON "deviation_described" WHEN EXISTS (SELECT 1 FROM "deviation_described" WHERE "code" = NEW."code") BEGIN SELECT RAISE(ABORT, 'UNIQUE constraint failed: deviation_described.code'); END
;;
CREATE TRIGGER disposed_no_delete BEFORE DELETE ON "disposed" BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END
;;
CREATE TRIGGER disposed_no_update BEFORE UPDATE ON "disposed" BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END
;;
CREATE TRIGGER disposed_no_replace_0 BEFORE INSERT ON "disposed" WHEN EXISTS (SELECT 1 FROM "disposed" WHERE "container_code" = NEW."container_code") BEGIN SELECT RAISE(ABORT, 'UNIQUE constraint failed: disposed.container_code'); END
;;
CREATE TRIGGER dose_no_delete BEFORE DELETE ON "dose" BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END
;;
CREATE TRIGGER dose_no_update BEFORE UPDATE ON "dose" WHEN NOT (OLD."chain" IS NEW."chain" AND OLD."code" IS NEW."code" AND OLD."order_code" IS NEW."order_code" AND OLD."coi" IS NEW."coi" AND OLD."infusion" IS NEW."infusion" AND OLD."batch_code" IS NEW."batch_code" AND OLD."at" IS NEW."at" AND OLD."by" IS NEW."by" AND (OLD."ended_at" IS NULL OR OLD."ended_at" IS NEW."ended_at") AND (OLD."ended_by" IS NULL OR OLD."ended_by" IS NEW."ended_by") AND (OLD."ended_why" IS NULL OR OLD."ended_why" IS NEW."ended_why") AND NEW.version = OLD.version + 1) BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END
;;
CREATE TRIGGER dose_no_replace_0 BEFORE INSERT ON "dose" WHEN EXISTS (SELECT 1 FROM "dose" WHERE "code" = NEW."code") BEGIN SELECT RAISE(ABORT, 'UNIQUE constraint failed: dose.code'); END
;;
CREATE TRIGGER dose_no_replace_1 BEFORE INSERT ON "dose" WHEN EXISTS (SELECT 1 FROM "dose" WHERE "coi" = NEW."coi" AND "infusion" = NEW."infusion" AND ended_at IS NULL AND NEW.ended_at IS NULL) BEGIN SELECT RAISE(ABORT, 'UNIQUE constraint failed: dose.coi, dose.infusion'); END
;;
CREATE TRIGGER dose_decision_no_delete BEFORE DELETE ON "dose_decision" BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END
;;
CREATE TRIGGER dose_decision_no_update BEFORE UPDATE ON "dose_decision" BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END
;;
CREATE TRIGGER dose_decision_no_replace_0 BEFORE INSERT ON "dose_decision" WHEN EXISTS (SELECT 1 FROM "dose_decision" WHERE "dose_code" = NEW."dose_code") BEGIN SELECT RAISE(ABORT, 'UNIQUE constraint failed: dose_decision.dose_code'); END
;;
CREATE TRIGGER dose_deviation_no_delete BEFORE DELETE ON "dose_deviation" BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END
;;
CREATE TRIGGER dose_deviation_no_update BEFORE UPDATE ON "dose_deviation" BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END
;;
CREATE TRIGGER dose_deviation_no_replace_0 BEFORE INSERT ON "dose_deviation" WHEN EXISTS (SELECT 1 FROM "dose_deviation" WHERE "deviation_code" = NEW."deviation_code") BEGIN SELECT RAISE(ABORT, 'UNIQUE constraint failed: dose_deviation.deviation_code'); END
;;
CREATE TRIGGER dose_deviation_decided_no_delete BEFORE DELETE ON "dose_deviation_decided" BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END
;;
CREATE TRIGGER dose_deviation_decided_no_update BEFORE UPDATE ON "dose_deviation_decided" BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END
;;
CREATE TRIGGER dose_deviation_decided_no_replace_0 BEFORE INSERT ON "dose_deviation_decided" WHEN EXISTS (SELECT 1 FROM "dose_deviation_decided" WHERE "deviation_code" = NEW."deviation_code") BEGIN SELECT RAISE(ABORT, 'UNIQUE constraint failed: dose_deviation_decided.deviation_code'); END
;;
CREATE TRIGGER dose_filled_no_delete BEFORE DELETE ON "dose_filled" BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END
;;
CREATE TRIGGER dose_filled_no_update BEFORE UPDATE ON "dose_filled" BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END
;;
CREATE TRIGGER dose_filled_no_replace_0 BEFORE INSERT ON "dose_filled" WHEN EXISTS (SELECT 1 FROM "dose_filled" WHERE "container_code" = NEW."container_code") BEGIN SELECT RAISE(ABORT, 'UNIQUE constraint failed: dose_filled.container_code'); END
;;
CREATE TRIGGER dose_filled_no_replace_1 BEFORE INSERT ON "dose_filled" WHEN EXISTS (SELECT 1 FROM "dose_filled" WHERE "dose_code" = NEW."dose_code") BEGIN SELECT RAISE(ABORT, 'UNIQUE constraint failed: dose_filled.dose_code'); END
;;
CREATE TRIGGER dose_hold_lifted_no_delete BEFORE DELETE ON "dose_hold_lifted" BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END
;;
CREATE TRIGGER dose_hold_lifted_no_update BEFORE UPDATE ON "dose_hold_lifted" BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END
;;
CREATE TRIGGER dose_hold_lifted_no_replace_0 BEFORE INSERT ON "dose_hold_lifted" WHEN EXISTS (SELECT 1 FROM "dose_hold_lifted" WHERE "hold_code" = NEW."hold_code") BEGIN SELECT RAISE(ABORT, 'UNIQUE constraint failed: dose_hold_lifted.hold_code'); END
;;
CREATE TRIGGER dose_scan_no_delete BEFORE DELETE ON "dose_scan" BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END
;;
CREATE TRIGGER dose_scan_no_update BEFORE UPDATE ON "dose_scan" WHEN NOT (OLD."chain" IS NEW."chain" AND OLD."dose_code" IS NEW."dose_code" AND OLD."step" IS NEW."step" AND OLD."code" IS NEW."code" AND OLD."number" IS NEW."number" AND OLD."part" IS NEW."part" AND OLD."kind" IS NEW."kind" AND OLD."how" IS NEW."how" AND OLD."at" IS NEW."at" AND OLD."by" IS NEW."by" AND (OLD."ended_at" IS NULL OR OLD."ended_at" IS NEW."ended_at") AND (OLD."ended_by" IS NULL OR OLD."ended_by" IS NEW."ended_by") AND NEW.version = OLD.version + 1) BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END
;;
CREATE TRIGGER dose_scan_no_replace_0 BEFORE INSERT ON "dose_scan" WHEN EXISTS (SELECT 1 FROM "dose_scan" WHERE "dose_code" = NEW."dose_code" AND "step" = NEW."step" AND "code" = NEW."code" AND ended_at IS NULL AND NEW.ended_at IS NULL) BEGIN SELECT RAISE(ABORT, 'UNIQUE constraint failed: dose_scan.dose_code, dose_scan.step, dose_scan.code'); END
;;
CREATE TRIGGER dose_scan_no_replace_1 BEFORE INSERT ON "dose_scan" WHEN EXISTS (SELECT 1 FROM "dose_scan" WHERE "dose_code" = NEW."dose_code" AND "step" = NEW."step" AND "code" = NEW."code" AND "number" = NEW."number") BEGIN SELECT RAISE(ABORT, 'UNIQUE constraint failed: dose_scan.dose_code, dose_scan.step, dose_scan.code, dose_scan.number'); END
;;
CREATE TRIGGER dose_vial_no_delete BEFORE DELETE ON "dose_vial" BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END
;;
CREATE TRIGGER dose_vial_no_update BEFORE UPDATE ON "dose_vial" WHEN NOT (OLD."chain" IS NEW."chain" AND OLD."code" IS NEW."code" AND OLD."dose_code" IS NEW."dose_code" AND OLD."container_code" IS NEW."container_code" AND OLD."at" IS NEW."at" AND OLD."by" IS NEW."by" AND (OLD."ended_at" IS NULL OR OLD."ended_at" IS NEW."ended_at") AND (OLD."ended_by" IS NULL OR OLD."ended_by" IS NEW."ended_by") AND NEW.version = OLD.version + 1) BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END
;;
CREATE TRIGGER dose_vial_no_replace_0 BEFORE INSERT ON "dose_vial" WHEN EXISTS (SELECT 1 FROM "dose_vial" WHERE "code" = NEW."code") BEGIN SELECT RAISE(ABORT, 'UNIQUE constraint failed: dose_vial.code'); END
;;
CREATE TRIGGER dose_vial_no_replace_1 BEFORE INSERT ON "dose_vial" WHEN EXISTS (SELECT 1 FROM "dose_vial" WHERE "container_code" = NEW."container_code" AND ended_at IS NULL AND NEW.ended_at IS NULL) BEGIN SELECT RAISE(ABORT, 'UNIQUE constraint failed: dose_vial.container_code'); END
;;
CREATE TRIGGER eligibility_answer_no_delete BEFORE DELETE ON "eligibility_answer" BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END
;;
CREATE TRIGGER eligibility_answer_no_update BEFORE UPDATE ON "eligibility_answer" BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END
;;
CREATE TRIGGER eligibility_answer_no_replace_0 BEFORE INSERT ON "eligibility_answer" WHEN EXISTS (SELECT 1 FROM "eligibility_answer" WHERE "subject_code" = NEW."subject_code" AND "criterion" = NEW."criterion" AND "number" = NEW."number") BEGIN SELECT RAISE(ABORT, 'UNIQUE constraint failed: eligibility_answer.subject_code, eligibility_answer.criterion, eligibility_answer.number'); END
;;
CREATE TRIGGER entry_no_delete BEFORE DELETE ON "entry" BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END
;;
CREATE TRIGGER entry_no_update BEFORE UPDATE ON "entry" BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END
;;
CREATE TRIGGER entry_no_replace_0 BEFORE INSERT ON "entry" WHEN EXISTS (SELECT 1 FROM "entry" WHERE "chain" = NEW."chain" AND "seq" = NEW."seq") BEGIN SELECT RAISE(ABORT, 'UNIQUE constraint failed: entry.chain, entry.seq'); END
;;
CREATE TRIGGER equipment_no_delete BEFORE DELETE ON "equipment" BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END
;;
CREATE TRIGGER equipment_no_update BEFORE UPDATE ON "equipment" WHEN NOT (OLD."chain" IS NEW."chain" AND OLD."code" IS NEW."code" AND OLD."kind" IS NEW."kind" AND OLD."name" IS NEW."name" AND OLD."serial_number" IS NEW."serial_number" AND OLD."at" IS NEW."at" AND OLD."by" IS NEW."by" AND (OLD."ended_at" IS NULL OR OLD."ended_at" IS NEW."ended_at") AND (OLD."ended_by" IS NULL OR OLD."ended_by" IS NEW."ended_by") AND (OLD."ended_why" IS NULL OR OLD."ended_why" IS NEW."ended_why") AND NEW.version = OLD.version + 1) BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END
;;
CREATE TRIGGER equipment_no_replace_0 BEFORE INSERT ON "equipment" WHEN EXISTS (SELECT 1 FROM "equipment" WHERE "code" = NEW."code") BEGIN SELECT RAISE(ABORT, 'UNIQUE constraint failed: equipment.code'); END
;;
CREATE TRIGGER equipment_no_replace_1 BEFORE INSERT ON "equipment" WHEN EXISTS (SELECT 1 FROM "equipment" WHERE "name" = NEW."name") BEGIN SELECT RAISE(ABORT, 'UNIQUE constraint failed: equipment.name'); END
;;
CREATE TRIGGER exposed_no_delete BEFORE DELETE ON "exposed" BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END
;;
CREATE TRIGGER exposed_no_update BEFORE UPDATE ON "exposed" BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END
;;
CREATE TRIGGER exposed_no_replace_0 BEFORE INSERT ON "exposed" WHEN EXISTS (SELECT 1 FROM "exposed" WHERE "code" = NEW."code") BEGIN SELECT RAISE(ABORT, 'UNIQUE constraint failed: exposed.code'); END
;;
CREATE TRIGGER finished_no_delete BEFORE DELETE ON "finished" BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END
;;
CREATE TRIGGER finished_no_update BEFORE UPDATE ON "finished" BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END
;;
CREATE TRIGGER finished_no_replace_0 BEFORE INSERT ON "finished" WHEN EXISTS (SELECT 1 FROM "finished" WHERE "administration_code" = NEW."administration_code") BEGIN SELECT RAISE(ABORT, 'UNIQUE constraint failed: finished.administration_code'); END
;;
CREATE TRIGGER folder_approved_no_delete BEFORE DELETE ON "folder_approved" BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END
;;
CREATE TRIGGER folder_approved_no_update BEFORE UPDATE ON "folder_approved" BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END
;;
CREATE TRIGGER folder_approved_no_replace_0 BEFORE INSERT ON "folder_approved" WHEN EXISTS (SELECT 1 FROM "folder_approved" WHERE "folder_code" = NEW."folder_code") BEGIN SELECT RAISE(ABORT, 'UNIQUE constraint failed: folder_approved.folder_code'); END
;;
CREATE TRIGGER folder_file_no_delete BEFORE DELETE ON "folder_file" BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END
;;
CREATE TRIGGER folder_file_no_update BEFORE UPDATE ON "folder_file" BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END
;;
CREATE TRIGGER folder_file_no_replace_0 BEFORE INSERT ON "folder_file" WHEN EXISTS (SELECT 1 FROM "folder_file" WHERE "folder_code" = NEW."folder_code" AND "name" = NEW."name") BEGIN SELECT RAISE(ABORT, 'UNIQUE constraint failed: folder_file.folder_code, folder_file.name'); END
;;
CREATE TRIGGER folder_proposed_no_delete BEFORE DELETE ON "folder_proposed" BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END
;;
CREATE TRIGGER folder_proposed_no_update BEFORE UPDATE ON "folder_proposed" BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END
;;
CREATE TRIGGER folder_proposed_no_replace_0 BEFORE INSERT ON "folder_proposed" WHEN EXISTS (SELECT 1 FROM "folder_proposed" WHERE "code" = NEW."code") BEGIN SELECT RAISE(ABORT, 'UNIQUE constraint failed: folder_proposed.code'); END
;;
CREATE TRIGGER folder_proposed_no_replace_1 BEFORE INSERT ON "folder_proposed" WHEN EXISTS (SELECT 1 FROM "folder_proposed" WHERE "fingerprint" = NEW."fingerprint") BEGIN SELECT RAISE(ABORT, 'UNIQUE constraint failed: folder_proposed.fingerprint'); END
;;
CREATE TRIGGER handed_over_no_delete BEFORE DELETE ON "handed_over" BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END
;;
CREATE TRIGGER handed_over_no_update BEFORE UPDATE ON "handed_over" WHEN NOT (OLD."chain" IS NEW."chain" AND OLD."code" IS NEW."code" AND OLD."consignment" IS NEW."consignment" AND OLD."container_code" IS NEW."container_code" AND OLD."to" IS NEW."to" AND OLD."condition" IS NEW."condition" AND OLD."temperature_c" IS NEW."temperature_c" AND OLD."seal" IS NEW."seal" AND OLD."logger" IS NEW."logger" AND OLD."within_minutes" IS NEW."within_minutes" AND OLD."at" IS NEW."at" AND OLD."by" IS NEW."by" AND (OLD."ended_at" IS NULL OR OLD."ended_at" IS NEW."ended_at") AND (OLD."ended_by" IS NULL OR OLD."ended_by" IS NEW."ended_by") AND NEW.version = OLD.version + 1) BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END
;;
CREATE TRIGGER handed_over_no_replace_0 BEFORE INSERT ON "handed_over" WHEN EXISTS (SELECT 1 FROM "handed_over" WHERE "code" = NEW."code") BEGIN SELECT RAISE(ABORT, 'UNIQUE constraint failed: handed_over.code'); END
;;
CREATE TRIGGER handed_over_no_replace_1 BEFORE INSERT ON "handed_over" WHEN EXISTS (SELECT 1 FROM "handed_over" WHERE "container_code" = NEW."container_code" AND ended_at IS NULL AND NEW.ended_at IS NULL) BEGIN SELECT RAISE(ABORT, 'UNIQUE constraint failed: handed_over.container_code'); END
;;
CREATE TRIGGER hold_no_delete BEFORE DELETE ON "hold" BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END
;;
CREATE TRIGGER hold_no_update BEFORE UPDATE ON "hold" WHEN NOT (OLD."chain" IS NEW."chain" AND OLD."code" IS NEW."code" AND OLD."about" IS NEW."about" AND OLD."why" IS NEW."why" AND OLD."cause" IS NEW."cause" AND OLD."at" IS NEW."at" AND OLD."by" IS NEW."by" AND (OLD."ended_at" IS NULL OR OLD."ended_at" IS NEW."ended_at") AND (OLD."ended_by" IS NULL OR OLD."ended_by" IS NEW."ended_by") AND (OLD."ended_why" IS NULL OR OLD."ended_why" IS NEW."ended_why") AND NEW.version = OLD.version + 1) BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END
;;
CREATE TRIGGER hold_no_replace_0 BEFORE INSERT ON "hold" WHEN EXISTS (SELECT 1 FROM "hold" WHERE "code" = NEW."code") BEGIN SELECT RAISE(ABORT, 'UNIQUE constraint failed: hold.code'); END
;;
CREATE TRIGGER hold_seen_no_delete BEFORE DELETE ON "hold_seen" BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END
;;
CREATE TRIGGER hold_seen_no_update BEFORE UPDATE ON "hold_seen" BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END
;;
CREATE TRIGGER hold_seen_no_replace_0 BEFORE INSERT ON "hold_seen" WHEN EXISTS (SELECT 1 FROM "hold_seen" WHERE "hold_code" = NEW."hold_code" AND "by" = NEW."by") BEGIN SELECT RAISE(ABORT, 'UNIQUE constraint failed: hold_seen.hold_code, hold_seen.by'); END
;;
CREATE TRIGGER infusion_order_no_delete BEFORE DELETE ON "infusion_order" BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END
;;
CREATE TRIGGER infusion_order_no_update BEFORE UPDATE ON "infusion_order" WHEN NOT (OLD."chain" IS NEW."chain" AND OLD."code" IS NEW."code" AND OLD."coi" IS NEW."coi" AND OLD."infusion" IS NEW."infusion" AND OLD."batch_code" IS NEW."batch_code" AND OLD."route" IS NEW."route" AND OLD."planned_at" IS NEW."planned_at" AND OLD."weight_kg" IS NEW."weight_kg" AND OLD."weighed_on" IS NEW."weighed_on" AND OLD."temperature_c" IS NEW."temperature_c" AND OLD."infection" IS NEW."infection" AND OLD."at" IS NEW."at" AND OLD."by" IS NEW."by" AND (OLD."ended_at" IS NULL OR OLD."ended_at" IS NEW."ended_at") AND (OLD."ended_by" IS NULL OR OLD."ended_by" IS NEW."ended_by") AND (OLD."ended_why" IS NULL OR OLD."ended_why" IS NEW."ended_why") AND NEW.version = OLD.version + 1) BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END
;;
CREATE TRIGGER infusion_order_no_replace_0 BEFORE INSERT ON "infusion_order" WHEN EXISTS (SELECT 1 FROM "infusion_order" WHERE "code" = NEW."code") BEGIN SELECT RAISE(ABORT, 'UNIQUE constraint failed: infusion_order.code'); END
;;
CREATE TRIGGER infusion_order_no_replace_1 BEFORE INSERT ON "infusion_order" WHEN EXISTS (SELECT 1 FROM "infusion_order" WHERE "coi" = NEW."coi" AND "infusion" = NEW."infusion" AND ended_at IS NULL AND NEW.ended_at IS NULL) BEGIN SELECT RAISE(ABORT, 'UNIQUE constraint failed: infusion_order.coi, infusion_order.infusion'); END
;;
CREATE TRIGGER label_no_delete BEFORE DELETE ON "label" BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END
;;
CREATE TRIGGER label_no_update BEFORE UPDATE ON "label" WHEN NOT (OLD."chain" IS NEW."chain" AND OLD."code" IS NEW."code" AND OLD."of_code" IS NEW."of_code" AND OLD."batch_code" IS NEW."batch_code" AND OLD."template" IS NEW."template" AND OLD."folder" IS NEW."folder" AND OLD."values_text" IS NEW."values_text" AND OLD."replaces" IS NEW."replaces" AND OLD."at" IS NEW."at" AND OLD."by" IS NEW."by" AND (OLD."ended_at" IS NULL OR OLD."ended_at" IS NEW."ended_at") AND (OLD."ended_by" IS NULL OR OLD."ended_by" IS NEW."ended_by") AND (OLD."ended_how" IS NULL OR OLD."ended_how" IS NEW."ended_how") AND (OLD."ended_why" IS NULL OR OLD."ended_why" IS NEW."ended_why") AND NEW.version = OLD.version + 1) BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END
;;
CREATE TRIGGER label_no_replace_0 BEFORE INSERT ON "label" WHEN EXISTS (SELECT 1 FROM "label" WHERE "code" = NEW."code") BEGIN SELECT RAISE(ABORT, 'UNIQUE constraint failed: label.code'); END
;;
CREATE TRIGGER label_no_replace_1 BEFORE INSERT ON "label" WHEN EXISTS (SELECT 1 FROM "label" WHERE "of_code" = NEW."of_code" AND ended_at IS NULL AND NEW.ended_at IS NULL) BEGIN SELECT RAISE(ABORT, 'UNIQUE constraint failed: label.of_code'); END
;;
CREATE TRIGGER label_applied_no_delete BEFORE DELETE ON "label_applied" BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END
;;
CREATE TRIGGER label_applied_no_update BEFORE UPDATE ON "label_applied" BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END
;;
CREATE TRIGGER label_applied_no_replace_0 BEFORE INSERT ON "label_applied" WHEN EXISTS (SELECT 1 FROM "label_applied" WHERE "label_code" = NEW."label_code") BEGIN SELECT RAISE(ABORT, 'UNIQUE constraint failed: label_applied.label_code'); END
;;
CREATE TRIGGER label_printed_no_delete BEFORE DELETE ON "label_printed" BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END
;;
CREATE TRIGGER label_printed_no_update BEFORE UPDATE ON "label_printed" BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END
;;
CREATE TRIGGER label_printed_no_replace_0 BEFORE INSERT ON "label_printed" WHEN EXISTS (SELECT 1 FROM "label_printed" WHERE "label_code" = NEW."label_code") BEGIN SELECT RAISE(ABORT, 'UNIQUE constraint failed: label_printed.label_code'); END
;;
CREATE TRIGGER label_verified_no_delete BEFORE DELETE ON "label_verified" BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END
;;
CREATE TRIGGER label_verified_no_update BEFORE UPDATE ON "label_verified" BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END
;;
CREATE TRIGGER label_verified_no_replace_0 BEFORE INSERT ON "label_verified" WHEN EXISTS (SELECT 1 FROM "label_verified" WHERE "label_code" = NEW."label_code") BEGIN SELECT RAISE(ABORT, 'UNIQUE constraint failed: label_verified.label_code'); END
;;
CREATE TRIGGER line_drawn_no_delete BEFORE DELETE ON "line_drawn" BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END
;;
CREATE TRIGGER line_drawn_no_update BEFORE UPDATE ON "line_drawn" BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END
;;
CREATE TRIGGER line_drawn_no_replace_0 BEFORE INSERT ON "line_drawn" WHEN EXISTS (SELECT 1 FROM "line_drawn" WHERE "coi" = NEW."coi") BEGIN SELECT RAISE(ABORT, 'UNIQUE constraint failed: line_drawn.coi'); END
;;
CREATE TRIGGER line_drawn_no_replace_1 BEFORE INSERT ON "line_drawn" WHEN EXISTS (SELECT 1 FROM "line_drawn" WHERE "line_code" = NEW."line_code") BEGIN SELECT RAISE(ABORT, 'UNIQUE constraint failed: line_drawn.line_code'); END
;;
CREATE TRIGGER link_issued_no_delete BEFORE DELETE ON "link_issued" BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END
;;
CREATE TRIGGER link_issued_no_update BEFORE UPDATE ON "link_issued" WHEN NOT (OLD."chain" IS NEW."chain" AND OLD."token_sha256" IS NEW."token_sha256" AND OLD."person" IS NEW."person" AND OLD."expires_at" IS NEW."expires_at" AND OLD."at" IS NEW."at" AND OLD."by" IS NEW."by" AND (OLD."ended_at" IS NULL OR OLD."ended_at" IS NEW."ended_at") AND (OLD."ended_by" IS NULL OR OLD."ended_by" IS NEW."ended_by") AND NEW.version = OLD.version + 1) BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END
;;
CREATE TRIGGER link_issued_no_replace_0 BEFORE INSERT ON "link_issued" WHEN EXISTS (SELECT 1 FROM "link_issued" WHERE "token_sha256" = NEW."token_sha256") BEGIN SELECT RAISE(ABORT, 'UNIQUE constraint failed: link_issued.token_sha256'); END
;;
CREATE TRIGGER lot_no_delete BEFORE DELETE ON "lot" BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END
;;
CREATE TRIGGER lot_no_update BEFORE UPDATE ON "lot" WHEN NOT (OLD."chain" IS NEW."chain" AND OLD."code" IS NEW."code" AND OLD."item" IS NEW."item" AND OLD."maker" IS NEW."maker" AND OLD."lot_number" IS NEW."lot_number" AND OLD."expires_on" IS NEW."expires_on" AND OLD."grade" IS NEW."grade" AND OLD."storage" IS NEW."storage" AND OLD."at" IS NEW."at" AND OLD."by" IS NEW."by" AND (OLD."ended_at" IS NULL OR OLD."ended_at" IS NEW."ended_at") AND (OLD."ended_by" IS NULL OR OLD."ended_by" IS NEW."ended_by") AND (OLD."ended_why" IS NULL OR OLD."ended_why" IS NEW."ended_why") AND NEW.version = OLD.version + 1) BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END
;;
CREATE TRIGGER lot_no_replace_0 BEFORE INSERT ON "lot" WHEN EXISTS (SELECT 1 FROM "lot" WHERE "code" = NEW."code") BEGIN SELECT RAISE(ABORT, 'UNIQUE constraint failed: lot.code'); END
;;
CREATE TRIGGER lot_no_replace_1 BEFORE INSERT ON "lot" WHEN EXISTS (SELECT 1 FROM "lot" WHERE "item" = NEW."item" AND "maker" = NEW."maker" AND "lot_number" = NEW."lot_number") BEGIN SELECT RAISE(ABORT, 'UNIQUE constraint failed: lot.item, lot.maker, lot.lot_number'); END
;;
CREATE TRIGGER nothing_given_no_delete BEFORE DELETE ON "nothing_given" BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END
;;
CREATE TRIGGER nothing_given_no_update BEFORE UPDATE ON "nothing_given" BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END
;;
CREATE TRIGGER nothing_given_no_replace_0 BEFORE INSERT ON "nothing_given" WHEN EXISTS (SELECT 1 FROM "nothing_given" WHERE "administration_code" = NEW."administration_code") BEGIN SELECT RAISE(ABORT, 'UNIQUE constraint failed: nothing_given.administration_code'); END
;;
CREATE TRIGGER occupancy_no_delete BEFORE DELETE ON "occupancy" BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END
;;
CREATE TRIGGER occupancy_no_update BEFORE UPDATE ON "occupancy" WHEN NOT (OLD."chain" IS NEW."chain" AND OLD."code" IS NEW."code" AND OLD."container_code" IS NEW."container_code" AND OLD."place_code" IS NEW."place_code" AND OLD."position_code" IS NEW."position_code" AND OLD."at" IS NEW."at" AND OLD."by" IS NEW."by" AND OLD."witness" IS NEW."witness" AND (OLD."ended_at" IS NULL OR OLD."ended_at" IS NEW."ended_at") AND (OLD."ended_by" IS NULL OR OLD."ended_by" IS NEW."ended_by") AND NEW.version = OLD.version + 1) BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END
;;
CREATE TRIGGER occupancy_no_replace_0 BEFORE INSERT ON "occupancy" WHEN EXISTS (SELECT 1 FROM "occupancy" WHERE "code" = NEW."code") BEGIN SELECT RAISE(ABORT, 'UNIQUE constraint failed: occupancy.code'); END
;;
CREATE TRIGGER occupancy_no_replace_1 BEFORE INSERT ON "occupancy" WHEN EXISTS (SELECT 1 FROM "occupancy" WHERE "container_code" = NEW."container_code" AND ended_at IS NULL AND NEW.ended_at IS NULL) BEGIN SELECT RAISE(ABORT, 'UNIQUE constraint failed: occupancy.container_code'); END
;;
CREATE TRIGGER occupancy_no_replace_2 BEFORE INSERT ON "occupancy" WHEN EXISTS (SELECT 1 FROM "occupancy" WHERE "position_code" = NEW."position_code" AND ended_at IS NULL AND NEW.ended_at IS NULL) BEGIN SELECT RAISE(ABORT, 'UNIQUE constraint failed: occupancy.position_code'); END
;;
CREATE TRIGGER packed_no_delete BEFORE DELETE ON "packed" BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END
;;
CREATE TRIGGER packed_no_update BEFORE UPDATE ON "packed" BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END
;;
CREATE TRIGGER packed_no_replace_0 BEFORE INSERT ON "packed" WHEN EXISTS (SELECT 1 FROM "packed" WHERE "collection_code" = NEW."collection_code") BEGIN SELECT RAISE(ABORT, 'UNIQUE constraint failed: packed.collection_code'); END
;;
CREATE TRIGGER paper_fetched_no_delete BEFORE DELETE ON "paper_fetched" BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END
;;
CREATE TRIGGER paper_fetched_no_update BEFORE UPDATE ON "paper_fetched" BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END
;;
CREATE TRIGGER paper_fetched_no_replace_0 BEFORE INSERT ON "paper_fetched" WHEN EXISTS (SELECT 1 FROM "paper_fetched" WHERE "of_code" = NEW."of_code") BEGIN SELECT RAISE(ABORT, 'UNIQUE constraint failed: paper_fetched.of_code'); END
;;
CREATE TRIGGER person_no_delete BEFORE DELETE ON "person" BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END
;;
CREATE TRIGGER person_no_update BEFORE UPDATE ON "person" BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END
;;
CREATE TRIGGER person_no_replace_0 BEFORE INSERT ON "person" WHEN EXISTS (SELECT 1 FROM "person" WHERE "code" = NEW."code") BEGIN SELECT RAISE(ABORT, 'UNIQUE constraint failed: person.code'); END
;;
CREATE TRIGGER person_left_no_delete BEFORE DELETE ON "person_left" BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END
;;
CREATE TRIGGER person_left_no_update BEFORE UPDATE ON "person_left" BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END
;;
CREATE TRIGGER person_left_no_replace_0 BEFORE INSERT ON "person_left" WHEN EXISTS (SELECT 1 FROM "person_left" WHERE "person" = NEW."person") BEGIN SELECT RAISE(ABORT, 'UNIQUE constraint failed: person_left.person'); END
;;
CREATE TRIGGER person_locked_no_delete BEFORE DELETE ON "person_locked" BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END
;;
CREATE TRIGGER person_locked_no_update BEFORE UPDATE ON "person_locked" WHEN NOT (OLD."chain" IS NEW."chain" AND OLD."code" IS NEW."code" AND OLD."person" IS NEW."person" AND OLD."why" IS NEW."why" AND OLD."at" IS NEW."at" AND (OLD."ended_at" IS NULL OR OLD."ended_at" IS NEW."ended_at") AND (OLD."ended_by" IS NULL OR OLD."ended_by" IS NEW."ended_by") AND NEW.version = OLD.version + 1) BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END
;;
CREATE TRIGGER person_locked_no_replace_0 BEFORE INSERT ON "person_locked" WHEN EXISTS (SELECT 1 FROM "person_locked" WHERE "code" = NEW."code") BEGIN SELECT RAISE(ABORT, 'UNIQUE constraint failed: person_locked.code'); END
;;
CREATE TRIGGER person_locked_no_replace_1 BEFORE INSERT ON "person_locked" WHEN EXISTS (SELECT 1 FROM "person_locked" WHERE "person" = NEW."person" AND ended_at IS NULL AND NEW.ended_at IS NULL) BEGIN SELECT RAISE(ABORT, 'UNIQUE constraint failed: person_locked.person'); END
;;
CREATE TRIGGER place_no_delete BEFORE DELETE ON "place" BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END
;;
CREATE TRIGGER place_no_update BEFORE UPDATE ON "place" BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END
;;
CREATE TRIGGER place_no_replace_0 BEFORE INSERT ON "place" WHEN EXISTS (SELECT 1 FROM "place" WHERE "code" = NEW."code") BEGIN SELECT RAISE(ABORT, 'UNIQUE constraint failed: place.code'); END
;;
CREATE TRIGGER place_no_replace_1 BEFORE INSERT ON "place" WHEN EXISTS (SELECT 1 FROM "place" WHERE "parent_code" = NEW."parent_code" AND "name" = NEW."name") BEGIN SELECT RAISE(ABORT, 'UNIQUE constraint failed: place.parent_code, place.name'); END
;;
CREATE TRIGGER place_printed_no_delete BEFORE DELETE ON "place_printed" BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END
;;
CREATE TRIGGER place_printed_no_update BEFORE UPDATE ON "place_printed" BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END
;;
CREATE TRIGGER place_printed_no_replace_0 BEFORE INSERT ON "place_printed" WHEN EXISTS (SELECT 1 FROM "place_printed" WHERE "code" = NEW."code") BEGIN SELECT RAISE(ABORT, 'UNIQUE constraint failed: place_printed.code'); END
;;
CREATE TRIGGER place_printed_no_replace_1 BEFORE INSERT ON "place_printed" WHEN EXISTS (SELECT 1 FROM "place_printed" WHERE "place_code" = NEW."place_code" AND "paper" = NEW."paper" AND "number" = NEW."number") BEGIN SELECT RAISE(ABORT, 'UNIQUE constraint failed: place_printed.place_code, place_printed.paper, place_printed.number'); END
;;
CREATE TRIGGER place_verified_no_delete BEFORE DELETE ON "place_verified" BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END
;;
CREATE TRIGGER place_verified_no_update BEFORE UPDATE ON "place_verified" BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END
;;
CREATE TRIGGER place_verified_no_replace_0 BEFORE INSERT ON "place_verified" WHEN EXISTS (SELECT 1 FROM "place_verified" WHERE "print_code" = NEW."print_code") BEGIN SELECT RAISE(ABORT, 'UNIQUE constraint failed: place_verified.print_code'); END
;;
CREATE TRIGGER prep_corrected_no_delete BEFORE DELETE ON "prep_corrected" BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END
;;
CREATE TRIGGER prep_corrected_no_update BEFORE UPDATE ON "prep_corrected" BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END
;;
CREATE TRIGGER prep_corrected_no_replace_0 BEFORE INSERT ON "prep_corrected" WHEN EXISTS (SELECT 1 FROM "prep_corrected" WHERE "code" = NEW."code") BEGIN SELECT RAISE(ABORT, 'UNIQUE constraint failed: prep_corrected.code'); END
;;
CREATE TRIGGER prep_corrected_no_replace_1 BEFORE INSERT ON "prep_corrected" WHEN EXISTS (SELECT 1 FROM "prep_corrected" WHERE "matched_code" = NEW."matched_code") BEGIN SELECT RAISE(ABORT, 'UNIQUE constraint failed: prep_corrected.matched_code'); END
;;
CREATE TRIGGER prep_matched_no_delete BEFORE DELETE ON "prep_matched" BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END
;;
CREATE TRIGGER prep_matched_no_update BEFORE UPDATE ON "prep_matched" WHEN NOT (OLD."chain" IS NEW."chain" AND OLD."code" IS NEW."code" AND OLD."dose_code" IS NEW."dose_code" AND OLD."step" IS NEW."step" AND OLD."number" IS NEW."number" AND OLD."first" IS NEW."first" AND OLD."second" IS NEW."second" AND OLD."worked" IS NEW."worked" AND OLD."at" IS NEW."at" AND (OLD."ended_at" IS NULL OR OLD."ended_at" IS NEW."ended_at") AND (OLD."ended_by" IS NULL OR OLD."ended_by" IS NEW."ended_by") AND NEW.version = OLD.version + 1) BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END
;;
CREATE TRIGGER prep_matched_no_replace_0 BEFORE INSERT ON "prep_matched" WHEN EXISTS (SELECT 1 FROM "prep_matched" WHERE "code" = NEW."code") BEGIN SELECT RAISE(ABORT, 'UNIQUE constraint failed: prep_matched.code'); END
;;
CREATE TRIGGER prep_matched_no_replace_1 BEFORE INSERT ON "prep_matched" WHEN EXISTS (SELECT 1 FROM "prep_matched" WHERE "dose_code" = NEW."dose_code" AND "step" = NEW."step" AND ended_at IS NULL AND NEW.ended_at IS NULL) BEGIN SELECT RAISE(ABORT, 'UNIQUE constraint failed: prep_matched.dose_code, prep_matched.step'); END
;;
CREATE TRIGGER prep_mismatched_no_delete BEFORE DELETE ON "prep_mismatched" BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END
;;
CREATE TRIGGER prep_mismatched_no_update BEFORE UPDATE ON "prep_mismatched" BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END
;;
CREATE TRIGGER prep_mismatched_no_replace_0 BEFORE INSERT ON "prep_mismatched" WHEN EXISTS (SELECT 1 FROM "prep_mismatched" WHERE "code" = NEW."code") BEGIN SELECT RAISE(ABORT, 'UNIQUE constraint failed: prep_mismatched.code'); END
;;
CREATE TRIGGER prep_reading_no_delete BEFORE DELETE ON "prep_reading" BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END
;;
CREATE TRIGGER prep_reading_no_update BEFORE UPDATE ON "prep_reading" BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END
;;
CREATE TRIGGER prep_reading_no_replace_0 BEFORE INSERT ON "prep_reading" WHEN EXISTS (SELECT 1 FROM "prep_reading" WHERE "dose_code" = NEW."dose_code" AND "step" = NEW."step" AND "seat" = NEW."seat" AND "field" = NEW."field" AND "number" = NEW."number") BEGIN SELECT RAISE(ABORT, 'UNIQUE constraint failed: prep_reading.dose_code, prep_reading.step, prep_reading.seat, prep_reading.field, prep_reading.number'); END
;;
CREATE TRIGGER print_no_delete BEFORE DELETE ON "print" BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END
;;
CREATE TRIGGER print_no_update BEFORE UPDATE ON "print" BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END
;;
CREATE TRIGGER print_no_replace_0 BEFORE INSERT ON "print" WHEN EXISTS (SELECT 1 FROM "print" WHERE "code" = NEW."code") BEGIN SELECT RAISE(ABORT, 'UNIQUE constraint failed: print.code'); END
;;
CREATE TRIGGER randomisation_line_no_delete BEFORE DELETE ON "randomisation_line" BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END
;;
CREATE TRIGGER randomisation_line_no_update BEFORE UPDATE ON "randomisation_line" BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END
;;
CREATE TRIGGER randomisation_line_no_replace_0 BEFORE INSERT ON "randomisation_line" WHEN EXISTS (SELECT 1 FROM "randomisation_line" WHERE "code" = NEW."code") BEGIN SELECT RAISE(ABORT, 'UNIQUE constraint failed: randomisation_line.code'); END
;;
CREATE TRIGGER randomisation_list_no_delete BEFORE DELETE ON "randomisation_list" BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END
;;
CREATE TRIGGER randomisation_list_no_update BEFORE UPDATE ON "randomisation_list" BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END
;;
CREATE TRIGGER randomisation_list_no_replace_0 BEFORE INSERT ON "randomisation_list" WHEN EXISTS (SELECT 1 FROM "randomisation_list" WHERE "code" = NEW."code") BEGIN SELECT RAISE(ABORT, 'UNIQUE constraint failed: randomisation_list.code'); END
;;
CREATE TRIGGER randomisation_list_no_replace_1 BEFORE INSERT ON "randomisation_list" WHEN EXISTS (SELECT 1 FROM "randomisation_list" WHERE "once" = NEW."once") BEGIN SELECT RAISE(ABORT, 'UNIQUE constraint failed: randomisation_list.once'); END
;;
CREATE TRIGGER reading_no_delete BEFORE DELETE ON "reading" BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END
;;
CREATE TRIGGER reading_no_update BEFORE UPDATE ON "reading" BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END
;;
CREATE TRIGGER reading_no_replace_0 BEFORE INSERT ON "reading" WHEN EXISTS (SELECT 1 FROM "reading" WHERE "attempt_code" = NEW."attempt_code" AND "field" = NEW."field" AND "number" = NEW."number") BEGIN SELECT RAISE(ABORT, 'UNIQUE constraint failed: reading.attempt_code, reading.field, reading.number'); END
;;
CREATE TRIGGER received_no_delete BEFORE DELETE ON "received" BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END
;;
CREATE TRIGGER received_no_update BEFORE UPDATE ON "received" BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END
;;
CREATE TRIGGER received_no_replace_0 BEFORE INSERT ON "received" WHEN EXISTS (SELECT 1 FROM "received" WHERE "handed_over_code" = NEW."handed_over_code") BEGIN SELECT RAISE(ABORT, 'UNIQUE constraint failed: received.handed_over_code'); END
;;
CREATE TRIGGER record_printed_no_delete BEFORE DELETE ON "record_printed" BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END
;;
CREATE TRIGGER record_printed_no_update BEFORE UPDATE ON "record_printed" BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END
;;
CREATE TRIGGER record_printed_no_replace_0 BEFORE INSERT ON "record_printed" WHEN EXISTS (SELECT 1 FROM "record_printed" WHERE "code" = NEW."code") BEGIN SELECT RAISE(ABORT, 'UNIQUE constraint failed: record_printed.code'); END
;;
CREATE TRIGGER reference_sample_no_delete BEFORE DELETE ON "reference_sample" BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END
;;
CREATE TRIGGER reference_sample_no_update BEFORE UPDATE ON "reference_sample" BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END
;;
CREATE TRIGGER reference_sample_no_replace_0 BEFORE INSERT ON "reference_sample" WHEN EXISTS (SELECT 1 FROM "reference_sample" WHERE "container_code" = NEW."container_code") BEGIN SELECT RAISE(ABORT, 'UNIQUE constraint failed: reference_sample.container_code'); END
;;
CREATE TRIGGER result_no_delete BEFORE DELETE ON "result" BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END
;;
CREATE TRIGGER result_no_update BEFORE UPDATE ON "result" BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END
;;
CREATE TRIGGER result_no_replace_0 BEFORE INSERT ON "result" WHEN EXISTS (SELECT 1 FROM "result" WHERE "code" = NEW."code") BEGIN SELECT RAISE(ABORT, 'UNIQUE constraint failed: result.code'); END
;;
CREATE TRIGGER result_no_replace_1 BEFORE INSERT ON "result" WHEN EXISTS (SELECT 1 FROM "result" WHERE "container_code" = NEW."container_code" AND "test" = NEW."test" AND "number" = NEW."number") BEGIN SELECT RAISE(ABORT, 'UNIQUE constraint failed: result.container_code, result.test, result.number'); END
;;
CREATE TRIGGER result_deviation_no_delete BEFORE DELETE ON "result_deviation" BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END
;;
CREATE TRIGGER result_deviation_no_update BEFORE UPDATE ON "result_deviation" BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END
;;
CREATE TRIGGER result_deviation_no_replace_0 BEFORE INSERT ON "result_deviation" WHEN EXISTS (SELECT 1 FROM "result_deviation" WHERE "deviation_code" = NEW."deviation_code") BEGIN SELECT RAISE(ABORT, 'UNIQUE constraint failed: result_deviation.deviation_code'); END
;;
CREATE TRIGGER result_deviation_no_replace_1 BEFORE INSERT ON "result_deviation" WHEN EXISTS (SELECT 1 FROM "result_deviation" WHERE "result_code" = NEW."result_code") BEGIN SELECT RAISE(ABORT, 'UNIQUE constraint failed: result_deviation.result_code'); END
;;
CREATE TRIGGER result_reviewed_no_delete BEFORE DELETE ON "result_reviewed" BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END
;;
CREATE TRIGGER result_reviewed_no_update BEFORE UPDATE ON "result_reviewed" BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END
;;
CREATE TRIGGER result_reviewed_no_replace_0 BEFORE INSERT ON "result_reviewed" WHEN EXISTS (SELECT 1 FROM "result_reviewed" WHERE "result_code" = NEW."result_code") BEGIN SELECT RAISE(ABORT, 'UNIQUE constraint failed: result_reviewed.result_code'); END
;;
CREATE TRIGGER role_countersigned_no_delete BEFORE DELETE ON "role_countersigned" BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END
;;
CREATE TRIGGER role_countersigned_no_update BEFORE UPDATE ON "role_countersigned" BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END
;;
CREATE TRIGGER role_countersigned_no_replace_0 BEFORE INSERT ON "role_countersigned" WHEN EXISTS (SELECT 1 FROM "role_countersigned" WHERE "grant_code" = NEW."grant_code") BEGIN SELECT RAISE(ABORT, 'UNIQUE constraint failed: role_countersigned.grant_code'); END
;;
CREATE TRIGGER role_granted_no_delete BEFORE DELETE ON "role_granted" BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END
;;
CREATE TRIGGER role_granted_no_update BEFORE UPDATE ON "role_granted" WHEN NOT (OLD."chain" IS NEW."chain" AND OLD."code" IS NEW."code" AND OLD."person" IS NEW."person" AND OLD."role" IS NEW."role" AND OLD."starts_at" IS NEW."starts_at" AND OLD."ends_at" IS NEW."ends_at" AND OLD."countersign" IS NEW."countersign" AND OLD."at" IS NEW."at" AND OLD."by" IS NEW."by" AND (OLD."ended_at" IS NULL OR OLD."ended_at" IS NEW."ended_at") AND (OLD."ended_by" IS NULL OR OLD."ended_by" IS NEW."ended_by") AND NEW.version = OLD.version + 1) BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END
;;
CREATE TRIGGER role_granted_no_replace_0 BEFORE INSERT ON "role_granted" WHEN EXISTS (SELECT 1 FROM "role_granted" WHERE "code" = NEW."code") BEGIN SELECT RAISE(ABORT, 'UNIQUE constraint failed: role_granted.code'); END
;;
CREATE TRIGGER route_opened_no_delete BEFORE DELETE ON "route_opened" BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END
;;
CREATE TRIGGER route_opened_no_update BEFORE UPDATE ON "route_opened" BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END
;;
CREATE TRIGGER route_opened_no_replace_0 BEFORE INSERT ON "route_opened" WHEN EXISTS (SELECT 1 FROM "route_opened" WHERE "coi" = NEW."coi") BEGIN SELECT RAISE(ABORT, 'UNIQUE constraint failed: route_opened.coi'); END
;;
CREATE TRIGGER sample_received_no_delete BEFORE DELETE ON "sample_received" BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END
;;
CREATE TRIGGER sample_received_no_update BEFORE UPDATE ON "sample_received" BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END
;;
CREATE TRIGGER sample_received_no_replace_0 BEFORE INSERT ON "sample_received" WHEN EXISTS (SELECT 1 FROM "sample_received" WHERE "container_code" = NEW."container_code") BEGIN SELECT RAISE(ABORT, 'UNIQUE constraint failed: sample_received.container_code'); END
;;
CREATE TRIGGER sample_taken_no_delete BEFORE DELETE ON "sample_taken" BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END
;;
CREATE TRIGGER sample_taken_no_update BEFORE UPDATE ON "sample_taken" BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END
;;
CREATE TRIGGER sample_taken_no_replace_0 BEFORE INSERT ON "sample_taken" WHEN EXISTS (SELECT 1 FROM "sample_taken" WHERE "container_code" = NEW."container_code") BEGIN SELECT RAISE(ABORT, 'UNIQUE constraint failed: sample_taken.container_code'); END
;;
CREATE TRIGGER sample_test_no_delete BEFORE DELETE ON "sample_test" BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END
;;
CREATE TRIGGER sample_test_no_update BEFORE UPDATE ON "sample_test" BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END
;;
CREATE TRIGGER sample_test_no_replace_0 BEFORE INSERT ON "sample_test" WHEN EXISTS (SELECT 1 FROM "sample_test" WHERE "container_code" = NEW."container_code" AND "test" = NEW."test") BEGIN SELECT RAISE(ABORT, 'UNIQUE constraint failed: sample_test.container_code, sample_test.test'); END
;;
CREATE TRIGGER sealed_key_no_delete BEFORE DELETE ON "sealed_key" BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END
;;
CREATE TRIGGER sealed_key_no_update BEFORE UPDATE ON "sealed_key" BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END
;;
CREATE TRIGGER sealed_key_no_replace_0 BEFORE INSERT ON "sealed_key" WHEN EXISTS (SELECT 1 FROM "sealed_key" WHERE "public" = NEW."public") BEGIN SELECT RAISE(ABORT, 'UNIQUE constraint failed: sealed_key.public'); END
;;
CREATE TRIGGER serology_no_delete BEFORE DELETE ON "serology" BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END
;;
CREATE TRIGGER serology_no_update BEFORE UPDATE ON "serology" BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END
;;
CREATE TRIGGER serology_no_replace_0 BEFORE INSERT ON "serology" WHEN EXISTS (SELECT 1 FROM "serology" WHERE "code" = NEW."code") BEGIN SELECT RAISE(ABORT, 'UNIQUE constraint failed: serology.code'); END
;;
CREATE TRIGGER sign_in_failed_no_delete BEFORE DELETE ON "sign_in_failed" BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END
;;
CREATE TRIGGER sign_in_failed_no_update BEFORE UPDATE ON "sign_in_failed" BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END
;;
CREATE TRIGGER sign_in_failed_no_replace_0 BEFORE INSERT ON "sign_in_failed" WHEN EXISTS (SELECT 1 FROM "sign_in_failed" WHERE "code" = NEW."code") BEGIN SELECT RAISE(ABORT, 'UNIQUE constraint failed: sign_in_failed.code'); END
;;
CREATE TRIGGER signed_in_no_delete BEFORE DELETE ON "signed_in" BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END
;;
CREATE TRIGGER signed_in_no_update BEFORE UPDATE ON "signed_in" BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END
;;
CREATE TRIGGER signed_in_no_replace_0 BEFORE INSERT ON "signed_in" WHEN EXISTS (SELECT 1 FROM "signed_in" WHERE "code" = NEW."code") BEGIN SELECT RAISE(ABORT, 'UNIQUE constraint failed: signed_in.code'); END
;;
CREATE TRIGGER signing_key_no_delete BEFORE DELETE ON "signing_key" BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END
;;
CREATE TRIGGER signing_key_no_update BEFORE UPDATE ON "signing_key" WHEN NOT (OLD."chain" IS NEW."chain" AND OLD."public" IS NEW."public" AND OLD."person" IS NEW."person" AND OLD."sealed_sha256" IS NEW."sealed_sha256" AND (OLD."ended_at" IS NULL OR OLD."ended_at" IS NEW."ended_at") AND (OLD."ended_by" IS NULL OR OLD."ended_by" IS NEW."ended_by") AND NEW.version = OLD.version + 1) BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END
;;
CREATE TRIGGER signing_key_no_replace_0 BEFORE INSERT ON "signing_key" WHEN EXISTS (SELECT 1 FROM "signing_key" WHERE "public" = NEW."public") BEGIN SELECT RAISE(ABORT, 'UNIQUE constraint failed: signing_key.public'); END
;;
CREATE TRIGGER statement_accepted_no_delete BEFORE DELETE ON "statement_accepted" BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END
;;
CREATE TRIGGER statement_accepted_no_update BEFORE UPDATE ON "statement_accepted" BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END
;;
CREATE TRIGGER statement_accepted_no_replace_0 BEFORE INSERT ON "statement_accepted" WHEN EXISTS (SELECT 1 FROM "statement_accepted" WHERE "person" = NEW."person") BEGIN SELECT RAISE(ABORT, 'UNIQUE constraint failed: statement_accepted.person'); END
;;
CREATE TRIGGER station_no_delete BEFORE DELETE ON "station" BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END
;;
CREATE TRIGGER station_no_update BEFORE UPDATE ON "station" WHEN NOT (OLD."chain" IS NEW."chain" AND OLD."code" IS NEW."code" AND OLD."name" IS NEW."name" AND OLD."token_sha256" IS NEW."token_sha256" AND OLD."at" IS NEW."at" AND OLD."by" IS NEW."by" AND (OLD."ended_at" IS NULL OR OLD."ended_at" IS NEW."ended_at") AND (OLD."ended_by" IS NULL OR OLD."ended_by" IS NEW."ended_by") AND NEW.version = OLD.version + 1) BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END
;;
CREATE TRIGGER station_no_replace_0 BEFORE INSERT ON "station" WHEN EXISTS (SELECT 1 FROM "station" WHERE "code" = NEW."code") BEGIN SELECT RAISE(ABORT, 'UNIQUE constraint failed: station.code'); END
;;
CREATE TRIGGER station_no_replace_1 BEFORE INSERT ON "station" WHEN EXISTS (SELECT 1 FROM "station" WHERE "name" = NEW."name") BEGIN SELECT RAISE(ABORT, 'UNIQUE constraint failed: station.name'); END
;;
CREATE TRIGGER station_no_replace_2 BEFORE INSERT ON "station" WHEN EXISTS (SELECT 1 FROM "station" WHERE "token_sha256" = NEW."token_sha256") BEGIN SELECT RAISE(ABORT, 'UNIQUE constraint failed: station.token_sha256'); END
;;
CREATE TRIGGER step_deviation_no_delete BEFORE DELETE ON "step_deviation" BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END
;;
CREATE TRIGGER step_deviation_no_update BEFORE UPDATE ON "step_deviation" BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END
;;
CREATE TRIGGER step_deviation_no_replace_0 BEFORE INSERT ON "step_deviation" WHEN EXISTS (SELECT 1 FROM "step_deviation" WHERE "deviation_code" = NEW."deviation_code") BEGIN SELECT RAISE(ABORT, 'UNIQUE constraint failed: step_deviation.deviation_code'); END
;;
CREATE TRIGGER step_mismatched_no_delete BEFORE DELETE ON "step_mismatched" BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END
;;
CREATE TRIGGER step_mismatched_no_update BEFORE UPDATE ON "step_mismatched" BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END
;;
CREATE TRIGGER step_mismatched_no_replace_0 BEFORE INSERT ON "step_mismatched" WHEN EXISTS (SELECT 1 FROM "step_mismatched" WHERE "code" = NEW."code") BEGIN SELECT RAISE(ABORT, 'UNIQUE constraint failed: step_mismatched.code'); END
;;
CREATE TRIGGER step_performed_no_delete BEFORE DELETE ON "step_performed" BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END
;;
CREATE TRIGGER step_performed_no_update BEFORE UPDATE ON "step_performed" WHEN NOT (OLD."chain" IS NEW."chain" AND OLD."code" IS NEW."code" AND OLD."batch_code" IS NEW."batch_code" AND OLD."step" IS NEW."step" AND OLD."passage" IS NEW."passage" AND OLD."attempt_code" IS NEW."attempt_code" AND OLD."witness" IS NEW."witness" AND OLD."at" IS NEW."at" AND OLD."by" IS NEW."by" AND (OLD."ended_at" IS NULL OR OLD."ended_at" IS NEW."ended_at") AND (OLD."ended_by" IS NULL OR OLD."ended_by" IS NEW."ended_by") AND NEW.version = OLD.version + 1) BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END
;;
CREATE TRIGGER step_performed_no_replace_0 BEFORE INSERT ON "step_performed" WHEN EXISTS (SELECT 1 FROM "step_performed" WHERE "batch_code" = NEW."batch_code" AND "step" = NEW."step" AND "passage" = NEW."passage" AND ended_at IS NULL AND NEW.ended_at IS NULL) BEGIN SELECT RAISE(ABORT, 'UNIQUE constraint failed: step_performed.batch_code, step_performed.step, step_performed.passage'); END
;;
CREATE TRIGGER step_performed_no_replace_1 BEFORE INSERT ON "step_performed" WHEN EXISTS (SELECT 1 FROM "step_performed" WHERE "code" = NEW."code") BEGIN SELECT RAISE(ABORT, 'UNIQUE constraint failed: step_performed.code'); END
;;
CREATE TRIGGER step_scan_no_delete BEFORE DELETE ON "step_scan" BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END
;;
CREATE TRIGGER step_scan_no_update BEFORE UPDATE ON "step_scan" WHEN NOT (OLD."chain" IS NEW."chain" AND OLD."batch_code" IS NEW."batch_code" AND OLD."step" IS NEW."step" AND OLD."passage" IS NEW."passage" AND OLD."code" IS NEW."code" AND OLD."number" IS NEW."number" AND OLD."scanned" IS NEW."scanned" AND OLD."part" IS NEW."part" AND OLD."kind" IS NEW."kind" AND OLD."how" IS NEW."how" AND OLD."at" IS NEW."at" AND OLD."by" IS NEW."by" AND (OLD."ended_at" IS NULL OR OLD."ended_at" IS NEW."ended_at") AND (OLD."ended_by" IS NULL OR OLD."ended_by" IS NEW."ended_by") AND NEW.version = OLD.version + 1) BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END
;;
CREATE TRIGGER step_scan_no_replace_0 BEFORE INSERT ON "step_scan" WHEN EXISTS (SELECT 1 FROM "step_scan" WHERE "batch_code" = NEW."batch_code" AND "step" = NEW."step" AND "passage" = NEW."passage" AND "code" = NEW."code" AND ended_at IS NULL AND NEW.ended_at IS NULL) BEGIN SELECT RAISE(ABORT, 'UNIQUE constraint failed: step_scan.batch_code, step_scan.step, step_scan.passage, step_scan.code'); END
;;
CREATE TRIGGER step_scan_no_replace_1 BEFORE INSERT ON "step_scan" WHEN EXISTS (SELECT 1 FROM "step_scan" WHERE "batch_code" = NEW."batch_code" AND "step" = NEW."step" AND "passage" = NEW."passage" AND "code" = NEW."code" AND "number" = NEW."number") BEGIN SELECT RAISE(ABORT, 'UNIQUE constraint failed: step_scan.batch_code, step_scan.step, step_scan.passage, step_scan.code, step_scan.number'); END
;;
CREATE TRIGGER step_verified_no_delete BEFORE DELETE ON "step_verified" BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END
;;
CREATE TRIGGER step_verified_no_update BEFORE UPDATE ON "step_verified" WHEN NOT (OLD."chain" IS NEW."chain" AND OLD."code" IS NEW."code" AND OLD."performed_code" IS NEW."performed_code" AND OLD."batch_code" IS NEW."batch_code" AND OLD."step" IS NEW."step" AND OLD."passage" IS NEW."passage" AND OLD."attempt_code" IS NEW."attempt_code" AND OLD."at" IS NEW."at" AND OLD."by" IS NEW."by" AND (OLD."ended_at" IS NULL OR OLD."ended_at" IS NEW."ended_at") AND (OLD."ended_by" IS NULL OR OLD."ended_by" IS NEW."ended_by") AND NEW.version = OLD.version + 1) BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END
;;
CREATE TRIGGER step_verified_no_replace_0 BEFORE INSERT ON "step_verified" WHEN EXISTS (SELECT 1 FROM "step_verified" WHERE "code" = NEW."code") BEGIN SELECT RAISE(ABORT, 'UNIQUE constraint failed: step_verified.code'); END
;;
CREATE TRIGGER step_verified_no_replace_1 BEFORE INSERT ON "step_verified" WHEN EXISTS (SELECT 1 FROM "step_verified" WHERE "performed_code" = NEW."performed_code") BEGIN SELECT RAISE(ABORT, 'UNIQUE constraint failed: step_verified.performed_code'); END
;;
CREATE TRIGGER subject_no_delete BEFORE DELETE ON "subject" BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END
;;
CREATE TRIGGER subject_no_update BEFORE UPDATE ON "subject" BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END
;;
CREATE TRIGGER subject_no_replace_0 BEFORE INSERT ON "subject" WHEN EXISTS (SELECT 1 FROM "subject" WHERE "code" = NEW."code") BEGIN SELECT RAISE(ABORT, 'UNIQUE constraint failed: subject.code'); END
;;
CREATE TRIGGER subject_no_replace_1 BEFORE INSERT ON "subject" WHEN EXISTS (SELECT 1 FROM "subject" WHERE "number" = NEW."number") BEGIN SELECT RAISE(ABORT, 'UNIQUE constraint failed: subject.number'); END
;;
CREATE TRIGGER supply_printed_no_delete BEFORE DELETE ON "supply_printed" BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END
;;
CREATE TRIGGER supply_printed_no_update BEFORE UPDATE ON "supply_printed" BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END
;;
CREATE TRIGGER supply_printed_no_replace_0 BEFORE INSERT ON "supply_printed" WHEN EXISTS (SELECT 1 FROM "supply_printed" WHERE "code" = NEW."code") BEGIN SELECT RAISE(ABORT, 'UNIQUE constraint failed: supply_printed.code'); END
;;
CREATE TRIGGER supply_printed_no_replace_1 BEFORE INSERT ON "supply_printed" WHEN EXISTS (SELECT 1 FROM "supply_printed" WHERE "supply_code" = NEW."supply_code" AND "number" = NEW."number") BEGIN SELECT RAISE(ABORT, 'UNIQUE constraint failed: supply_printed.supply_code, supply_printed.number'); END
;;
CREATE TRIGGER supply_verified_no_delete BEFORE DELETE ON "supply_verified" BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END
;;
CREATE TRIGGER supply_verified_no_update BEFORE UPDATE ON "supply_verified" BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END
;;
CREATE TRIGGER supply_verified_no_replace_0 BEFORE INSERT ON "supply_verified" WHEN EXISTS (SELECT 1 FROM "supply_verified" WHERE "print_code" = NEW."print_code") BEGIN SELECT RAISE(ABORT, 'UNIQUE constraint failed: supply_verified.print_code'); END
;;
CREATE TRIGGER thawed_no_delete BEFORE DELETE ON "thawed" BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END
;;
CREATE TRIGGER thawed_no_update BEFORE UPDATE ON "thawed" BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END
;;
CREATE TRIGGER thawed_no_replace_0 BEFORE INSERT ON "thawed" WHEN EXISTS (SELECT 1 FROM "thawed" WHERE "container_code" = NEW."container_code") BEGIN SELECT RAISE(ABORT, 'UNIQUE constraint failed: thawed.container_code'); END
;;
CREATE TRIGGER trial_status_no_delete BEFORE DELETE ON "trial_status" BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END
;;
CREATE TRIGGER trial_status_no_update BEFORE UPDATE ON "trial_status" BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END
;;
CREATE TRIGGER trial_status_no_replace_0 BEFORE INSERT ON "trial_status" WHEN EXISTS (SELECT 1 FROM "trial_status" WHERE "code" = NEW."code") BEGIN SELECT RAISE(ABORT, 'UNIQUE constraint failed: trial_status.code'); END
;;
CREATE TRIGGER unmasked_no_delete BEFORE DELETE ON "unmasked" BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END
;;
CREATE TRIGGER unmasked_no_update BEFORE UPDATE ON "unmasked" BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END
;;
CREATE TRIGGER unmasked_no_replace_0 BEFORE INSERT ON "unmasked" WHEN EXISTS (SELECT 1 FROM "unmasked" WHERE "coi" = NEW."coi" AND "by" = NEW."by") BEGIN SELECT RAISE(ABORT, 'UNIQUE constraint failed: unmasked.coi, unmasked.by'); END
;;
CREATE TRIGGER used_up_no_delete BEFORE DELETE ON "used_up" BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END
;;
CREATE TRIGGER used_up_no_update BEFORE UPDATE ON "used_up" BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END
;;
CREATE TRIGGER used_up_no_replace_0 BEFORE INSERT ON "used_up" WHEN EXISTS (SELECT 1 FROM "used_up" WHERE "container_code" = NEW."container_code") BEGIN SELECT RAISE(ABORT, 'UNIQUE constraint failed: used_up.container_code'); END
;;
CREATE TRIGGER verification_no_delete BEFORE DELETE ON "verification" BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END
;;
CREATE TRIGGER verification_no_update BEFORE UPDATE ON "verification" BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END
;;
CREATE TRIGGER verification_no_replace_0 BEFORE INSERT ON "verification" WHEN EXISTS (SELECT 1 FROM "verification" WHERE "code" = NEW."code") BEGIN SELECT RAISE(ABORT, 'UNIQUE constraint failed: verification.code'); END
;;
CREATE TRIGGER withdrawn_no_delete BEFORE DELETE ON "withdrawn" BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END
;;
CREATE TRIGGER withdrawn_no_update BEFORE UPDATE ON "withdrawn" BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END
;;
CREATE TRIGGER withdrawn_no_replace_0 BEFORE INSERT ON "withdrawn" WHEN EXISTS (SELECT 1 FROM "withdrawn" WHERE "subject_code" = NEW."subject_code") BEGIN SELECT RAISE(ABORT, 'UNIQUE constraint failed: withdrawn.subject_code'); END
;;
CREATE TRIGGER wristband_no_delete BEFORE DELETE ON "wristband" BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END
;;
CREATE TRIGGER wristband_no_update BEFORE UPDATE ON "wristband" WHEN NOT (OLD."chain" IS NEW."chain" AND OLD."code" IS NEW."code" AND OLD."subject_code" IS NEW."subject_code" AND OLD."at" IS NEW."at" AND OLD."by" IS NEW."by" AND OLD."witness" IS NEW."witness" AND (OLD."ended_at" IS NULL OR OLD."ended_at" IS NEW."ended_at") AND (OLD."ended_by" IS NULL OR OLD."ended_by" IS NEW."ended_by") AND NEW.version = OLD.version + 1) BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END
;;
CREATE TRIGGER wristband_no_replace_0 BEFORE INSERT ON "wristband" WHEN EXISTS (SELECT 1 FROM "wristband" WHERE "code" = NEW."code") BEGIN SELECT RAISE(ABORT, 'UNIQUE constraint failed: wristband.code'); END
;;
CREATE TRIGGER wristband_no_replace_1 BEFORE INSERT ON "wristband" WHEN EXISTS (SELECT 1 FROM "wristband" WHERE "subject_code" = NEW."subject_code" AND ended_at IS NULL AND NEW.ended_at IS NULL) BEGIN SELECT RAISE(ABORT, 'UNIQUE constraint failed: wristband.subject_code'); END
;;
CREATE TRIGGER wristband_printed_no_delete BEFORE DELETE ON "wristband_printed" BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END
;;
CREATE TRIGGER wristband_printed_no_update BEFORE UPDATE ON "wristband_printed" BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END
;;
CREATE TRIGGER wristband_printed_no_replace_0 BEFORE INSERT ON "wristband_printed" WHEN EXISTS (SELECT 1 FROM "wristband_printed" WHERE "wristband_code" = NEW."wristband_code") BEGIN SELECT RAISE(ABORT, 'UNIQUE constraint failed: wristband_printed.wristband_code'); END
;;
CREATE TRIGGER wristband_verified_no_delete BEFORE DELETE ON "wristband_verified" BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END
;;
CREATE TRIGGER wristband_verified_no_update BEFORE UPDATE ON "wristband_verified" BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END
;;
CREATE TRIGGER wristband_verified_no_replace_0 BEFORE INSERT ON "wristband_verified" WHEN EXISTS (SELECT 1 FROM "wristband_verified" WHERE "wristband_code" = NEW."wristband_code") BEGIN SELECT RAISE(ABORT, 'UNIQUE constraint failed: wristband_verified.wristband_code'); END
;;
CREATE TRIGGER head_no_delete BEFORE DELETE ON head BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END
;;
CREATE TRIGGER head_no_replace_0 BEFORE INSERT ON "head" WHEN EXISTS (SELECT 1 FROM "head" WHERE "chain" = NEW."chain") BEGIN SELECT RAISE(ABORT, 'UNIQUE constraint failed: head.chain'); END
;;
CREATE TRIGGER head_moves_on BEFORE UPDATE ON head WHEN NEW.chain <> OLD.chain OR NEW.seq <> OLD.seq + 1 BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END
