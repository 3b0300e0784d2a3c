"""`manage.py screenshots`: the pictures of the README and the documentation, made from the running demo."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.urls import reverse

from apps.demo.services.story import people

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

ARGUMENTS = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--hide-scrollbars")
LARGEST_BYTES = 200 * 1024
DESKTOP, PHONE = (1280, 800), (390, 844)


@dataclass(frozen=True)
class Picture:
    """One picture: its file's name, the page in the workspace, the colours and the size of the window."""

    name: str
    page: str
    scheme: str = "light"
    size: tuple[int, int] = DESKTOP


GOALS = "goals/?view=tree"
MATRIX, TEAM_SHOWN = "the matrix of a team", "Intake"
GOAL, GOAL_SHOWN = "a goal", "Patients get a first appointment within 9 days"
PICTURES = (
    Picture("goals-light", GOALS),
    Picture("goals-dark", GOALS, "dark"),
    Picture("goal-light", GOAL),
    Picture("goal-dark", GOAL, "dark"),
    Picture("attention-light", "attention/"),
    Picture("map-light", "goals/?view=map"),
    Picture("matrix-light", MATRIX),
    Picture("matrix-dark", MATRIX, "dark"),
    Picture("phone-light", GOAL, "light", PHONE),
    Picture("phone-dark", GOALS, "dark", PHONE),
)


class Command(BaseCommand):
    """Sign in as Maya, look at each page, keep it as a PNG."""

    help = "Make the pictures of the documentation from a running demo (dev.py up)."

    def add_arguments(self, parser: CommandParser) -> None:
        """Where to, and from where."""
        parser.add_argument("--out", type=Path, default=settings.BASE_DIR / "docs" / "img", help="the folder")
        parser.add_argument("--url", help="the running demo (else var/run.json says)")
        parser.add_argument("--only", help="the name of one picture")

    def handle(self, *_args: object, **options: Any) -> None:
        """Write the pictures. CommandError where nothing runs, Chromium is missing, or a page or picture is wrong."""
        # Of the development packages, and of what the image leaves out.
        from playwright.sync_api import sync_playwright  # noqa: PLC0415

        from devserver.browser import BrowserMissingError, ensure_browser  # noqa: PLC0415

        try:
            chromium = ensure_browser()
        except BrowserMissingError as error:
            raise CommandError(str(error)) from error

        url = options["url"] or self._running()
        out: Path = options["out"]
        out.mkdir(parents=True, exist_ok=True)
        pictures = [each for each in PICTURES if options["only"] in (None, each.name)]
        if not pictures:
            raise CommandError(f"There is no picture “{options['only']}”.")
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium, args=list(ARGUMENTS))
            try:
                state = sign_in(browser, url)
                for picture in pictures:
                    self.stdout.write(self._take(browser, url, state, picture, out))
            finally:
                browser.close()

    def _running(self) -> str:
        path = settings.VAR_DIR / "run.json"
        if not path.exists():
            raise CommandError("Nothing runs here: start `python3 dev.py up`, or say --url.")
        return str(json.loads(path.read_text(encoding="utf-8"))["url"])

    def _take(self, browser: "Browser", url: str, state: Any, picture: Picture, out: Path) -> str:
        width, height = picture.size
        context = browser.new_context(
            base_url=url,
            storage_state=state,
            viewport={"width": width, "height": height},
            color_scheme="dark" if picture.scheme == "dark" else "light",
            device_scale_factor=1,
            reduced_motion="reduce",
        )
        page = context.new_page()
        try:
            visit(page, picture.page)
            path = out / f"{picture.name}.png"
            path.write_bytes(page.screenshot(animations="disabled", caret="hide"))
        finally:
            context.close()
        size = path.stat().st_size
        if size > LARGEST_BYTES:
            raise CommandError(f"{path.name} has {size // 1024} KiB; {LARGEST_BYTES // 1024} are allowed.")
        return f"{path.name}  {size // 1024} KiB"


def sign_in(browser: "Browser", url: str) -> object:
    """Sign in as the person whose day the pictures show; the browser's state after it."""
    context = browser.new_context(base_url=url)
    page = context.new_page()
    page.goto(reverse(settings.LOGIN_URL))
    page.fill("input[name=login]", people.email_of(people.PEOPLE[2]))
    page.fill("input[name=password]", people.PASSWORD)
    page.press("input[name=password]", "Enter")
    page.wait_for_url(lambda address: "/login" not in address)
    state = context.storage_state()
    context.close()
    return state


def visit(page: "Page", where: str) -> None:
    """Go to a page of the workspace, and wait until it is drawn. CommandError where it is not there."""
    home = f"/w/{people.SLUG}/"
    answer = page.goto(home + (GOALS if where in {GOAL, MATRIX} else where))
    if where == MATRIX:
        page.goto(f"{home}teams/")
        team = page.get_by_role("link", name=TEAM_SHOWN, exact=True).first.get_attribute("href") or home
        answer = page.goto(f"{home}responsibilities/?team={team.rstrip('/').rpartition('/')[2]}")
    if where == GOAL:
        link = page.get_by_role("link", name=GOAL_SHOWN).first
        answer = page.goto(link.get_attribute("href") or home)
    if answer is None or not answer.ok:
        raise CommandError(f"{page.url} answers {answer.status if answer else 'nothing'}.")
    page.wait_for_load_state("networkidle")
    page.evaluate("document.fonts.ready")
