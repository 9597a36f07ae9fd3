"""What waits for whom: each list is shown to its roles and to nobody else, with the item that is due, and the item goes when it is done."""

from collections.abc import Callable

from sqlmodel import select

from backend.access import sessions
from backend.access.models import Alert
from backend.access.reads import viewer_of
from backend.custody.models import HandedOver
from backend.desk.reads import treating, worklists
from backend.ledger import Ledger, digest_of
from backend.quality.reads import shown_deviation, shown_hold
from backend.rehearsal.usual import usual, usual_second
from tests import story
from tests.conftest import At
from tests.people import CAST, by, sign
from tests.visit import SETTINGS, signed_in, words

ONE_EACH = {one.role: one.person for one in reversed(CAST)}  # the first of each role
MNC4 = ("MNC-4", None)
OF_ONE = ("Randomisation", "Proof of the record", "Assessment")  # lists of a single role, held in test_worklists

Found = dict[str, tuple[str, str]]


def waits(ledger: Ledger, title: str) -> Found:
    """Who has something on this list: the role, what it says first, and where it leads."""
    found: Found = {}
    with ledger.read() as session:
        for role, person in ONE_EACH.items():
            for one in worklists.for_viewer(session, ledger, viewer_of(session, person, ledger.clock()), ledger.clock()):
                if one.title == title and one.items:
                    found[role] = (one.items[0].what, one.items[0].href)
    return found


def due(ledger: Ledger, title: str, roles: str, what: str, href: str) -> None:
    """These roles and no others are shown this item; on their first page, and what it leads to is there for each of them."""
    found = waits(ledger, title)
    assert found == dict.fromkeys(roles.split(", "), (what, href)), title
    for role in found:
        client = signed_in(ledger, ONE_EACH[role])
        page = client.get("/")
        assert f'href="{href}"' in page.text, (role, title)
        assert title in words(page) and what in words(page), (role, title)
        assert client.get(href).status_code == 200, (role, href)


def done(ledger: Ledger, title: str) -> None:
    """Nobody is shown anything on this list, and its page says so."""
    assert waits(ledger, title) == {}
    role, empty = next((next(iter(roles)), empty) for roles, name, empty, *_ in worklists._LISTS if name == title)
    assert empty in words(signed_in(ledger, ONE_EACH[role]).get("/"))


def test_every_role_has_somebody_here() -> None:
    assert {role for roles, *_ in worklists._LISTS for role in roles} <= set(ONE_EACH)


def test_folders_subjects_and_harvests_wait_for_those_who_do_them(ledger: Ledger) -> None:
    done(ledger, "Trial folder")
    folder = story.folder_proposed(ledger)
    due(ledger, "Trial folder", "qa", "Approve the trial folder", "/trial")
    story.approve(ledger, folder)
    done(ledger, "Trial folder")

    coi, who = story.enrol(ledger), story.PEOPLE[0]
    care = "coordinator, physician, nurse"
    due(ledger, "Screening", care, "Serology, reference sample, binding", f"/subjects/{coi}/screening")
    done(ledger, "To be ordered")
    band = story.bind(ledger, coi)
    done(ledger, "Screening")
    due(ledger, "Labels to print", "technician, preparer", "Print 2 × Container in process, bag or syringe", "/labels")
    due(ledger, "To be ordered", "coordinator, physician", "Order the collection", f"/scan?code={coi}")

    done(ledger, "Harvest")
    collection = story.order(ledger, coi)
    done(ledger, "To be ordered")
    due(ledger, "Harvest", "physician, nurse", "Collect the marrow", f"/collections/{collection}")
    bag, label = story.bag_of(ledger, collection)
    now = story.Harvest(folder, coi, who, band, collection, bag, label, story.heparin(ledger))
    story.print_and_verify(ledger, label)
    story.collect(ledger, now)
    due(ledger, "Harvest", "physician, nurse", "Pack the marrow and hand it over", f"/collections/{collection}")

    done(ledger, "On its way")
    story.pack(ledger, now)
    done(ledger, "Harvest")
    with ledger.read() as session:
        [way] = session.exec(select(HandedOver.container_code).where(HandedOver.ended_at == None)).all()  # noqa: E711
    [(what, href)] = set(waits(ledger, "On its way").values())
    assert (href, what.endswith(", given by Kong Bo to Cell laboratory")) == (f"/scan?code={way}", True)
    due(ledger, "On its way", "courier, technician, nurse, physician", what, href)
    done(ledger, "Marrow received")
    story.receive(ledger, now)
    done(ledger, "On its way")
    due(ledger, "Marrow received", "technician", "Open the batch record", f"/batches/open?collection={collection}")


def test_labels_wait_until_they_are_printed(at: Callable[..., At]) -> None:
    here = at("bound", story.bound)
    [(_, href)] = set(waits(here.ledger, "Labels to print").values())
    with here.ledger.read() as session:
        from backend.custody.reads.labelling import waiting

        wanted = [code for bundle in waiting(session) for code in bundle.labels]
    here.ledger.do("custody.print_labels", {"label": wanted}, by=by("TECH1"))
    assert href == "/labels"
    done(here.ledger, "Labels to print")


def test_a_step_waits_for_its_performer_then_for_another_person(at: Callable[..., At]) -> None:
    here = at("at MNC-4", story.batch_at("MNC-4"))
    run: story.Run = here.told  # type: ignore[assignment]
    ledger = here.ledger
    done(ledger, "Marrow received")
    step = f"/batches/{run.batch}/steps/MNC-4"
    [(what, _)] = set(waits(ledger, "Steps").values())
    assert what.startswith("MNC-4 ")
    due(ledger, "Steps", "technician", what, step)
    run.player.perform(ledger, run.batch, MNC4, usual("MNC-4", ""))
    due(ledger, "Steps", "technician", what, step)
    for person, said in (("TECH1", "somebody else reads this again"), ("TECH2", "read it again on your own")):
        assert said in words(signed_in(ledger, person).get("/")), person
    run.player.verify(ledger, run.batch, MNC4, usual("MNC-4", "") | usual_second("MNC-4", ""))
    [(what, href)] = set(waits(ledger, "Steps").values())
    assert (what.split()[0], href) == ("MNC-5", f"/batches/{run.batch}/steps/MNC-5")


def test_deviations_and_holds_wait_for_qa_and_stop_a_technician(at: Callable[..., At]) -> None:
    here = at("at MNC-4", story.batch_at("MNC-4"))
    run: story.Run = here.told  # type: ignore[assignment]
    ledger = here.ledger
    done(ledger, "Deviations to decide")
    said = "The bag leaked at its port."
    given = {"about": run.batch, "sentence": said, "grade": "major"}
    code = ledger.do("quality.open", given, by=by("TECH1")).result
    due(ledger, "Deviations to decide", "qa", said, f"/deviations/{code}")
    told = {"deviation": code, "cause": "A bad weld.", "impact": "None.", "action": "The bag was changed."}
    ledger.do("quality.describe", told, by=by("TECH1"))
    with ledger.read() as session:
        shown = digest_of(shown_deviation(session, deviation=code))
    decided = {"deviation": code, "decision": "accept"}
    ledger.do("quality.decide", decided, by=by("QA1"), signatures=sign("QA1"), reason="Nothing was lost.", shown=shown)
    done(ledger, "Deviations to decide")

    done(ledger, "On hold")
    placed = {"about": run.batch, "why": "The hood is being tested."}
    hold = ledger.do("quality.place_hold", placed, by=by("TECH1"), signatures=sign("TECH1")).result
    due(ledger, "On hold", "qa, technician", placed["why"], "/holds")
    with ledger.read() as session:
        shown = digest_of(shown_hold(session, hold_code=hold))
    ledger.do("quality.lift_hold", {"hold_code": hold}, by=by("QA1"), signatures=sign("QA1"), reason="It passed.", shown=shown)
    done(ledger, "On hold")


def test_roles_alerts_and_locks_wait_for_those_who_look_after_people(ledger: Ledger) -> None:
    done(ledger, "Roles to countersign")
    ledger.do("access.add_person", {"person": "NEW1", "name": "New Person"}, by=by("ADM1"))
    grant = ledger.do("access.grant", {"person": "NEW1", "role": "nurse"}, by=by("ADM1")).result
    due(ledger, "Roles to countersign", "qa", "Countersign New Person as nurse", "/people/NEW1")
    ledger.do("access.countersign", {"grant": grant}, by=by("QA1"), signatures=sign("QA1"))
    done(ledger, "Roles to countersign")

    done(ledger, "Alerts")
    done(ledger, "Locked people")
    for _ in range(5):
        sessions.sign_in(ledger, SETTINGS, "TECH3", "not my password", "")
    with ledger.read() as session:
        alert = session.exec(select(Alert)).one()
    due(ledger, "Alerts", "administrator, qa", alert.sentence, "/alerts")
    [(what, _)] = set(waits(ledger, "Locked people").values())
    assert what.startswith("TECH3 is locked: ")
    due(ledger, "Locked people", "administrator", what, "/people/TECH3")
    ledger.do("access.acknowledge", {"alert": alert.code, "comment": "Spoke to them."}, by=by("ADM1"))
    done(ledger, "Alerts")
    ledger.do("access.unlock", {"person": "TECH3"}, by=by("ADM1"), reason="It was them.")
    done(ledger, "Locked people")


def test_no_list_is_left_out_here() -> None:
    from pathlib import Path

    text = Path(__file__).read_text()
    elsewhere = {*OF_ONE, *(str(title) for _, title, *_ in treating.LISTS)}  # those of the second half are held where their rooms are
    listed = [str(title) for _, title, *_ in worklists._LISTS if title not in elsewhere]
    assert [title for title in listed if f'due(ledger, "{title}"' not in text or f'ledger, "{title}")' not in text] == []
