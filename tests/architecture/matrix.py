"""The access matrix: every route, method and person → what they get. An address that is not in here fails the build.

People, one letter each: A alice (owner), D adam (admin), L lea (lead of Product), B bob (in Product, owner of the
goals), M mo (in Care; contributor of the private goal), G gus (guest). Always the same and therefore not written: eve
(owner of another workspace) and dan (deactivated) get 404 inside the workspace, visitors are sent to sign in.

`lets_in` are those who get the page or the action (200, a redirect within, or 4xx for an empty form), `forbids` get
403, everyone else 404. A method that is not named answers 405 to whoever may come as far as that, and 404 or 403 to
the rest.
"""

from dataclasses import dataclass, field

EVERYONE = "ADLBMG"
MEMBERS = "ADLBM"
ADMINS = "AD"


@dataclass(frozen=True)
class Admission:
    """Who is let in and who is told no; the rest learn nothing."""

    lets_in: str = ""
    forbids: str = ""


@dataclass(frozen=True)
class Route:
    """One address with what stands in it, and its methods."""

    subject: str = ""
    methods: dict[str, Admission] = field(default_factory=dict)


def page(lets_in: str, forbids: str = "", subject: str = "") -> list[Route]:
    """An address that is only read."""
    return [Route(subject, {"GET": Admission(lets_in, forbids)})]


def form(lets_in: str, forbids: str = "", subject: str = "") -> list[Route]:
    """An address with a form: shown and sent by the same people."""
    answer = Admission(lets_in, forbids)
    return [Route(subject, {"GET": answer, "POST": answer})]


def action(lets_in: str, forbids: str = "", subject: str = "") -> list[Route]:
    """An address that only takes POST."""
    return [Route(subject, {"POST": Admission(lets_in, forbids)})]


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
    "goals:ask_answer": [Route("ask_of_lea", {"GET": Admission("L", "ADBM"), "POST": Admission("L", "ADBM")})],
    "goals:cycle_list": page(EVERYONE),
    "goals:cycle_create": form(ADMINS, "LBMG"),
    "goals:cycle_detail": page(MEMBERS, "", "cycle"),
    "goals:cycle_edit": form(ADMINS, "LBM", "cycle"),
    "goals:cycle_close": form(ADMINS, "LBM", "cycle"),
    "goals:cycle_reopen": action(ADMINS, "LBM", "cycle"),
    "goals:attention": page(EVERYONE),
    "goals:search": page(EVERYONE),
    "goals:goal_options": page(EVERYONE),
    # who holds what: a responsibility of Product, which bob is asked to do
    "responsibilities:responsibility_matrix": page(EVERYONE),
    "responsibilities:responsibility_create": form(MEMBERS, "G"),
    "responsibilities:responsibility_options": page(EVERYONE),
    "responsibilities:holder_list": page(EVERYONE),
    "responsibilities:holder_detail": page(MEMBERS, "", "member"),
    "responsibilities:responsibility_detail": page(MEMBERS, "", "responsibility"),
    "responsibilities:responsibility_history": page(MEMBERS, "", "responsibility"),
    "responsibilities:responsibility_edit": form("ADL", "BM", "responsibility"),
    "responsibilities:responsibility_archive": action("ADL", "BM", "responsibility"),
    "responsibilities:responsibility_restore": action("ADL", "BM", "responsibility"),
    "responsibilities:responsibility_offer": form("ADL", "BM", "responsibility"),
    "responsibilities:responsibility_cell": form("ADL", "BM", "responsibility"),
    "responsibilities:goal_offer": on_goals(form, change="change"),
    "responsibilities:goal_cell": on_goals(form, change="change"),
    "responsibilities:assignment_edit": form("ADLB", "M", "assignment"),
    "responsibilities:assignment_accept": action("B", "ADLM", "assignment"),
    "responsibilities:assignment_decline": form("B", "ADLM", "assignment"),
    "responsibilities:assignment_withdraw": form("ADL", "BM", "assignment"),
    # tasks, and hearing those consulted before something is closed
    "tasks:task_list": page(EVERYONE),
    "tasks:task_create": form(MEMBERS, "G"),
    "tasks:quick_add_preview": page(MEMBERS, "G"),
    "tasks:task_detail": [*of_goals("task", page, change="see"), *page(MEMBERS, "", "task_of_duty")],
    "tasks:task_edit": [*of_goals("task", form, change="change"), *form("ADB", "LM", "task_of_duty")],
    "tasks:task_move": [*of_goals("task", action, change="change"), *action("ADB", "LM", "task_of_duty")],
    "tasks:task_hand_back": [
        *of_goals("task", action, change="change"),
        *action("ADB", "LM", "task_of_duty"),
    ],
    "tasks:task_place": [*of_goals("task", action, change="change"), *action("AD", "LBM", "task_of_duty")],
    "tasks:task_delete": [*of_goals("task", form, change="change"), *form("AD", "LBM", "task_of_duty")],
    "tasks:task_consult": [*of_goals("task", form, change="change"), *form("ADB", "LM", "task_of_duty")],
    "tasks:goal_consult": on_goals(form, change="change"),
    "tasks:consultation_answer": [Route("consultation", {"GET": Admission("ADLBM"), "POST": Admission("L", "ADBM")})],
    # who promised how many hours, and how many it were
    "capacity:load_list": page(EVERYONE),
    "capacity:load_detail": page(MEMBERS, "", "member"),
    "capacity:load_preview": page(MEMBERS, "G"),
    "capacity:hours_now": page(EVERYONE),
    "capacity:hours_week": form(EVERYONE, "", "week"),
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
    "workspaces:welcome": form(EVERYONE),
    "workspaces:workspace_settings": form(ADMINS, "LBMG"),
    "workspaces:value_list": page(MEMBERS + "G"),
    "workspaces:value_create": form(MEMBERS + "G"),
    "workspaces:value_edit": form(ADMINS, "LBM", "value"),
    "workspaces:value_delete": form(ADMINS, "LBM", "value"),
    "activity:audit_log": page(ADMINS, "LBMG"),
    # what one is told of: one's own and nobody else's
    "notifications:notice_list": page(EVERYONE),
    "notifications:notices_read": action(EVERYONE),
    "notifications:preference_edit": form(EVERYONE),
    "notifications:own_mail_again": action(EVERYONE),
    "notifications:notice_open": page("B", "", "notice"),
    "notifications:notice_read": action("B", "", "notice"),
    "notifications:notice_unread": action("B", "", "notice"),
    "notifications:notice_put_away": action("B", "", "notice"),
    "notifications:notice_act": action("B", "", "notice"),
    "routines:digest_preview": page(EVERYONE),
    "routines:digest_preview_html": page(EVERYONE),
    "notifications:chat_edit": form(EVERYONE),
    "notifications:chat_test": action(EVERYONE),
    "notifications:chat_delete": action(EVERYONE),
    "notifications:workspace_chat_edit": form(ADMINS, "LBMG"),
    "notifications:workspace_chat_test": action(ADMINS, "LBMG"),
    "notifications:workspace_chat_delete": action(ADMINS, "LBMG"),
    "notifications:mail_health": page(ADMINS, "LBMG"),
    "notifications:mail_test": action(ADMINS, "LBMG"),
    "notifications:mail_retry": action(ADMINS, "", "failed_mail"),
    "notifications:address_mail_again": action(ADMINS, "B", "faulty_address"),
    # handing over and covering: lea is asked to take over, and to cover for bob
    "handovers:handover_list": page(EVERYONE),
    "handovers:handover_create": form(EVERYONE),
    "handovers:handover_detail": page(MEMBERS, "", "handover"),
    "handovers:handover_accept": action("L", "ADBM", "handover"),
    "handovers:handover_decline": form("L", "ADBM", "handover"),
    "handovers:handover_withdraw": action("ADLB", "M", "handover"),
    "handovers:absence_list": page(EVERYONE),
    "handovers:absence_create": form(EVERYONE),
    "handovers:absence_cover": [Route("absence", {"GET": Admission(MEMBERS), "POST": Admission("ADLB", "M")})],
    "handovers:absence_edit": form("ADLB", "M", "absence"),
    "handovers:absence_delete": form("ADLB", "M", "absence"),
    "handovers:absence_end": action("ADLB", "M", "absence"),
    "handovers:absence_catch_up": page("B", "ADLM", "absence"),
    # import and export
    "integrations:import_list": page(ADMINS, "LBMG"),
    "integrations:import_create": form(ADMINS, "LBMG"),
    "integrations:import_detail": page("A", "", "import_job"),
    "integrations:import_run": action("A", "", "import_job"),
    "integrations:import_cancel": action("A", "", "import_job"),
    "integrations:import_report_csv": page("A", "", "import_job"),
    "integrations:import_report_json": page("A", "", "import_job"),
    "integrations:goals_export": page(EVERYONE),
    "integrations:matrix_export": page(EVERYONE),
    # for programs: one's own and nobody else's
    "integrations:token_list": page(EVERYONE),
    "integrations:token_create": form(EVERYONE),
    "integrations:token_revoke": form("B", "", "token"),
    "integrations:export_list": page(EVERYONE),
    "integrations:export_create": action(EVERYONE),
    "integrations:export_detail": page("B", "", "export"),
    "integrations:export_download": page("B", "", "export"),
    "integrations:export_cancel": action("B", "", "export"),
    "integrations:export_delete": form("B", "", "export"),
    "integrations:webhook_list": page(MEMBERS, "G"),
    "integrations:webhook_create": form(MEMBERS, "G"),
    "integrations:webhook_detail": page("B", "", "webhook"),
    "integrations:webhook_edit": form("B", "", "webhook"),
    "integrations:webhook_delete": form("B", "", "webhook"),
    "integrations:webhook_redeliver": action("B", "", "webhook_message"),
}


def rows(read: str, *, create: Admission | None = None) -> list[Route]:
    """A list of the API, which everyone may ask: it holds what they see."""
    return [Route("", {"GET": Admission(read)} | ({"POST": create} if create else {}))]


def row(read: str, *, subject: str, change: Admission | None = None, delete: Admission | None = None) -> list[Route]:
    """One row of the API."""
    methods = {"GET": Admission(read)} | ({"PATCH": change} if change else {}) | ({"DELETE": delete} if delete else {})
    return [Route(subject, methods)]


def goal_rows(*, change: str, delete: bool = False, prefix: str = "") -> list[Route]:
    """One row of the API for each of the three kinds of goal, or for what hangs on them."""
    found = []
    for see, may in zip(on_goals(page), on_goals(page, change=change), strict=True):
        answer = may.methods["GET"]
        methods = {"GET": see.methods["GET"], "PATCH": answer} | ({"DELETE": answer} if delete else {})
        found.append(Route(prefix + see.subject, methods))
    return found


API_MATRIX: dict[str, list[Route]] = {
    "api-me": rows(EVERYONE),
    "api-bulk": [Route("", {"POST": Admission(EVERYONE)})],
    "api-members": rows(EVERYONE, create=Admission(EVERYONE)),
    "api-members-row": row(MEMBERS, subject="member", change=Admission("ADB", "LM")),
    "api-members-by-external-id": [Route("external", {"PUT": Admission(EVERYONE)})],
    "api-teams": rows(EVERYONE, create=Admission(EVERYONE)),
    "api-teams-row": row(MEMBERS, subject="team", change=Admission("ADL", "BM")),
    "api-teams-by-external-id": [Route("external", {"PUT": Admission(EVERYONE)})],
    "api-values": rows(EVERYONE, create=Admission(EVERYONE)),
    "api-values-row": row(MEMBERS, subject="value", change=Admission(ADMINS, "LBM"), delete=Admission(ADMINS, "LBM")),
    "api-values-by-external-id": [Route("external", {"PUT": Admission(EVERYONE)})],
    "api-cycles": rows(EVERYONE, create=Admission(EVERYONE)),
    "api-cycles-row": row(MEMBERS, subject="cycle", change=Admission(ADMINS, "LBM")),
    "api-cycles-by-external-id": [Route("external", {"PUT": Admission(EVERYONE)})],
    "api-cycles-close": [Route("cycle", {"POST": Admission(ADMINS, "LBM")})],
    "api-cycles-reopen": [Route("cycle", {"POST": Admission(ADMINS, "LBM")})],
    "api-goals": rows(EVERYONE, create=Admission(EVERYONE)),
    "api-goals-row": goal_rows(change="change"),
    "api-goals-by-external-id": [Route("external", {"PUT": Admission(EVERYONE)})],
    **{
        f"api-goals-{name}": on_goals(action, change=may)
        for name, may in {
            "activate": "change", "reopen": "change",
            "achieve": "change", "miss": "change", "drop": "change", "move": "change",
        }.items()
    },
    "api-key-results": rows(EVERYONE, create=Admission(EVERYONE)),
    "api-key-results-row": goal_rows(change="change", delete=True, prefix="key_result_of_"),
    "api-key-results-by-external-id": [Route("external", {"PUT": Admission(EVERYONE)})],
    "api-check-ins": rows(EVERYONE, create=Admission(EVERYONE)),
    "api-check-ins-row": goal_rows(change="author", prefix="check_in_of_"),
    "api-check-ins-by-external-id": [Route("external", {"PUT": Admission(EVERYONE)})],
    "api-check-ins-answer": [Route("ask_of_lea", {"POST": Admission("L", "ADBM")})],
    "api-responsibilities": rows(EVERYONE, create=Admission(EVERYONE)),
    "api-responsibilities-row": row(MEMBERS, subject="responsibility", change=Admission("ADL", "BM")),
    "api-responsibilities-by-external-id": [Route("external", {"PUT": Admission(EVERYONE)})],
    "api-responsibilities-archive": [Route("responsibility", {"POST": Admission("ADL", "BM")})],
    "api-responsibilities-restore": [Route("responsibility", {"POST": Admission("ADL", "BM")})],
    "api-assignments": rows(EVERYONE, create=Admission(EVERYONE)),
    "api-assignments-row": row(
        MEMBERS, subject="assignment", change=Admission("ADLB", "M"), delete=Admission("ADL", "BM")
    ),
    "api-assignments-by-external-id": [Route("external", {"PUT": Admission(EVERYONE)})],
    "api-assignments-accept": [Route("assignment", {"POST": Admission("B", "ADLM")})],
    "api-assignments-decline": [Route("assignment", {"POST": Admission("B", "ADLM")})],
    "api-absences": rows(EVERYONE, create=Admission(EVERYONE)),
    "api-absences-row": row(MEMBERS, subject="absence", change=Admission("ADLB", "M"), delete=Admission("ADLB", "M")),
    "api-absences-by-external-id": [Route("external", {"PUT": Admission(EVERYONE)})],
    "api-handovers": rows(EVERYONE, create=Admission(EVERYONE)),
    "api-handovers-row": row(MEMBERS, subject="handover", change=Admission("ADLB", "M")),
    "api-handovers-by-external-id": [Route("external", {"PUT": Admission(EVERYONE)})],
    "api-handovers-accept": [Route("handover", {"POST": Admission("L", "ADBM")})],
    "api-handovers-decline": [Route("handover", {"POST": Admission("L", "ADBM")})],
    "api-handovers-withdraw": [Route("handover", {"POST": Admission("ADLB", "M")})],
    "api-tasks": rows(EVERYONE, create=Admission(EVERYONE)),
    "api-tasks-row": goal_rows(change="change", delete=True, prefix="task_of_"),
    "api-tasks-by-external-id": [Route("external", {"PUT": Admission(EVERYONE)})],
    **{f"api-tasks-{name}": of_goals("task", action, change="change") for name in ("complete", "drop", "reopen")},
    "api-consultations": rows(EVERYONE),
    "api-consultations-row": row(MEMBERS, subject="consultation"),
    "api-consultations-answer": [Route("consultation", {"POST": Admission("L", "ADBM")})],
    "api-insights-load": rows(EVERYONE),
    "api-reported-hours": rows(EVERYONE),
    "api-reported-hours-by-week": [Route("week", {"GET": Admission(EVERYONE), "PUT": Admission(EVERYONE)})],
    "api-reported-hours-row": row("ADLB", subject="reported_hours"),
    "api-inbox": rows(EVERYONE),
    "api-inbox-row": row("B", subject="done_notice"),
    "api-inbox-read-all": [Route("", {"POST": Admission(EVERYONE)})],
    **{
        f"api-inbox-{name}": [Route("done_notice", {"POST": Admission("B")})]
        for name in ("read", "unread", "done", "act")
    },
    "api-exports": rows(EVERYONE, create=Admission(EVERYONE)),
    "api-exports-row": row("B", subject="export", delete=Admission("B")),
    "api-exports-cancel": [Route("export", {"POST": Admission("B")})],
    "api-exports-download": [Route("export", {"GET": Admission("B")})],
    "api-webhooks": rows(EVERYONE, create=Admission(EVERYONE)),
    "api-webhooks-row": row("B", subject="webhook", change=Admission("B"), delete=Admission("B")),
    "api-webhooks-by-external-id": [Route("external", {"PUT": Admission(EVERYONE)})],
    "api-webhooks-deliveries": [Route("webhook", {"GET": Admission("B")})],
    "api-webhooks-deliveries-row": [Route("webhook+webhook_message", {"GET": Admission("B")})],
    "api-webhooks-deliveries-redeliver": [Route("webhook+webhook_message", {"POST": Admission("B")})],
}  # fmt: skip
API_BODIES = {
    "api-assignments-decline": {"reason": "No time this spring."},
    **{f"api-goals-{name}": {"lesson": "Ask earlier."} for name in ("achieve", "miss", "drop")},
    "api-check-ins-answer": {"answer": "Yes."},
    "api-handovers-decline": {"reason": "No time."},
    "api-consultations-answer": {"answer": "Not yet."},
}
API_OPEN = {"api-schema", "api-docs"}

# Outside every workspace: open to visitors, or for whoever is signed in.
OPEN = {"invitation_accept", "health_live", "health_ready", "mail_links:mail_act", "mail_links:mail_stop"}
SIGNED_IN = {"home", "workspace_create", "profile"}
# Pages of Django's admin and of allauth come with their own rules; tests/accounts walks them.
THIRD_PARTY = ("admin:", "account_", "mfa_", "usersessions_", "socialaccount_", "openid_connect_", "static")
