"""The chat as a person handles it, by the names that a screen reader gives too."""
from playwright.sync_api import expect


class Chat:
    def __init__(self, page):
        self.page = page

    @property
    def composer(self):
        return self.page.get_by_role("textbox", name="Message", exact=True)

    @property
    def log(self):
        return self.page.get_by_role("log")

    def send(self, text):
        self.composer.fill(text)
        self.composer.press("Enter")

    def sees(self, text):
        expect(self.log).to_contain_text(text, timeout=15000)

    def is_at_rest(self):
        expect(self.page.get_by_role("button", name="Stop", exact=True)).to_have_count(0, timeout=15000)
