"""Every template renders, is well formed, keeps the strict content security policy and speaks through the catalogue.

The pages of a room extend these, so what holds here holds there.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

import pytest

from tests.web.drawn import ALL, NOW, PAGES, WEB, Reader, pages, sample, shown


@pytest.fixture(params=ALL)
def read(request: pytest.FixtureRequest) -> Reader:
    return Reader(shown(request.param))


def test_every_page_is_well_formed(read: Reader) -> None:
    assert read.faults == []


def test_every_page_has_one_heading_one_main_and_a_language(read: Reader) -> None:
    tags = [tag for tag, _ in read.elements]
    assert (tags.count("h1"), tags.count("main"), tags.count("title")) == (1, 1, 1)
    assert read.elements[0][1].get("lang") == "en"


def test_no_id_is_there_twice_and_every_reference_finds_its_element(read: Reader) -> None:
    ids = read.all("id")
    assert sorted(ids) == sorted(set(ids))
    names = ("for", "aria-describedby", "aria-labelledby", "data-how-of", "data-now-for", "data-mark")
    wanted = [one for name in names for one in " ".join(read.all(name)).split()]
    wanted += [href[1:] for tag, attrs in read.elements if tag == "use" and (href := attrs["href"] or "")]
    assert set(wanted) <= set(ids)


def test_nothing_inline_runs_or_styles(read: Reader) -> None:
    assert [name for _, attrs in read.elements for name in attrs if name == "style" or name.startswith("on")] == []
    assert [attrs for tag, attrs in read.elements if tag == "style" or (tag == "script" and not attrs.get("src"))] == []


def test_every_static_file_that_is_named_exists_and_nothing_comes_from_elsewhere(read: Reader) -> None:
    named = [attrs.get("src") or attrs.get("href") or "" for tag, attrs in read.elements if tag in {"script", "link", "img"}]
    assert named
    assert [name for name in named if not name.startswith("/static/") or not (WEB / name[1:]).is_file()] == []


def test_every_control_has_a_label(read: Reader) -> None:
    labelled = set(read.all("for"))
    inside = re.compile(r"radio|checkbox|hidden")
    bare = [
        attrs for tag, attrs in read.elements
        if tag in {"input", "select", "textarea"} and not inside.match(attrs.get("type") or "")
        and attrs.get("id") not in labelled and "aria-label" not in attrs and "data-reason" not in attrs
    ]
    assert bare == []


def test_the_pages_that_the_program_needs_are_there() -> None:
    assert set(PAGES) >= {
        "sign-in.html", "refused.html", "stop.html", "error.html", "not-found.html", "locked.html", "first-password.html", "about.html",
    }


def test_no_colour_and_no_font_is_named_outside_the_tokens() -> None:
    for name in ("app.css", "shapes.css"):
        style = re.sub(r"/\*.*?\*/", "", (WEB / "static" / name).read_text(), flags=re.DOTALL)
        values = re.findall(r":([^:;{}]+);", style)
        assert len(values) > 200
        assert [value for value in values if re.search(r"#[0-9a-f]{3}|rgb|hsl|\b(white|black|red|Arial|sans-serif)\b", value)] == []


def test_every_token_that_the_style_uses_is_defined() -> None:
    styles = {name: (WEB / "static" / name).read_text() for name in ("tokens.css", "app.css", "shapes.css")}
    defined = set(re.findall(r"(--[\w-]+):", "".join(styles.values())))
    assert set(re.findall(r"var\((--[\w-]+)", "".join(styles.values()))) <= defined


def test_the_catalogue_finds_the_texts_of_every_template() -> None:
    for page in (WEB / "templates").glob("*.html"):
        assert list(pages().extract_translations(page.read_text())), page.name  # type: ignore[attr-defined]


def test_the_statement_of_intended_use_promises_nothing_of_the_site() -> None:
    said = re.sub(r"<[^>]+>", " ", shown("about.html")).lower()
    assert "it is not a medical device" in said
    assert "designed to support 21 cfr part 11, eu gmp annex 11" in said
    assert not re.search(r"\bcompliant\b|\bcompliance\b|\bvalidated\b|\bcertified\b", said)


def test_what_a_person_typed_is_text_and_never_markup() -> None:
    page = shown("form.html", typed={"name": '"><script>alert(1)</script>', "clot": "acd", "sex": "m", "remark": "</textarea><b>"})
    assert "<script>alert" not in page and "</textarea><b>" not in page
    assert "Lin Yue &lt;&amp;&gt;" in page
    assert '<option value="acd" selected>' in page and 'value="m" checked' in page


def test_what_was_typed_comes_back_before_what_was_stored() -> None:
    page = Reader(shown("form.html", typed={"weight": "71.5"}))
    fields = {attrs["name"]: attrs for tag, attrs in page.elements if tag == "input" and attrs.get("name")}
    assert fields["weight"]["value"] == "71.5"
    assert fields["weight"]["data-was"] == "70.0"
    assert fields["drawn_at"]["value"] == "2026-11-22 14:06"


def test_an_error_is_tied_to_its_field() -> None:
    page = Reader(shown("form.html", errors={"weight": "Weight is missing."}))
    weight = next(attrs for tag, attrs in page.elements if attrs.get("name") == "weight")
    assert weight["aria-invalid"] == "true"
    assert "f-weight-error" in (weight["aria-describedby"] or "").split()
    assert "Weight is missing." in shown("form.html", errors={"weight": "Weight is missing."})


def test_a_password_is_never_written_into_a_page() -> None:
    assert "hunter2" not in shown("form.html", typed={"password": "hunter2", "second_password": "hunter2"})


def test_a_code_is_shown_in_groups_and_read_as_thirteen_characters() -> None:
    kit = pages().get_template("kit.html").make_module({})
    drawn = str(kit.code("C7K3QX9M2PD44"))  # type: ignore[attr-defined]
    assert re.findall(r"<span>(\w+)</span>", drawn) == ["C7K3", "QX9M", "2PD4", "4"]
    assert re.sub(r"<[^>]+>", "", drawn) == "C7K3QX9M2PD44"
    assert str(kit.code("C7K3-QX9M-2PD4-4")) == drawn  # type: ignore[attr-defined]


def test_the_characters_that_differ_between_two_codes_are_marked() -> None:
    kit = pages().get_template("kit.html").make_module({})
    drawn = str(kit.code("C7K3QX9M2PD44", "C7K3QX9M2PX47"))  # type: ignore[attr-defined]
    assert re.findall(r"<mark>(\w)</mark>", drawn) == ["D", "4"]


def test_a_gauge_marker_beyond_the_end_stays_at_the_end() -> None:
    kit = pages().get_template("kit.html").make_module({})
    drawn = str(kit.gauge("Volume", Decimal(0), Decimal(20), [(Decimal(0), Decimal(20), "go")], [], Decimal(900)))  # type: ignore[attr-defined]
    assert "M234.0 20l" in drawn


def test_a_signature_that_cannot_be_made_yet_says_why_and_sends_nothing() -> None:
    env = pages()
    fields = env.get_template("fields.html").make_module(sample())
    drawn = str(fields.sign("I release it.", "ab" * 32, key="k", against=["Karyotype has no second review yet."]))  # type: ignore[attr-defined]
    assert "Karyotype has no second review yet." in drawn
    buttons = [attrs for tag, attrs in Reader(drawn).elements if tag == "button"]
    assert [(one["type"], one["aria-disabled"], one["aria-describedby"]) for one in buttons] == [("button", "true", "sign-against")]


def test_two_people_sign_with_a_password_each() -> None:
    fields = pages().get_template("fields.html").make_module(sample())
    names = Reader(str(fields.sign("I bound it.", "ab" * 32, second=True, key="k-9"))).all("name")  # type: ignore[attr-defined]
    assert names == ["key", "shown", "password", "second_person", "second_password"]


def test_forms_of_one_page_have_keys_of_their_own() -> None:
    fields = pages().get_template("fields.html").make_module(sample() | {"key": "page"})
    drawn = str(fields.hidden()) + str(fields.hidden(part="row1")) + str(fields.hidden("own"))  # type: ignore[attr-defined]
    assert Reader(drawn).all("value") == ["page", "page-row1", "own"]


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("not-found.html", {}),
        ("error.html", {"error_id": "7f3a22"}),
        ("refused.html", {"reasons": ["No."], "recorded": False}),
        ("sign-in.html", {"trial": "NCT06997939", "station": "unregistered station", "record": "", "now": NOW}),
        ("about.html", {"version": "0.1.0", "trial": "NCT06997939"}),
        ("first-password.html", {"name": "Zhou Ke", "token": "t", "least": 12}),
        ("stop.html", {"lead": "This label is void."}),
    ],
)
def test_a_page_for_nobody_signed_in_needs_little(name: str, told: dict[str, Any]) -> None:
    frame: dict[str, Any] = {"me": None, "nav": [], "demo": False}
    page = Reader(pages().get_template(name).render(**frame, **told))
    assert page.faults == []
    assert "scan" not in page.all("id") and page.all("data-person") == []


def test_a_list_knows_its_neighbour_pages() -> None:
    kit = pages().get_template("kit.html").make_module({})
    hrefs = Reader(str(kit.pager(2, True, "/history?act=sign"))).all("href")  # type: ignore[attr-defined]
    assert hrefs == ["/history?act=sign&page=1", "/history?act=sign&page=3"]
    assert Reader(str(kit.pager(1, False, "/history"))).all("href") == []  # type: ignore[attr-defined]
