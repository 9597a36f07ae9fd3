"""Somebody at a browser of their own: types, presses, scans as a wedge scanner does, and signs.

A script error or a broken content policy on any of their pages is kept in `faults`, and the test fails when it ends.
"""

import re
from collections.abc import Mapping

from playwright.sync_api import Browser, Page, expect

from tests.people import PASSWORD


class Someone:
    """One person, one window, signed in with the keyboard."""

    def __init__(self, browser: Browser, address: str, person: str) -> None:
        self.context = browser.new_context(viewport={"width": 1280, "height": 900}, accept_downloads=True)
        self.context.set_default_timeout(20_000)
        self.page: Page = self.context.new_page()
        self.address, self.person = address, person
        self.faults: list[str] = []
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))
        self.page.on("console", lambda said: self.faults.append(said.text) if "Content Security Policy" in said.text else None)
        self.page.on("response", lambda answer: self.faults.append(f"{answer.status} {answer.url}") if answer.status >= 500 else None)
        self.open("/sign-in")
        self.fill(Person=person, Password=PASSWORD)
        self.press("Sign in")

    # ---- where they are ----

    def open(self, path: str) -> "Someone":
        """An address; a window that locked itself in the meantime asks for the password first."""
        self.page.goto(self.address + path)
        if "/locked" in self.page.url:
            self.fill(Password=PASSWORD).press("Go on")
        return self

    def path(self) -> str:
        return self.page.url.removeprefix(self.address)

    def code_here(self) -> str:
        """The code at the end of this page's address."""
        found = re.findall(r"/([SCLWPETBDK][0-9A-Z]{12})(?=[/?#]|$)", self.page.url)
        assert found, self.page.url
        return str(found[-1])

    def reads(self, *words: str) -> "Someone":
        """These words can be seen on the page."""
        for one in words:
            expect(self.page.locator("body")).to_contain_text(one, use_inner_text=True)
        return self

    def words(self) -> str:
        """What this person can read now, in short."""
        return " ".join(self.page.locator("body").inner_text().split())[:2500]

    # ---- what they do ----

    def fill(self, fields: Mapping[str, str] | None = None, **more: str) -> "Someone":
        """Fields by their label, as they stand on the page."""
        for label, value in (dict(fields or {}) | more).items():
            self.page.get_by_label(label, exact=True).first.fill(value)
        return self

    def type(self, values: Mapping[str, str]) -> "Someone":
        """Fields by name, left with the Tab key; one that is kept by itself is kept before this goes on."""
        for name, value in values.items():
            field = self.page.locator(f'[name="{name}"]').first
            if field.get_attribute("type") == "radio":
                self.page.locator(f'[name="{name}"][value="{value}"]').check()
            else:
                field.fill(value)
                field.press("Tab")
            if field.get_attribute("data-autosave") is not None:
                mark = field.get_attribute("data-mark") or f"{field.get_attribute('id')}-mark"
                expect(self.page.locator(f'[id="{mark}"]')).to_contain_text("Saved", timeout=20_000)
        return self

    def press(self, button: str) -> "Someone":
        """A button that sends a form is pressed, and the answer is there."""
        with self.page.expect_navigation():
            self.page.get_by_role("button", name=button, exact=True).first.click()
        return self

    def follow(self, link: str) -> "Someone":
        with self.page.expect_navigation():
            self.page.get_by_role("link", name=link).first.click()
        return self

    def wedge(self, code: str) -> "Someone":
        """What a keyboard-wedge scanner does: the code without a pause, then Enter."""
        self.page.keyboard.type(code)
        self.page.keyboard.press("Enter")
        return self

    def scan(self, *codes: str) -> "Someone":
        """Each code is scanned into the page, which sends it and answers."""
        for code in codes:
            with self.page.expect_navigation():
                self.wedge(code)
        return self

    def sign(self, button: str, second: str = "", password: str = PASSWORD, second_password: str = PASSWORD) -> "Someone":
        """The form is signed, by two people when there is a second."""
        self.page.locator("#sign-password").fill(password)
        if second:
            self.page.locator("#sign-second").fill(second)
            self.page.locator("#sign-second-password").fill(second_password)
        return self.press(button)

    def paper(self, button: str = "Open the PDF") -> bytes:
        """The PDF behind a button, as this person's browser gets it; the page stays where it is."""
        form = self.page.locator("form").filter(has=self.page.get_by_role("button", name=button))
        key = form.locator("[name=key]").get_attribute("value") or ""
        answer = self.context.request.post(f"{self.address}{form.get_attribute('action')}", form={"key": key})
        assert answer.headers["content-type"] == "application/pdf"
        return answer.body()

    def leave(self) -> None:
        self.context.close()
