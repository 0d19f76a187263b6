"""The inbox of approvals."""
from playwright.sync_api import expect


class Inbox:
    def __init__(self, page, address):
        self.page = page
        page.goto(address + "/approvals")
        expect(page.get_by_role("heading", name="Approvals", level=1)).to_be_visible()

    def card(self, text):
        return self.page.locator(".inbox-card").filter(has_text=text)

    def focus(self, text):
        expect(self.card(text)).to_be_visible()
        self.card(text).focus()
        return self.card(text)

    def press(self, key):
        self.page.keyboard.press(key)

    def approve_by_keys(self, text):
        """The first press arms, and says so; the second, when it can have been read, approves."""
        self.press("a")
        expect(self.card(text)).to_contain_text("Press A again or Enter to approve")
        self.page.wait_for_timeout(450)
        self.press("a")
