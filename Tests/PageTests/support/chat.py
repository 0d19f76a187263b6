"""The chat as a person handles it, by the names that a screen reader gives too."""
from playwright.sync_api import expect
from words import WORDS


class Chat:
    def __init__(self, page, language="en"):
        self.page = page
        self.words = WORDS[language]

    @property
    def composer(self):
        return self.page.get_by_role("textbox", name=self.words["message"], exact=True)

    @property
    def log(self):
        return self.page.get_by_role("log")

    @property
    def last(self):
        """The latest exchange."""
        return self.log.get_by_role("article").last

    def send(self, text):
        self.composer.fill(text)
        self.composer.press("Enter")

    def sees(self, text):
        expect(self.log).to_contain_text(text, timeout=15000)

    def is_at_rest(self):
        expect(self.page.get_by_role("button", name=self.words["stop"], exact=True)).to_have_count(0, timeout=15000)

    def asked(self, text, answer):
        """Sends and waits until the whole of an answer is there."""
        self.send(text)
        self.sees(answer)
        self.is_at_rest()
