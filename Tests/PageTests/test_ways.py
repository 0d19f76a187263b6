"""From every page to every other by its links: none is left blank."""
import re

from playwright.sync_api import expect

WAYS = ["Chat", "Settings", "Approvals", "Settings", "Runs", "Settings", "New chat"]
SECTIONS = ["People", "API keys", "Models", "Appearance", "Profile"]


def test_no_way_out_of_a_page_leaves_it_blank(contexts, hello):
    page = contexts.page(hello.link)
    for way in WAYS:
        page.get_by_role("navigation").first.get_by_role("link", name=re.compile("^" + way)).or_(
            page.get_by_role("link", name=re.compile("^" + way))).first.click()
        expect(page.get_by_role("heading").first).to_be_visible()
        if way != "Settings":
            continue
        for section in SECTIONS:
            page.get_by_role("navigation", name="Settings").get_by_role("link", name=section).click()
            expect(page.get_by_role("navigation", name="Settings").get_by_role("link", name=section)).to_have_attribute(
                "aria-current", re.compile("."))
            expect(page.get_by_role("heading", level=2).first).to_be_visible()
