"""Testing in a browser and by program: the worklist, a sample, one test from its value to its review; and who sees nothing of it."""

import pytest

from backend.testing.models import Result, ResultDeviation
from tests.conftest import At
from tests.journeys.test_covered import api
from tests.people import PASSWORD
from tests.testing.lab import OTHER, PROFILE, Lab
from tests.visit import send, signed_in, words
from tests.web.drawn import Reader


def recorded(lab: Lab, who: str, test: str, value: str, **more: str) -> int:
    """A first result through its page; the status of the answer."""
    sample = lab.sample(test)
    given = {"test": test, "method": "USP", "password": PASSWORD} | lab.said(test, value) | more
    answer = send(signed_in(lab.ledger, who), f"/testing/{sample}?test={test}", given, to=f"/testing/{sample}/record")
    return int(answer.status_code)


def test_a_result_goes_from_the_worklist_to_its_review(lab: Lab) -> None:
    sample, analyst = lab.sample("endotoxin"), signed_in(lab.ledger, "ANA1")
    front = words(analyst.get("/"))
    assert "Receive sample endotoxin" in front and "S01" in front and "STR blood 1 of 2" in front
    page = f"/testing/{sample}"
    assert send(analyst, page, {"condition": "intact"}, to=page + "/receive").headers["location"] == page
    front = words(analyst.get("/"))
    assert "Results to enter" in front and "Endotoxin" in front and "Overdue" in front  # it reads out within the hour
    lab.receive(lab.sample("karyotype"))
    assert "Due 2026-" in words(analyst.get("/"))
    assert "at most 2.0 EU/mL" in words(analyst.get(page))
    test = f"{page}?test=endotoxin"
    wrong = send(analyst, test, {"test": "endotoxin", "method": "USP", "value": "low", "password": PASSWORD}, to=page + "/record")
    assert wrong.status_code == 422 and "is no value of Endotoxin" in words(wrong)
    assert recorded(lab, "ANA1", "endotoxin", "1.9") == 303
    assert "another analyst reviews it" in words(analyst.get(test))
    second = signed_in(lab.ledger, "ANA2")
    assert "To review" in words(second.get("/"))
    (row,) = lab.rows(Result)
    assert second.get(f"/testing/results/{row.code}").headers["location"] == test
    assert send(second, test, {"password": PASSWORD}, to=f"/testing/results/{row.code}/review").headers["location"] == test
    seen = words(second.get(test))
    assert "Reviewed" in seen and "Ai Xin" in seen and "An Qi" in seen


def test_a_correction_and_a_repeat_leave_what_was_before_them_on_the_page(lab: Lab) -> None:
    sample = lab.sample("CD34")
    lab.receive(sample)
    recorded(lab, "ANA1", "CD34", "3.1")
    (row,) = lab.rows(Result)
    client, test = signed_in(lab.ledger, "ANA1"), f"/testing/{sample}?test=CD34"
    refused = send(
        client, test + "&do=repeat", {"test": "CD34", "value": "1", "method": "flow", "reason": "Again.", "password": PASSWORD},
        to=f"/testing/{sample}/repeat",
    )  # fmt: skip
    assert refused.status_code == 409 and "QA has not decided the deviation" in words(refused)
    done = send(
        client, test + "&do=correct", {"value": "1.3", "reason": "I read the wrong line.", "password": PASSWORD},
        to=f"/testing/results/{row.code}/correct",
    )  # fmt: skip
    assert done.status_code == 303
    done = send(client, test + "&do=correct", {"value": "1.3", "password": PASSWORD}, to=f"/testing/results/{row.code}/correct")
    assert done.status_code == 409
    seen = words(client.get(test))
    for part in ("3.1 %", "1.3 %", "I read the wrong line.", "CD34 positive is 3.1 %; it must be at most 2 %.", "Deviation, not decided"):
        assert part in seen


def test_a_repeat_is_recorded_on_its_page(lab: Lab) -> None:
    sample = lab.sample("CD73")
    lab.receive(sample)
    recorded(lab, "ANA1", "CD73", "96")
    given = {"test": "CD73", "value": "97", "method": "flow", "reason": "A second run.", "password": PASSWORD}
    answer = send(signed_in(lab.ledger, "ANA2"), f"/testing/{sample}?test=CD73&do=repeat", given, to=f"/testing/{sample}/repeat")
    assert answer.status_code == 303
    assert "Repeated test" in words(signed_in(lab.ledger, "QA1").get(f"/testing/{sample}?test=CD73"))


def test_a_vial_is_thawed_for_its_tests_on_its_page(lab: Lab) -> None:
    vial = lab.picked_vial()
    page = f"/testing/vials/{vial}"
    assert "cannot be thawed for its tests now" in words(signed_in(lab.ledger, "QA1").get(page))
    analyst = signed_in(lab.ledger, "ANA1")
    assert send(analyst, page, {"seconds": "70"}).headers["location"] == f"/testing/{vial}"
    assert "Viability after thaw of the test vial" in words(analyst.get(f"/testing/{vial}"))
    assert "cannot be thawed for its tests now" in words(analyst.get(page))


def test_a_scan_of_a_sample_offers_what_is_next(lab: Lab) -> None:
    sample, analyst = lab.sample("endotoxin"), signed_in(lab.ledger, "ANA1")
    assert "Receive the sample" in words(analyst.get(f"/scan?code={sample}"))
    lab.receive(sample)
    seen = words(analyst.get(f"/scan?code={sample}"))
    assert "Record a result" in seen and "Receive the sample" not in seen
    lab.record(sample, "endotoxin", "1.9")
    assert "Record a result" not in words(analyst.get(f"/scan?code={sample}"))
    assert "Receive the sample" not in words(signed_in(lab.ledger, "TECH1").get(f"/scan?code={sample}"))
    assert "Thaw this vial for its tests" in words(analyst.get(f"/scan?code={lab.picked_vial()}"))


def test_a_reference_waits_for_its_profile_until_one_tube_has_it(lab: Lab) -> None:
    analyst, what = signed_in(lab.ledger, "ANA1"), "STR profile of the reference sample"
    assert what not in words(analyst.get("/"))
    lab.receive(lab.reference())
    front = words(analyst.get("/"))
    assert what in front and "Receive STR blood" not in front
    lab.review(lab.record(lab.reference(), "STR", PROFILE))
    assert what not in words(analyst.get("/"))


def test_a_failure_that_is_never_set_aside_is_out_on_the_page_whatever_came_later(lab: Lab) -> None:
    lab.reference_known()
    lab.found("STR", OTHER)
    lab.decide(lab.rows(ResultDeviation)[0].deviation_code)
    sample = lab.sample("STR")
    lab.review(lab.repeat(sample, "STR", PROFILE))
    told = api(lab.ledger, "INSP1").get(f"/api/v1/testing/{sample}").json()["tests"][0]
    assert (told["pill"], told["results"][0]["verdict"], told["results"][1]["decided"]) == (["stop", "Out"], "in", "accepted")
    assert told["notes"][0].endswith("A failure of this test is never set aside.")


def test_alleles_are_on_the_pages_of_those_who_read_profiles_only(lab: Lab) -> None:
    lab.reference_known()
    lab.found("STR", OTHER)
    sample = lab.sample("STR")
    for who, reads in (("ANA2", True), ("QA1", True), ("TECH1", False), ("NURS1", False), ("INSP1", False)):
        for address in (f"/testing/{sample}?test=STR", f"/testing/{lab.reference()}?test=STR"):
            assert ("TH01: " in signed_in(lab.ledger, who).get(address).text) == reads, who
        assert ("TH01: " in api(lab.ledger, who).get(f"/api/v1/testing/{sample}").text) == reads, who
    assert "differs from the subject's own reference sample at D3S1358 and TH01" in words(
        signed_in(lab.ledger, "TECH1").get(f"/testing/{sample}?test=STR")
    )


@pytest.mark.parametrize("who", ["COUR1", "ASSE1", "RAND1", "ADM1"])
def test_who_does_not_read_the_record_sees_nothing_of_tests(lab: Lab, who: str) -> None:
    sample = lab.sample("endotoxin")
    lab.receive(sample)
    code = lab.record(sample, "endotoxin", "1.9")
    client, program = signed_in(lab.ledger, who), api(lab.ledger, who)
    pages = (f"/{sample}", f"/{sample}?test=endotoxin", f"/results/{code}", f"/vials/{sample}", "")
    assert {client.get(f"/testing{page}").status_code for page in pages} == {403}
    assert program.get(f"/api/v1/testing/{sample}").status_code == 404
    assert "ndotoxin" not in client.get("/").text


def test_a_sample_by_program_has_its_limits_results_and_reviews(lab: Lab) -> None:
    sample = lab.sample("endotoxin")
    lab.receive(sample)
    lab.review(lab.record(sample, "endotoxin", "< 10"))
    told = api(lab.ledger, "QA1").get(f"/api/v1/testing/{sample}").json()
    (test,) = told["tests"]
    assert (told["subject"], test["must_be"], test["state"]) == ("S01", "at most 2.0 EU/mL", "reviewed")
    (result,) = test["results"]
    assert (result["value"], result["verdict"], result["reviewed_by"], result["mine"]) == ("< 10", "inconclusive", "Ai Xin", False)
    for wrong in (lab.batch, "nothing", lab.picked_vial()):
        assert api(lab.ledger, "QA1").get(f"/api/v1/testing/{wrong}").status_code == 404


def test_what_is_no_sample_or_no_test_of_it_has_no_page(lab: Lab) -> None:
    client = signed_in(lab.ledger, "ANA1")
    for address in (f"/testing/{lab.batch}", f"/testing/{lab.picked_vial()}", f"/testing/{lab.sample('STR')}?test=CD73"):
        assert client.get(address).status_code == 404
    assert client.get(f"/testing/results/{lab.batch}").status_code == 404


def test_germs_are_on_the_alerts_of_those_who_must_know(lab: Lab) -> None:
    lab.found("sterility", "growth")
    for who in ("PHYS1", "QA1", "COOR1"):
        client = signed_in(lab.ledger, who)
        assert "Alerts (1)" in words(client.get("/subjects"))
        assert "Sterility (harvest): growth." in words(client.get("/")) and "Sterility (harvest): growth." in words(client.get("/alerts"))
    physician = signed_in(lab.ledger, "PHYS1")
    code = next(part for part in physician.get("/alerts").text.split('action="/alerts/')[1:])[:13]
    assert send(physician, "/alerts", {"comment": "The ward is told."}, to=f"/alerts/{code}").status_code == 303
    assert "Alerts (1)" not in words(physician.get("/subjects"))
    assert "Alerts (1)" in words(signed_in(lab.ledger, "QA1").get("/subjects"))
    assert "Alerts" not in words(signed_in(lab.ledger, "NURS1").get("/subjects"))


def test_the_list_goes_by_subject_and_says_how_far_each_sample_is(lab: Lab, frozen: At) -> None:
    lab.all_pass()
    client = signed_in(lab.ledger, "ANA1")
    seen = words(client.get(f"/testing?batch={lab.batch}"))
    assert "8 / 8" in seen and "Reviewed" in seen and "To be received" not in seen
    assert "Results to enter" not in words(client.get("/testing"))
    frozen.clock.advance(days=40)
    sample = lab.dose("sterility")[1]
    frozen.clock.advance(days=15)
    again = signed_in(lab.ledger, "ANA1")
    for page in ("/testing", "/", f"/testing/{sample}"):
        assert "Overdue" in words(again.get(page))


def test_every_page_holds_together(lab: Lab) -> None:
    lab.reference_known()
    lab.found("STR", PROFILE)
    lab.found("CD34", "3.1")
    lab.found("sterility", "no growth")
    sample = lab.sample("CD34")
    pages = ["/testing", f"/testing/{sample}", f"/testing/vials/{lab.picked_vial()}", f"/testing/{lab.reference()}"]
    for test in ("STR", "CD34", "sterility", "potency"):
        pages += [f"/testing/{lab.sample(test)}?test={test}{do}" for do in ("", "&do=repeat", "&do=correct")]
    for who in ("ANA1", "ANA2", "QA1"):
        client = signed_in(lab.ledger, who)
        for page in pages:
            answer = client.get(page)
            assert answer.status_code == 200, page
            assert Reader(answer.text).faults == [], page
