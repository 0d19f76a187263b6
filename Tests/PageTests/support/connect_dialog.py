"""The dialog that connects a model."""
from playwright.sync_api import expect
from words import WORDS


class ConnectDialog:
    def __init__(self, page, language="en"):
        self.page = page
        self.words = WORDS[language]

    def open(self):
        self.page.get_by_role("button", name=self.words["connect"]).first.click()
        expect(self.dialog).to_be_visible()

    @property
    def dialog(self):
        return self.page.get_by_role("dialog")

    def by_address(self, address, model, key=None):
        self.dialog.get_by_role("button", name=self.words["local"]).click()
        other = self.dialog.locator("details")
        other.wait_for()
        if other.get_attribute("open") is None:  # a model server runs on this machine, and the page offers it first
            other.locator("summary").click()
        self.dialog.get_by_label(self.words["address"]).fill(address)
        self.dialog.get_by_label(self.words["model"], exact=True).fill(model)
        if key:
            self.dialog.locator("details input[type=password]").fill(key)
        self.dialog.locator("details").get_by_role("button", name=self.words["check"]).click()

    def start(self):
        expect(self.dialog.get_by_role("heading", name=self.words["connected"])).to_be_visible()
        self.dialog.get_by_role("button", name=self.words["start"]).click()
        expect(self.dialog).to_have_count(0)
