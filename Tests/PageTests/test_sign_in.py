"""The way in: the link that the server prints, once."""
import re


def test_the_printed_link_signs_in_once(contexts, hello):
    contexts.allow("401")
    page = contexts.page(hello.link)
    page.get_by_role("textbox", name=re.compile("message|assistant", re.I)).wait_for()
    assert "token" not in page.url
    other = contexts.page(hello.link)
    other.wait_for_url(re.compile("/login"))
