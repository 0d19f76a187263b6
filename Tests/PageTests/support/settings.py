"""The settings, section by section."""
from playwright.sync_api import expect


class Settings:
    def __init__(self, page, address):
        self.page = page
        self.address = address

    def open(self, section):
        self.page.goto(f"{self.address}/settings/{section}")
        expect(self.page.get_by_role("heading", level=2).first).to_be_visible()

    @property
    def dialog(self):
        return self.page.get_by_role("dialog")

    def row(self, text):
        return self.page.get_by_role("listitem").filter(has_text=text)

    def press(self, name):
        self.page.get_by_role("button", name=name, exact=True).click()
