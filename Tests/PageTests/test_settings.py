"""Settings: one's own account, people, keys, secrets, language and theme."""
import re

from playwright.sync_api import expect
import pytest
from settings import Settings


def is_saved(settings, path="/v1/me"):
    """What the server says of the person at this page."""
    return settings.page.evaluate(f"fetch('{path}').then(answer => answer.json())")


def test_a_name_is_kept(contexts, hello):
    settings = Settings(contexts.page(hello.link), hello.address)
    settings.open("profile")
    settings.page.get_by_label("Name", exact=True).fill("Somebody Here")
    settings.page.get_by_role("button", name="Save").first.click()
    expect(settings.page.locator(".toasts")).to_contain_text("Saved")
    expect(settings.page.locator(".account")).to_contain_text("Somebody Here")
    assert is_saved(settings)["name"] == "Somebody Here"


def test_s4_7_the_language_changes_at_once_and_stays(contexts, hello):
    settings = Settings(contexts.page(hello.link), hello.address)
    settings.open("appearance")
    settings.press("Português (Brasil)")
    expect(settings.page.get_by_role("heading", level=1)).to_have_text("Ajustes")
    expect(settings.page.locator("html")).to_have_attribute("lang", "pt-BR")
    expect(settings.page.get_by_role("link", name="Aprovações")).to_be_visible()
    settings.page.reload()
    expect(settings.page.get_by_role("heading", level=1)).to_have_text("Ajustes")
    other = contexts.page(hello.new_link())
    expect(other.get_by_role("link", name="Aprovações")).to_be_visible()


def test_the_theme_changes_at_once_and_stays(contexts, hello):
    settings = Settings(contexts.page(hello.link), hello.address)
    settings.open("appearance")
    ground = "getComputedStyle(document.documentElement).getPropertyValue('--bg')"
    light = settings.page.evaluate(ground)
    settings.press("Dark")
    expect(settings.page.get_by_role("button", name="Dark", exact=True)).to_have_attribute("aria-pressed", "true")
    dark = settings.page.evaluate(ground)
    assert dark != light
    settings.page.reload()
    expect(settings.page.get_by_role("heading", level=1)).to_be_visible()
    assert settings.page.evaluate(ground) == dark


def test_s4_5_a_password_signs_in_and_its_change_signs_the_others_out(contexts, hello):
    contexts.allow("401", "400", "WebSocket")
    settings = Settings(contexts.page(hello.link), hello.address)
    page = settings.page
    other = contexts.page(hello.new_link())
    settings.open("profile")
    page.get_by_label("E-mail").fill("ana@example.com")
    page.get_by_role("button", name="Save").first.click()
    expect(page.get_by_label("New password")).to_be_enabled()
    page.get_by_label("New password").fill("a quiet orange river")
    settings.press("Set password")
    expect(page.get_by_label("Current password")).to_be_visible()
    other.wait_for_url(re.compile("/login"))
    expect(other.get_by_text("You were signed out; sign in again")).to_be_visible()

    page.get_by_label("Current password").fill("not this one")
    page.get_by_label("New password").fill("a loud orange river")
    settings.press("Change password")
    expect(page.get_by_text("This is not your current password.")).to_be_visible()

    expect(page.get_by_role("heading", level=1)).to_have_text("Settings")
    other.get_by_label("E-mail").fill("ana@example.com")
    other.get_by_label("Password").fill("wrong")
    other.get_by_role("button", name="Sign in").click()
    expect(other.get_by_role("alert")).to_contain_text("don't go together")
    other.get_by_label("Password").fill("a quiet orange river")
    other.get_by_role("button", name="Sign in").click()
    expect(other.get_by_role("textbox", name="Message", exact=True)).to_be_visible()


def test_a_changed_password_begins_the_own_connection_anew(contexts, hello):
    """The server closes the sockets of the old cookie before this browser has the new one."""
    contexts.allow("401", "WebSocket")
    settings = Settings(contexts.page(hello.link), hello.address)
    page = settings.page
    settings.open("profile")
    page.get_by_label("E-mail").fill("ana@example.com")
    page.get_by_role("button", name="Save").first.click()
    expect(page.get_by_label("New password")).to_be_enabled()

    def slowly(route):
        answer = route.fetch()
        page.wait_for_timeout(1500)
        route.fulfill(response=answer)

    page.route("**/v1/me", lambda route: slowly(route) if route.request.method == "PATCH" else route.continue_())
    page.get_by_label("New password").fill("a quiet orange river")
    settings.press("Set password")
    expect(page.get_by_label("Current password")).to_be_visible()
    page.goto(hello.address + "/")
    page.get_by_role("textbox", name="Message", exact=True).fill("What time is it?")
    page.keyboard.press("Enter")
    expect(page.get_by_role("log")).to_contain_text("It is ")
    assert "/login" not in page.url


def test_s4_6_a_person_is_added_comes_in_and_is_shut_out(contexts, hello):
    contexts.allow("401", "WebSocket", "403")
    settings = Settings(contexts.page(hello.link), hello.address)
    settings.open("people")
    settings.press("Add a person")
    settings.dialog.get_by_label("E-mail").fill("rui@example.com")
    settings.dialog.get_by_label("Name (optional)").fill("Rui")
    settings.press("Add and get link")
    link = settings.dialog.get_by_role("group", name="Sign-in link").inner_text()
    settings.dialog.get_by_role("button", name="Close").last.click()
    guest = contexts.page(link)
    expect(guest.locator(".account")).to_contain_text("Rui")
    guest.goto(hello.address + "/settings/people")
    expect(guest.get_by_text("This part is for administrators")).to_be_visible()

    settings.page.get_by_role("button", name="Actions for Rui").click()
    settings.page.get_by_role("menuitem", name="Disable").click()
    settings.dialog.get_by_role("button", name="Disable").click()
    expect(settings.row("Rui")).to_contain_text("Disabled")
    guest.wait_for_url(re.compile("/login"))


def test_a_key_is_shown_once_works_and_is_revoked(contexts, hello):
    settings = Settings(contexts.page(hello.link), hello.address)
    settings.open("keys")
    settings.press("New key")
    settings.dialog.get_by_label("Name").fill("nightly")
    settings.press("Create key")
    key = settings.dialog.get_by_role("group", name="The key").inner_text()
    caller = settings.page.context.browser.new_context()
    ask = lambda: caller.request.get(hello.address + "/v1/sessions", headers={"Authorization": f"Bearer {key}"}).status  # noqa: E731
    assert ask() == 200
    settings.press("I have copied it")
    settings.page.reload()
    expect(settings.row("nightly")).to_be_visible()
    assert key not in settings.page.content()
    settings.press("Revoke nightly")
    settings.dialog.get_by_role("button", name="Revoke").click()
    expect(settings.page.get_by_text("No keys yet")).to_be_visible()
    assert ask() == 401
    caller.close()


def test_a_secret_is_kept_and_removed_and_never_shown(contexts, hello):
    settings = Settings(contexts.page(hello.link), hello.address)
    settings.open("models")
    settings.press("Add a secret")
    settings.dialog.get_by_label("Name").fill("META_ADS_TOKEN")
    settings.dialog.get_by_label("Value").fill("s3cret-value")
    settings.press("Keep it")
    expect(settings.row("META_ADS_TOKEN")).to_be_visible()
    assert "s3cret-value" not in settings.page.content()
    settings.press("Remove META_ADS_TOKEN")
    settings.dialog.get_by_role("button", name="Remove").click()
    expect(settings.page.get_by_text("No secrets yet")).to_be_visible()


def test_a_short_password_is_told_in_a_whole_sentence_before_it_is_sent(contexts, hello):
    settings = Settings(contexts.page(hello.link), hello.address)
    page = settings.page
    settings.open("profile")
    page.get_by_label("E-mail").fill("member@example.com")
    page.get_by_role("button", name="Save").first.click()
    field = page.get_by_label("New password")
    expect(field).to_be_enabled()
    note = lambda: page.locator(f"[id='{field.get_attribute('aria-describedby')}']")  # noqa: E731
    expect(note()).to_contain_text("At least 10 characters.")
    field.fill("river")
    settings.press("Set password")
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(note()).to_have_text("This has 5 characters; a password needs at least 10. Add a word or two.")
    field.fill("a quiet orange river")
    expect(note()).to_contain_text("At least 10 characters.")
    assert is_saved(settings)["has_password"] is False


def test_what_the_server_says_of_a_field_is_a_whole_sentence(contexts, rehearsal):
    contexts.allow("400")
    server = rehearsal("pt-BR")
    settings = Settings(contexts.page(server.link, language="pt-BR"), server.address)
    settings.open("profile")
    settings.page.get_by_label("E-mail").fill("member@example.com")
    settings.page.get_by_role("button", name="Salvar").first.click()
    field = settings.page.get_by_label("Senha nova")
    expect(field).to_be_enabled()
    field.fill("rio " * 60)
    settings.press("Criar senha")
    expect(settings.page.get_by_text("Este campo precisa ter de 10 a 200 caracteres.")).to_be_visible()


CONTRAST = """icon => {
  const canvas = document.createElement('canvas').getContext('2d', {willReadFrequently: true});
  const light = colour => {
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    const [r, g, b] = [...canvas.getImageData(0, 0, 1, 1).data].map(part => (part /= 255) <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b + 0.05;
  };
  const [one, other] = [getComputedStyle(icon).color, getComputedStyle(icon.closest('button')).backgroundColor].map(light);
  return Math.max(one, other) / Math.min(one, other);
}"""


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_picture_on_a_button_in_a_notice_can_be_seen(contexts, hello, theme):
    settings = Settings(contexts.page(hello.link, theme=theme), hello.address)
    settings.open("models")
    icon = settings.page.locator(".notice button svg")
    expect(icon).to_have_count(1)
    assert icon.evaluate(CONTRAST) >= 4.5
