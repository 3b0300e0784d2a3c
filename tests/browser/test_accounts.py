"""An account in a real browser: passkeys, the proposed time zone, and pages that break no rule."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest
from allauth.mfa.models import Authenticator
from axe_playwright_python.sync_playwright import Axe

from apps.accounts.models import User
from tests.accounts.people import SIGNUP, code_of, verified
from tests.factories import PASSWORD, UserFactory

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

OPEN = (
    "/account/login/",
    "/account/signup/",
    "/account/password/reset/",
    "/account/confirm-email/",
    "/account/inactive/",
)
OWN = (
    "/account/profile/",
    "/account/email/",
    "/account/password/change/",
    "/account/2fa/",
    "/account/2fa/totp/activate/",
    "/account/2fa/webauthn/",
    "/account/2fa/webauthn/add/",
    "/account/sessions/",
    "/account/logout/",
    "/account/reauthenticate/",
)
PHONE = {"width": 375, "height": 812}


@pytest.fixture
def noor() -> User:
    return verified(UserFactory(name="Noor", email="noor@example.org"))


def listen(page: "Page") -> list[str]:
    """What the browser complains of from now on."""
    complaints: list[str] = []
    page.on(
        "console", lambda message: complaints.append(message.text) if message.type in {"error", "warning"} else None
    )
    page.on("pageerror", lambda error: complaints.append(str(error)))
    return complaints


def arrive(page: "Page", path: str) -> None:
    """Wait until the page at this path is there."""
    page.wait_for_url(lambda url: urlsplit(url).path == path)


def sign_in(page: "Page", path: str = "/account/profile/") -> None:
    """With the password, and once more for what is dear."""
    page.goto("/account/login/?next=/account/reauthenticate/%3Fnext=" + path)
    page.fill("#id_login", "noor@example.org")
    page.fill("#id_password", PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.fill("#id_password", PASSWORD)
    page.get_by_role("button", name="Continue").click()
    arrive(page, path)


def with_authenticator(page: "Page") -> Any:
    """Give the browser an authenticator that says yes, as a laptop with a fingerprint reader would."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    added = session.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    return session, added["authenticatorId"]


def sign_out(page: "Page") -> None:
    """By the button at the top."""
    page.get_by_role("button", name="Sign out").first.click()
    arrive(page, "/account/login/")


def test_a_passkey_is_made_and_signs_in_alone(noor: User, page_of: Callable[..., "Page"]) -> None:
    page = page_of(None)
    complaints = listen(page)
    with_authenticator(page)
    sign_in(page, "/account/2fa/webauthn/add/")
    page.fill("#id_name", "Laptop")
    page.get_by_role("button", name="Continue").click()
    arrive(page, "/account/2fa/recovery-codes/")
    key = Authenticator.objects.get(type="webauthn")
    assert (key.wrap().name, key.wrap().is_passwordless) == ("Laptop", True)

    sign_out(page)
    page.goto("/account/login/?next=/account/2fa/webauthn/")
    page.get_by_role("button", name="Sign in with a passkey").click()
    arrive(page, "/account/2fa/webauthn/")
    assert page.get_by_text("Laptop").first.is_visible()
    assert "last used" in page.content()

    page.get_by_role("link", name="Rename").click()
    arrive(page, "/account/reauthenticate/")
    page.get_by_role("link", name="passkey").click()
    page.get_by_role("button", name="Use a passkey").click()
    arrive(page, f"/account/2fa/webauthn/keys/{key.pk}/edit/")
    page.fill("#id_name", "Old laptop")
    page.get_by_role("button", name="Save").click()
    page.get_by_role("link", name="Remove").click()
    page.get_by_role("button", name="Remove it").click()
    arrive(page, "/account/2fa/webauthn/")
    assert not Authenticator.objects.exists()
    assert complaints == []


def test_a_passkey_can_be_the_second_step(noor: User, page_of: Callable[..., "Page"]) -> None:
    page = page_of(None)
    complaints = listen(page)
    with_authenticator(page)
    sign_in(page, "/account/2fa/webauthn/add/")
    page.uncheck("#id_passwordless")
    page.get_by_role("button", name="Continue").click()
    arrive(page, "/account/2fa/recovery-codes/")
    sign_out(page)
    page.fill("#id_login", "noor@example.org")
    page.fill("#id_password", PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    arrive(page, "/account/2fa/authenticate/")
    page.get_by_role("button", name="Use a passkey").click()
    page.wait_for_url(lambda url: "/account/" not in url)
    assert complaints == [] or all("404" in text for text in complaints)


def test_a_cancelled_passkey_says_so(noor: User, page_of: Callable[..., "Page"]) -> None:
    page = page_of(None)
    session, authenticator = with_authenticator(page)
    session.send("WebAuthn.setUserVerified", {"authenticatorId": authenticator, "isUserVerified": False})
    page.goto("/account/login/")
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.get_by_text("cancelled or took too long").wait_for(timeout=90_000)
    assert page.get_by_role("button", name="Sign in with a passkey").is_enabled()


def test_an_app_is_set_up_and_asked_for(noor: User, page_of: Callable[..., "Page"]) -> None:
    page = page_of(None)
    sign_in(page, "/account/2fa/totp/activate/")
    assert page.get_by_role("img", name="The secret as a picture").is_visible()
    page.get_by_label("Then type the six digits").fill(code_of(page.locator("code.secret").inner_text()))
    page.get_by_role("button", name="Switch it on").click()
    arrive(page, "/account/2fa/recovery-codes/")
    assert page.locator(".codes li").count() == 10
    code = page.locator(".codes li").first.inner_text()
    sign_out(page)
    page.fill("#id_login", "noor@example.org")
    page.fill("#id_password", PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.get_by_label("Code").fill(code)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url(lambda url: "/account/" not in url)


def test_sign_up_proposes_the_zone_of_the_browser(db: None, page_of: Callable[..., "Page"]) -> None:
    page = page_of(None, timezone_id="Asia/Tokyo", locale="de-DE")
    page.goto("/account/signup/")
    page.fill("#id_name", SIGNUP["name"])
    page.fill("#id_email", SIGNUP["email"])
    page.fill("#id_password1", SIGNUP["password1"])
    page.locator("main button.main").click()
    arrive(page, "/account/confirm-email/")
    noor = User.objects.get()
    assert (noor.timezone, noor.language) == ("Asia/Tokyo", "de")


def test_sign_up_and_sign_in_work_without_scripts(noor: User, page_of: Callable[..., "Page"]) -> None:
    page = page_of(None, java_script_enabled=False)
    page.goto("/account/login/?next=/account/profile/")
    page.fill("#id_login", "noor@example.org")
    page.fill("#id_password", PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.select_option("#id_timezone", "Asia/Tokyo")
    page.get_by_role("button", name="Save").click()
    noor.refresh_from_db()
    assert noor.timezone == "Asia/Tokyo"


def test_a_password_can_be_looked_at(noor: User, page_of: Callable[..., "Page"]) -> None:
    page = page_of(None)
    page.goto("/account/login/")
    page.fill("#id_password", "what I typed")
    page.get_by_role("button", name="Show the password").click()
    assert page.locator("#id_password").get_attribute("type") == "text"
    page.get_by_role("button", name="Hide the password").click()
    assert page.locator("#id_password").get_attribute("type") == "password"


def test_a_zone_is_found_by_typing(noor: User, page_of: Callable[..., "Page"]) -> None:
    page = page_of(None)
    sign_in(page)
    zone = page.get_by_role("combobox", name="Time zone")
    zone.fill("nairo")
    page.get_by_role("option", name="Nairobi (Africa)").click()
    page.get_by_role("button", name="Save").click()
    page.get_by_text("Saved.").wait_for()
    noor.refresh_from_db()
    assert noor.timezone == "Africa/Nairobi"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pages_break_no_rule(noor: User, page_of: Callable[..., "Page"], scheme: str) -> None:
    """No complaint of the browser (the content policy among them), nothing for axe, nothing wider than a phone."""
    page = page_of(None, color_scheme=scheme, viewport=PHONE)
    complaints = listen(page)
    found = {path: faults(page, path) for path in OPEN}
    sign_in(page)
    found |= {path: faults(page, path) for path in OWN}
    assert {path: each for path, each in found.items() if each} == {}
    assert complaints == []


def faults(page: "Page", path: str) -> list[str]:
    """What axe finds on the page, and whether it scrolls sideways."""
    page.goto(path)
    assert path.split("?", maxsplit=1)[0] in page.url
    found = [f"{each['id']}: {each['nodes'][0]['html'][:120]}" for each in Axe().run(page).response["violations"]]
    wide = page.evaluate("document.documentElement.scrollWidth > window.innerWidth")
    return [*found, *(["wider than the screen"] if wide else [])]
