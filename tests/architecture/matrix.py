"""The access matrix: every route × method × person → what they get. An address that is not in here fails the build.

People, one letter each: A alice (owner), D adam (admin), L lea (lead of Product), B bob (in Product, owner of the goals),
M mo (in Care; contributor of the private goal), G gus (guest). Always the same and therefore not written: eve (owner of
another workspace) and dan (deactivated) get 404 inside the workspace, visitors are sent to sign in.

`lets_in` are those who get the page or the action (200, a redirect within, or 4xx for an empty form), `forbids` get 403,
everyone else 404. A method that is not named answers 405 to whoever may come as far as that, and 404 or 403 to the rest.
"""

from dataclasses import dataclass, field

EVERYONE = "ADLBMG"
MEMBERS = "ADLBM"
ADMINS = "AD"


@dataclass(frozen=True)
class Answer:
    """Who is let in and who is told no; the rest learn nothing."""

    lets_in: str = ""
    forbids: str = ""


@dataclass(frozen=True)
class Route:
    """One address with what stands in it, and its methods."""

    subject: str = ""
    methods: dict[str, Answer] = field(default_factory=dict)


def page(lets_in: str, forbids: str = "", subject: str = "") -> list[Route]:
    """An address that is only read."""
    return [Route(subject, {"GET": Answer(lets_in, forbids)})]


def form(lets_in: str, forbids: str = "", subject: str = "") -> list[Route]:
    """An address with a form: shown and sent by the same people."""
    answer = Answer(lets_in, forbids)
    return [Route(subject, {"GET": answer, "POST": answer})]


def action(lets_in: str, forbids: str = "", subject: str = "") -> list[Route]:
    """An address that only takes POST."""
    return [Route(subject, {"POST": Answer(lets_in, forbids)})]


def on_goals(make: object, *, change: str = "") -> list[Route]:
    """The same address for the three kinds of goal. `change` says who may, per kind: change, check_in or see."""
    rules = {
        "see": (("ADLBM", ""), ("LB", ""), ("BM", "")),
        "change": (("ADLB", "M"), ("LB", ""), ("B", "M")),
        "check_in": (("ADLB", "M"), ("LB", ""), ("BM", "")),
        "author": (("B", "ADLM"), ("B", "L"), ("B", "M")),
    }[change or "see"]
    subjects = ("goal", "team_goal", "private_goal")
    return [
        make(lets_in, forbids, subject)[0]  # type: ignore[operator]
        for (lets_in, forbids), subject in zip(rules, subjects, strict=True)
    ]


def of_goals(prefix: str, make: object, *, change: str) -> list[Route]:
    """As on_goals, for what hangs on these goals (their check-ins, their key results)."""
    return [Route(f"{prefix}_of_{route.subject}", route.methods) for route in on_goals(make, change=change)]


MATRIX: dict[str, list[Route]] = {
    # goals
    "goals:goal_list": page(EVERYONE),
    "goals:goal_create": form(MEMBERS, "G"),
    "goals:goal_detail": on_goals(page),
    "goals:goal_history": on_goals(page),
    "goals:goal_readers": page(MEMBERS, "G"),
    "goals:contributor_row": page(MEMBERS, "G"),
    "goals:goal_people": on_goals(page),
    "goals:note_preview": action(EVERYONE),
    "goals:goal_edit": on_goals(form, change="change"),
    "goals:goal_move": on_goals(action, change="change"),
    "goals:goal_place": on_goals(action, change="change"),
    "goals:goal_activate": on_goals(action, change="change"),
    "goals:goal_close": on_goals(form, change="change"),
    "goals:goal_reopen": on_goals(action, change="change"),
    "goals:key_result_create": on_goals(form, change="change"),
    "goals:key_result_edit": of_goals("key_result", form, change="change"),
    "goals:key_result_delete": of_goals("key_result", form, change="change"),
    "goals:check_in_create": on_goals(form, change="check_in"),
    "goals:check_in_list": on_goals(page),
    "goals:check_in_edit": of_goals("check_in", form, change="author"),
    "goals:check_in_revisions": of_goals("check_in", page, change="see"),
    "goals:ask_answer": [Route("ask_of_lea", {"GET": Answer("L", "ADBM"), "POST": Answer("L", "ADBM")})],
    "goals:cycle_list": page(EVERYONE),
    "goals:cycle_create": form(ADMINS, "LBMG"),
    "goals:cycle_detail": page(MEMBERS, "", "cycle"),
    "goals:cycle_edit": form(ADMINS, "LBM", "cycle"),
    "goals:cycle_close": form(ADMINS, "LBM", "cycle"),
    "goals:cycle_reopen": action(ADMINS, "LBM", "cycle"),
    "goals:attention": page(EVERYONE),
    "goals:search": page(EVERYONE),
    "goals:goal_options": page(EVERYONE),
    # people and the workspace
    "workspaces:member_list": page(EVERYONE),
    "workspaces:member_detail": page(MEMBERS, "", "member"),
    "workspaces:member_edit": form("ADB", "LM", "member"),
    "workspaces:member_role": form("AD", "LBM", "member"),
    "workspaces:member_deactivate": form("AD", "LBM", "member"),
    "workspaces:member_reactivate": action("AD", "LBM", "member"),
    "workspaces:member_options": page(EVERYONE),
    "workspaces:team_list": page(EVERYONE),
    "workspaces:team_create": form("ADL", "BMG"),
    "workspaces:team_detail": page(MEMBERS, "", "team"),
    "workspaces:team_edit": form("ADL", "BM", "team"),
    "workspaces:team_members": form("ADL", "BM", "team"),
    "workspaces:team_archive": form("ADL", "BM", "team"),
    "workspaces:team_options": page(EVERYONE),
    "workspaces:invitation_list": page(ADMINS, "LBMG"),
    "workspaces:invitation_create": form(ADMINS, "LBMG"),
    "workspaces:invitation_revoke": action(ADMINS, "", "invitation"),
    "workspaces:invitation_resend": action(ADMINS, "", "invitation"),
    "workspaces:welcome": page(EVERYONE),
    "workspaces:workspace_settings": form(ADMINS, "LBMG"),
    "workspaces:value_list": page(MEMBERS + "G"),
    "workspaces:value_create": form(MEMBERS + "G"),
    "workspaces:value_edit": form(ADMINS, "LBM", "value"),
    "workspaces:value_delete": form(ADMINS, "LBM", "value"),
    "activity:audit_log": page(ADMINS, "LBMG"),
    # import and export
    "integrations:import_list": page(ADMINS, "LBMG"),
    "integrations:import_create": form(ADMINS, "LBMG"),
    "integrations:import_detail": page("A", "", "import_job"),
    "integrations:import_run": action("A", "", "import_job"),
    "integrations:import_cancel": action("A", "", "import_job"),
    "integrations:import_report_csv": page("A", "", "import_job"),
    "integrations:import_report_json": page("A", "", "import_job"),
    "integrations:goals_export": page(EVERYONE),
}

# Outside every workspace: open to visitors, or for whoever is signed in.
OPEN = {"invitation_accept", "health_live", "health_ready"}
SIGNED_IN = {"home", "workspace_create", "profile"}
# Pages of Django's admin and of allauth come with their own rules; tests/accounts walks them.
THIRD_PARTY = ("admin:", "account_", "mfa_", "usersessions_", "socialaccount_", "openid_connect_", "static")
