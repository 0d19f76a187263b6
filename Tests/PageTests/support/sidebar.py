"""The list of conversations."""


class Sidebar:
    def __init__(self, page):
        self.page = page

    @property
    def list(self):
        return self.page.get_by_role("navigation", name="Conversations")

    def link(self, title):
        return self.list.get_by_role("link", name=title)

    @property
    def search(self):
        return self.page.get_by_role("searchbox", name="Search titles and messages")

    def act(self, title, action):
        self.link(title).hover()
        self.page.get_by_role("button", name=f"Actions for “{title}”").click()
        self.page.get_by_role("menuitem", name=action).click()
