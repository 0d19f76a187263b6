"""Browser pages whose console, network failures and policy violations are collected, so that a test cannot pass over them."""

VIOLATIONS = """
window.__violations = [];
document.addEventListener('securitypolicyviolation', event => window.__violations.push(event.violatedDirective + ' ' + event.blockedURI));
"""


class WatchedContexts:
    def __init__(self, browser):
        self.browser = browser
        self.contexts = []
        self.complaints = []
        self.allowed = []

    def allow(self, *needles):
        """Complaints that hold one of these are part of the test: a refused key, a connection that was cut."""
        self.allowed += needles

    def page(self, link, language="en-US", theme="light", width=1440, height=900, still=True):
        context = self.browser.new_context(
            locale=language, color_scheme=theme, viewport={"width": width, "height": height},
            reduced_motion="reduce" if still else "no-preference", permissions=["clipboard-read", "clipboard-write"])
        context.add_init_script(VIOLATIONS)
        self.contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(60000)
        page.on("console", lambda message: self._complain(message.text) if message.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: self._complain(str(error)))
        page.goto(link)
        return page

    def _complain(self, text):
        if not any(needle in text for needle in self.allowed):
            self.complaints.append(text)

    def close(self):
        closing, self.contexts = self.contexts, []
        for context in closing:
            for page in context.pages:
                try:
                    for violation in page.evaluate("window.__violations || []"):
                        self._complain("Content Security Policy: " + violation)
                except Exception:  # a page that a test closed or cut
                    pass
            context.close()
