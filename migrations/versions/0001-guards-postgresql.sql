CREATE OR REPLACE FUNCTION append_only() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'the record is append-only'; END $$
;;
CREATE OR REPLACE FUNCTION ends_once() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE was jsonb := to_jsonb(OLD); is_now jsonb := to_jsonb(NEW); ending text;
BEGIN
  FOREACH ending IN ARRAY TG_ARGV LOOP
    IF was ->> ending IS NOT NULL AND was -> ending IS DISTINCT FROM is_now -> ending THEN RAISE EXCEPTION 'the record is append-only'; END IF;
    was := was - ending; is_now := is_now - ending;
  END LOOP;
  IF NEW.version <> OLD.version + 1 OR (was - 'version') IS DISTINCT FROM (is_now - 'version') THEN RAISE EXCEPTION 'the record is append-only'; END IF;
  RETURN NEW;
END $$
;;
CREATE OR REPLACE FUNCTION head_moves_on() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN IF NEW.chain <> OLD.chain OR NEW.seq <> OLD.seq + 1 THEN RAISE EXCEPTION 'the record is append-only'; END IF; RETURN NEW; END $$
;;
CREATE OR REPLACE FUNCTION lock_and_look(keys bigint[], alone boolean[], chains text[], who text, form text)
RETURNS TABLE (chain varchar, seq integer, hash varchar, at varchar) LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  FOR n IN 1 .. cardinality(keys) LOOP
    IF alone[n] THEN PERFORM pg_advisory_xact_lock(keys[n]); ELSE PERFORM pg_advisory_xact_lock_shared(keys[n]); END IF;
  END LOOP;
  RETURN QUERY SELECT h.chain, h.seq, h.hash, h.at FROM head h WHERE h.chain = ANY (chains)
    UNION ALL SELECT '', 0, a.act_id, a.mac FROM answer a WHERE a.person = who AND a.key = form;
END $$
;;
CREATE TRIGGER administration_append_only BEFORE DELETE OR TRUNCATE ON "administration" FOR EACH STATEMENT EXECUTE FUNCTION append_only()
;;
CREATE TRIGGER administration_ends_once BEFORE UPDATE ON "administration" FOR EACH ROW EXECUTE FUNCTION ends_once('annulled_at', 'annulled_by', 'annulled_witness')
;;
CREATE TRIGGER alert_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON "alert" FOR EACH STATEMENT EXECUTE FUNCTION append_only()
;;
CREATE TRIGGER alert_acknowledged_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON "alert_acknowledged" FOR EACH STATEMENT EXECUTE FUNCTION append_only()
;;
CREATE TRIGGER amount_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON "amount" FOR EACH STATEMENT EXECUTE FUNCTION append_only()
;;
CREATE TRIGGER answer_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON "answer" FOR EACH STATEMENT EXECUTE FUNCTION append_only()
;;
CREATE TRIGGER assigned_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON "assigned" FOR EACH STATEMENT EXECUTE FUNCTION append_only()
;;
CREATE TRIGGER attempt_append_only BEFORE DELETE OR TRUNCATE ON "attempt" FOR EACH STATEMENT EXECUTE FUNCTION append_only()
;;
CREATE TRIGGER attempt_ends_once BEFORE UPDATE ON "attempt" FOR EACH ROW EXECUTE FUNCTION ends_once('ended_at', 'ended_by')
;;
CREATE TRIGGER badge_append_only BEFORE DELETE OR TRUNCATE ON "badge" FOR EACH STATEMENT EXECUTE FUNCTION append_only()
;;
CREATE TRIGGER badge_ends_once BEFORE UPDATE ON "badge" FOR EACH ROW EXECUTE FUNCTION ends_once('ended_at', 'ended_by', 'ended_why')
;;
CREATE TRIGGER badge_printed_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON "badge_printed" FOR EACH STATEMENT EXECUTE FUNCTION append_only()
;;
CREATE TRIGGER badge_verified_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON "badge_verified" FOR EACH STATEMENT EXECUTE FUNCTION append_only()
;;
CREATE TRIGGER batch_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON "batch" FOR EACH STATEMENT EXECUTE FUNCTION append_only()
;;
CREATE TRIGGER batch_decision_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON "batch_decision" FOR EACH STATEMENT EXECUTE FUNCTION append_only()
;;
CREATE TRIGGER bound_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON "bound" FOR EACH STATEMENT EXECUTE FUNCTION append_only()
;;
CREATE TRIGGER box_claim_append_only BEFORE DELETE OR TRUNCATE ON "box_claim" FOR EACH STATEMENT EXECUTE FUNCTION append_only()
;;
CREATE TRIGGER box_claim_ends_once BEFORE UPDATE ON "box_claim" FOR EACH ROW EXECUTE FUNCTION ends_once('ended_at', 'ended_by')
;;
CREATE TRIGGER calculated_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON "calculated" FOR EACH STATEMENT EXECUTE FUNCTION append_only()
;;
CREATE TRIGGER calibrated_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON "calibrated" FOR EACH STATEMENT EXECUTE FUNCTION append_only()
;;
CREATE TRIGGER check_closed_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON "check_closed" FOR EACH STATEMENT EXECUTE FUNCTION append_only()
;;
CREATE TRIGGER checked_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON "checked" FOR EACH STATEMENT EXECUTE FUNCTION append_only()
;;
CREATE TRIGGER cleared_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON "cleared" FOR EACH STATEMENT EXECUTE FUNCTION append_only()
;;
CREATE TRIGGER closed_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON "closed" FOR EACH STATEMENT EXECUTE FUNCTION append_only()
;;
CREATE TRIGGER code_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON "code" FOR EACH STATEMENT EXECUTE FUNCTION append_only()
;;
CREATE TRIGGER collected_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON "collected" FOR EACH STATEMENT EXECUTE FUNCTION append_only()
;;
CREATE TRIGGER collection_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON "collection" FOR EACH STATEMENT EXECUTE FUNCTION append_only()
;;
CREATE TRIGGER collection_received_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON "collection_received" FOR EACH STATEMENT EXECUTE FUNCTION append_only()
;;
CREATE TRIGGER confirmed_append_only BEFORE DELETE OR TRUNCATE ON "confirmed" FOR EACH STATEMENT EXECUTE FUNCTION append_only()
;;
CREATE TRIGGER confirmed_ends_once BEFORE UPDATE ON "confirmed" FOR EACH ROW EXECUTE FUNCTION ends_once('ended_at', 'ended_by')
;;
CREATE TRIGGER consent_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON "consent" FOR EACH STATEMENT EXECUTE FUNCTION append_only()
;;
CREATE TRIGGER container_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON "container" FOR EACH STATEMENT EXECUTE FUNCTION append_only()
;;
CREATE TRIGGER container_parent_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON "container_parent" FOR EACH STATEMENT EXECUTE FUNCTION append_only()
;;
CREATE TRIGGER deviation_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON "deviation" FOR EACH STATEMENT EXECUTE FUNCTION append_only()
;;
CREATE TRIGGER deviation_decided_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON "deviation_decided" FOR EACH STATEMENT EXECUTE FUNCTION append_only()
;;
CREATE TRIGGER deviation_described_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON "deviation_described" FOR EACH STATEMENT EXECUTE FUNCTION append_only()
;;
CREATE TRIGGER disposed_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON "disposed" FOR EACH STATEMENT EXECUTE FUNCTION append_only()
;;
CREATE TRIGGER dose_append_only BEFORE DELETE OR TRUNCATE ON "dose" FOR EACH STATEMENT EXECUTE FUNCTION append_only()
;;
CREATE TRIGGER dose_ends_once BEFORE UPDATE ON "dose" FOR EACH ROW EXECUTE FUNCTION ends_once('ended_at', 'ended_by', 'ended_why')
;;
CREATE TRIGGER dose_decision_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON "dose_decision" FOR EACH STATEMENT EXECUTE FUNCTION append_only()
;;
CREATE TRIGGER dose_deviation_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON "dose_deviation" FOR EACH STATEMENT EXECUTE FUNCTION append_only()
;;
CREATE TRIGGER dose_deviation_decided_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON "dose_deviation_decided" FOR EACH STATEMENT EXECUTE FUNCTION append_only()
;;
CREATE TRIGGER dose_filled_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON "dose_filled" FOR EACH STATEMENT EXECUTE FUNCTION append_only()
;;
CREATE TRIGGER dose_hold_lifted_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON "dose_hold_lifted" FOR EACH STATEMENT EXECUTE FUNCTION append_only()
;;
CREATE TRIGGER dose_scan_append_only BEFORE DELETE OR TRUNCATE ON "dose_scan" FOR EACH STATEMENT EXECUTE FUNCTION append_only()
;;
CREATE TRIGGER dose_scan_ends_once BEFORE UPDATE ON "dose_scan" FOR EACH ROW EXECUTE FUNCTION ends_once('ended_at', 'ended_by')
;;
CREATE TRIGGER dose_vial_append_only BEFORE DELETE OR TRUNCATE ON "dose_vial" FOR EACH STATEMENT EXECUTE FUNCTION append_only()
;;
CREATE TRIGGER dose_vial_ends_once BEFORE UPDATE ON "dose_vial" FOR EACH ROW EXECUTE FUNCTION ends_once('ended_at', 'ended_by')
;;
CREATE TRIGGER eligibility_answer_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON "eligibility_answer" FOR EACH STATEMENT EXECUTE FUNCTION append_only()
;;
CREATE TRIGGER entry_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON "entry" FOR EACH STATEMENT EXECUTE FUNCTION append_only()
;;
CREATE TRIGGER equipment_append_only BEFORE DELETE OR TRUNCATE ON "equipment" FOR EACH STATEMENT EXECUTE FUNCTION append_only()
;;
CREATE TRIGGER equipment_ends_once BEFORE UPDATE ON "equipment" FOR EACH ROW EXECUTE FUNCTION ends_once('ended_at', 'ended_by', 'ended_why')
;;
CREATE TRIGGER exposed_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON "exposed" FOR EACH STATEMENT EXECUTE FUNCTION append_only()
;;
CREATE TRIGGER finished_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON "finished" FOR EACH STATEMENT EXECUTE FUNCTION append_only()
;;
CREATE TRIGGER folder_approved_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON "folder_approved" FOR EACH STATEMENT EXECUTE FUNCTION append_only()
;;
CREATE TRIGGER folder_file_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON "folder_file" FOR EACH STATEMENT EXECUTE FUNCTION append_only()
;;
CREATE TRIGGER folder_proposed_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON "folder_proposed" FOR EACH STATEMENT EXECUTE FUNCTION append_only()
;;
CREATE TRIGGER handed_over_append_only BEFORE DELETE OR TRUNCATE ON "handed_over" FOR EACH STATEMENT EXECUTE FUNCTION append_only()
;;
CREATE TRIGGER handed_over_ends_once BEFORE UPDATE ON "handed_over" FOR EACH ROW EXECUTE FUNCTION ends_once('ended_at', 'ended_by')
;;
CREATE TRIGGER hold_append_only BEFORE DELETE OR TRUNCATE ON "hold" FOR EACH STATEMENT EXECUTE FUNCTION append_only()
;;
CREATE TRIGGER hold_ends_once BEFORE UPDATE ON "hold" FOR EACH ROW EXECUTE FUNCTION ends_once('ended_at', 'ended_by', 'ended_why')
;;
CREATE TRIGGER hold_seen_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON "hold_seen" FOR EACH STATEMENT EXECUTE FUNCTION append_only()
;;
CREATE TRIGGER infusion_order_append_only BEFORE DELETE OR TRUNCATE ON "infusion_order" FOR EACH STATEMENT EXECUTE FUNCTION append_only()
;;
CREATE TRIGGER infusion_order_ends_once BEFORE UPDATE ON "infusion_order" FOR EACH ROW EXECUTE FUNCTION ends_once('ended_at', 'ended_by', 'ended_why')
;;
CREATE TRIGGER label_append_only BEFORE DELETE OR TRUNCATE ON "label" FOR EACH STATEMENT EXECUTE FUNCTION append_only()
;;
CREATE TRIGGER label_ends_once BEFORE UPDATE ON "label" FOR EACH ROW EXECUTE FUNCTION ends_once('ended_at', 'ended_by', 'ended_how', 'ended_why')
;;
CREATE TRIGGER label_applied_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON "label_applied" FOR EACH STATEMENT EXECUTE FUNCTION append_only()
;;
CREATE TRIGGER label_printed_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON "label_printed" FOR EACH STATEMENT EXECUTE FUNCTION append_only()
;;
CREATE TRIGGER label_verified_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON "label_verified" FOR EACH STATEMENT EXECUTE FUNCTION append_only()
;;
CREATE TRIGGER line_drawn_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON "line_drawn" FOR EACH STATEMENT EXECUTE FUNCTION append_only()
;;
CREATE TRIGGER link_issued_append_only BEFORE DELETE OR TRUNCATE ON "link_issued" FOR EACH STATEMENT EXECUTE FUNCTION append_only()
;;
CREATE TRIGGER link_issued_ends_once BEFORE UPDATE ON "link_issued" FOR EACH ROW EXECUTE FUNCTION ends_once('ended_at', 'ended_by')
;;
CREATE TRIGGER lot_append_only BEFORE DELETE OR TRUNCATE ON "lot" FOR EACH STATEMENT EXECUTE FUNCTION append_only()
;;
CREATE TRIGGER lot_ends_once BEFORE UPDATE ON "lot" FOR EACH ROW EXECUTE FUNCTION ends_once('ended_at', 'ended_by', 'ended_why')
;;
CREATE TRIGGER nothing_given_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON "nothing_given" FOR EACH STATEMENT EXECUTE FUNCTION append_only()
;;
CREATE TRIGGER occupancy_append_only BEFORE DELETE OR TRUNCATE ON "occupancy" FOR EACH STATEMENT EXECUTE FUNCTION append_only()
;;
CREATE TRIGGER occupancy_ends_once BEFORE UPDATE ON "occupancy" FOR EACH ROW EXECUTE FUNCTION ends_once('ended_at', 'ended_by')
;;
CREATE TRIGGER packed_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON "packed" FOR EACH STATEMENT EXECUTE FUNCTION append_only()
;;
CREATE TRIGGER paper_fetched_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON "paper_fetched" FOR EACH STATEMENT EXECUTE FUNCTION append_only()
;;
CREATE TRIGGER person_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON "person" FOR EACH STATEMENT EXECUTE FUNCTION append_only()
;;
CREATE TRIGGER person_left_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON "person_left" FOR EACH STATEMENT EXECUTE FUNCTION append_only()
;;
CREATE TRIGGER person_locked_append_only BEFORE DELETE OR TRUNCATE ON "person_locked" FOR EACH STATEMENT EXECUTE FUNCTION append_only()
;;
CREATE TRIGGER person_locked_ends_once BEFORE UPDATE ON "person_locked" FOR EACH ROW EXECUTE FUNCTION ends_once('ended_at', 'ended_by')
;;
CREATE TRIGGER place_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON "place" FOR EACH STATEMENT EXECUTE FUNCTION append_only()
;;
CREATE TRIGGER place_printed_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON "place_printed" FOR EACH STATEMENT EXECUTE FUNCTION append_only()
;;
CREATE TRIGGER place_verified_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON "place_verified" FOR EACH STATEMENT EXECUTE FUNCTION append_only()
;;
CREATE TRIGGER prep_corrected_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON "prep_corrected" FOR EACH STATEMENT EXECUTE FUNCTION append_only()
;;
CREATE TRIGGER prep_matched_append_only BEFORE DELETE OR TRUNCATE ON "prep_matched" FOR EACH STATEMENT EXECUTE FUNCTION append_only()
;;
CREATE TRIGGER prep_matched_ends_once BEFORE UPDATE ON "prep_matched" FOR EACH ROW EXECUTE FUNCTION ends_once('ended_at', 'ended_by')
;;
CREATE TRIGGER prep_mismatched_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON "prep_mismatched" FOR EACH STATEMENT EXECUTE FUNCTION append_only()
;;
CREATE TRIGGER prep_reading_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON "prep_reading" FOR EACH STATEMENT EXECUTE FUNCTION append_only()
;;
CREATE TRIGGER print_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON "print" FOR EACH STATEMENT EXECUTE FUNCTION append_only()
;;
CREATE TRIGGER randomisation_line_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON "randomisation_line" FOR EACH STATEMENT EXECUTE FUNCTION append_only()
;;
CREATE TRIGGER randomisation_list_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON "randomisation_list" FOR EACH STATEMENT EXECUTE FUNCTION append_only()
;;
CREATE TRIGGER reading_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON "reading" FOR EACH STATEMENT EXECUTE FUNCTION append_only()
;;
CREATE TRIGGER received_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON "received" FOR EACH STATEMENT EXECUTE FUNCTION append_only()
;;
CREATE TRIGGER record_printed_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON "record_printed" FOR EACH STATEMENT EXECUTE FUNCTION append_only()
;;
CREATE TRIGGER reference_sample_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON "reference_sample" FOR EACH STATEMENT EXECUTE FUNCTION append_only()
;;
CREATE TRIGGER result_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON "result" FOR EACH STATEMENT EXECUTE FUNCTION append_only()
;;
CREATE TRIGGER result_deviation_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON "result_deviation" FOR EACH STATEMENT EXECUTE FUNCTION append_only()
;;
CREATE TRIGGER result_reviewed_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON "result_reviewed" FOR EACH STATEMENT EXECUTE FUNCTION append_only()
;;
CREATE TRIGGER role_countersigned_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON "role_countersigned" FOR EACH STATEMENT EXECUTE FUNCTION append_only()
;;
CREATE TRIGGER role_granted_append_only BEFORE DELETE OR TRUNCATE ON "role_granted" FOR EACH STATEMENT EXECUTE FUNCTION append_only()
;;
CREATE TRIGGER role_granted_ends_once BEFORE UPDATE ON "role_granted" FOR EACH ROW EXECUTE FUNCTION ends_once('ended_at', 'ended_by')
;;
CREATE TRIGGER route_opened_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON "route_opened" FOR EACH STATEMENT EXECUTE FUNCTION append_only()
;;
CREATE TRIGGER sample_received_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON "sample_received" FOR EACH STATEMENT EXECUTE FUNCTION append_only()
;;
CREATE TRIGGER sample_taken_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON "sample_taken" FOR EACH STATEMENT EXECUTE FUNCTION append_only()
;;
CREATE TRIGGER sample_test_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON "sample_test" FOR EACH STATEMENT EXECUTE FUNCTION append_only()
;;
CREATE TRIGGER sealed_key_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON "sealed_key" FOR EACH STATEMENT EXECUTE FUNCTION append_only()
;;
CREATE TRIGGER serology_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON "serology" FOR EACH STATEMENT EXECUTE FUNCTION append_only()
;;
CREATE TRIGGER sign_in_failed_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON "sign_in_failed" FOR EACH STATEMENT EXECUTE FUNCTION append_only()
;;
CREATE TRIGGER signed_in_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON "signed_in" FOR EACH STATEMENT EXECUTE FUNCTION append_only()
;;
CREATE TRIGGER signing_key_append_only BEFORE DELETE OR TRUNCATE ON "signing_key" FOR EACH STATEMENT EXECUTE FUNCTION append_only()
;;
CREATE TRIGGER signing_key_ends_once BEFORE UPDATE ON "signing_key" FOR EACH ROW EXECUTE FUNCTION ends_once('ended_at', 'ended_by')
;;
CREATE TRIGGER statement_accepted_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON "statement_accepted" FOR EACH STATEMENT EXECUTE FUNCTION append_only()
;;
CREATE TRIGGER station_append_only BEFORE DELETE OR TRUNCATE ON "station" FOR EACH STATEMENT EXECUTE FUNCTION append_only()
;;
CREATE TRIGGER station_ends_once BEFORE UPDATE ON "station" FOR EACH ROW EXECUTE FUNCTION ends_once('ended_at', 'ended_by')
;;
CREATE TRIGGER step_deviation_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON "step_deviation" FOR EACH STATEMENT EXECUTE FUNCTION append_only()
;;
CREATE TRIGGER step_mismatched_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON "step_mismatched" FOR EACH STATEMENT EXECUTE FUNCTION append_only()
;;
CREATE TRIGGER step_performed_append_only BEFORE DELETE OR TRUNCATE ON "step_performed" FOR EACH STATEMENT EXECUTE FUNCTION append_only()
;;
CREATE TRIGGER step_performed_ends_once BEFORE UPDATE ON "step_performed" FOR EACH ROW EXECUTE FUNCTION ends_once('ended_at', 'ended_by')
;;
CREATE TRIGGER step_scan_append_only BEFORE DELETE OR TRUNCATE ON "step_scan" FOR EACH STATEMENT EXECUTE FUNCTION append_only()
;;
CREATE TRIGGER step_scan_ends_once BEFORE UPDATE ON "step_scan" FOR EACH ROW EXECUTE FUNCTION ends_once('ended_at', 'ended_by')
;;
CREATE TRIGGER step_verified_append_only BEFORE DELETE OR TRUNCATE ON "step_verified" FOR EACH STATEMENT EXECUTE FUNCTION append_only()
;;
CREATE TRIGGER step_verified_ends_once BEFORE UPDATE ON "step_verified" FOR EACH ROW EXECUTE FUNCTION ends_once('ended_at', 'ended_by')
;;
CREATE TRIGGER subject_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON "subject" FOR EACH STATEMENT EXECUTE FUNCTION append_only()
;;
CREATE TRIGGER supply_printed_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON "supply_printed" FOR EACH STATEMENT EXECUTE FUNCTION append_only()
;;
CREATE TRIGGER supply_verified_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON "supply_verified" FOR EACH STATEMENT EXECUTE FUNCTION append_only()
;;
CREATE TRIGGER thawed_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON "thawed" FOR EACH STATEMENT EXECUTE FUNCTION append_only()
;;
CREATE TRIGGER trial_status_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON "trial_status" FOR EACH STATEMENT EXECUTE FUNCTION append_only()
;;
CREATE TRIGGER unmasked_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON "unmasked" FOR EACH STATEMENT EXECUTE FUNCTION append_only()
;;
CREATE TRIGGER used_up_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON "used_up" FOR EACH STATEMENT EXECUTE FUNCTION append_only()
;;
CREATE TRIGGER verification_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON "verification" FOR EACH STATEMENT EXECUTE FUNCTION append_only()
;;
CREATE TRIGGER withdrawn_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON "withdrawn" FOR EACH STATEMENT EXECUTE FUNCTION append_only()
;;
CREATE TRIGGER wristband_append_only BEFORE DELETE OR TRUNCATE ON "wristband" FOR EACH STATEMENT EXECUTE FUNCTION append_only()
;;
CREATE TRIGGER wristband_ends_once BEFORE UPDATE ON "wristband" FOR EACH ROW EXECUTE FUNCTION ends_once('ended_at', 'ended_by')
;;
CREATE TRIGGER wristband_printed_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON "wristband_printed" FOR EACH STATEMENT EXECUTE FUNCTION append_only()
;;
CREATE TRIGGER wristband_verified_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON "wristband_verified" FOR EACH STATEMENT EXECUTE FUNCTION append_only()
;;
CREATE TRIGGER head_append_only BEFORE DELETE OR TRUNCATE ON head FOR EACH STATEMENT EXECUTE FUNCTION append_only()
;;
CREATE TRIGGER head_moves_on BEFORE UPDATE ON head FOR EACH ROW EXECUTE FUNCTION head_moves_on()
