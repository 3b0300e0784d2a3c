"""Every example of the schema, for requests and answers, made from one list of words.

The example of an object is made of those of its fields: by `Component.field`, else by `field`, else by type. A text
that has no word here is a warning of the schema, so that a new field gets one.
"""

from typing import Any

from drf_spectacular.drainage import warn

from apps.core.problems import problem

GOAL, KEY_RESULT, CYCLE, TEAM, BOB, LEA, VALUE, CHECK_IN, WEBHOOK, DELIVERY, WORKSPACE, EXPORT, NOTICE, DUTY, SEAT = (
    f"0199d2a4-6c1e-7{number}00-8a51-3f0c9d1e5b7{number}" for number in "0123456789abcde"
)
ABSENCE, HANDOVER, REPORT, TASK, QUESTION = (
    f"0199d2a5-0b11-7{number}00-8a51-3f0c9d1e5b7{number}" for number in "01234"
)
LINK = "https://counterpoise.example.org/api/v1"

WORDS: dict[str, Any] = {
    "answer": "Yes, from Monday on two of us take the early shift.",
    "answered_at": None,
    "archived_at": None,
    "ask": "",
    "ask_to": None,
    "attempts": 1,
    "author": BOB,
    "author_name": "Bob Keller",
    "blockers": "",
    "carry": [GOAL],
    "after": KEY_RESULT,
    "before": None,
    "into": CYCLE,
    "missing": [],
    "score": 1.0,
    "closed_at": None,
    "check_in_due_on": "2026-03-11",
    "last_check_in_at": "2026-03-04T10:00:00Z",
    "confidence": "on_track",
    "created_at": "2026-01-07T09:12:44Z",
    "current_value": 240.0,
    "cycle": CYCLE,
    "decline_reason": "",
    "findings": ["no_accountable"],
    "offered_at": "2026-03-04T10:00:00Z",
    "offered_by": LEA,
    "responsibility": DUTY,
    "review_on": "2026-09-30",
    "delivered_at": "2026-03-04T10:00:02Z",
    "description": "",
    "due_on": "2026-03-31",
    "edited_at": None,
    "email": "bob.keller@example.org",
    "ends_on": "2026-03-31",
    "error": "",
    "events": ["goal.created", "goal.checked_in"],
    "external_id": "OKR-2026-17",
    "file_name": "harbour-clinics-2026-03-04.zip",
    "finished_at": "2026-03-04T10:00:31Z",
    "rows_done": 12840,
    "rows_known": 12840,
    "size": 1482113,
    "failing_since": None,
    "goal": GOAL,
    "hours_per_week": 6.0,
    "importance": 4,
    "is_active": True,
    "key_result": KEY_RESULT,
    "kind": "number",
    "labels": ["phones"],
    "leads": [LEA],
    "lesson": "",
    "made_at": "2026-03-04T10:00:00Z",
    "manager": LEA,
    "member": BOB,
    "members": [BOB, LEA],
    "name": "Spring 2026",
    "next": f"{LINK}/goals/?cursor=WzAsWyItY3JlYXRlZF9hdCJdXQ",
    "next_try_at": "2026-03-04T10:00:02Z",
    "note": "Two more people answer from eight to nine now.",
    "note_format": "markdown",
    "owner": BOB,
    "parent": None,
    "paused_at": None,
    "payload": {
        "type": "goal.checked_in",
        "timestamp": "2026-03-04T10:00:00Z",
        "data": {"object": "goal", "id": GOAL, "title": "Answer every call", "confidence": "on_track"},
    },
    "previous": None,
    "progress": 0.4,
    "progress_source": "key_results",
    "purpose": "Everything our patients touch before they see a doctor.",
    "rank": 1024,
    "reason": "People who do not get through go elsewhere, or not at all.",
    "readings": [{"key_result": KEY_RESULT, "value": 240.0}],
    "resource": "goals",
    "response": "",
    "role": "member",
    "scopes": ["goals:read", "goals:write"],
    "secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
    "slug": "harbour-clinics",
    "start_value": 360.0,
    "starts_on": "2026-01-01",
    "state": "delivered",
    "statement": "We say what we think to the face of those it is about.",
    "status": "active",
    "status_code": 204,
    "supporting_teams": [],
    "target_value": 60.0,
    "team": TEAM,
    "teams": [TEAM],
    "timezone": "Europe/Berlin",
    "title": "Answer every call within a minute",
    "type": "goal.checked_in",
    "unit": "seconds",
    "updated_at": "2026-03-04T10:00:00Z",
    "urgency": 3,
    "url": "https://hooks.example.org/counterpoise",
    "values": [VALUE],
    "visibility": "workspace",
    "webhook": WEBHOOK,
    "weekly_hours": 38.5,
    "weight": 1.0,
    "without_answers": "",
    "contributors": [{"member": LEA, "hours_per_week": 2.0}],
    "reason_html": "<p>People who do not get through go elsewhere, or not at all.</p>",
    "description_html": "",
    "purpose_html": "<p>Everything our patients touch before they see a doctor.</p>",
    "statement_html": "<p>We say what we think to the face of those it is about.</p>",
    "note_html": "<p>Two more people answer from eight to nine now.</p>",
    "blockers_html": "",
    "ask_html": "",
    "Absence.external_id": "",
    "Absence.id": ABSENCE,
    "BulkResult.id": GOAL,
    "BulkResult.outcome": "created",
    "BulkRow.fields": {"title": "Answer every call within a minute", "owner": {"external_id": "bob"}},
    "CheckIn.answer": "",
    "CheckIn.id": CHECK_IN,
    "CheckIn.external_id": "",
    "Cover.cover": LEA,
    "Cover.handover": HANDOVER,
    "Cover.status": "accepted",
    "Cycle.external_id": "2026-spring",
    "Cycle.id": CYCLE,
    "Cycle.status": "current",
    "Export.id": EXPORT,
    "Export.state": "done",
    "Goal.id": GOAL,
    "Goal.url": "",
    "DeclineHandover.reason": "I am away myself that week.",
    "Handover.absence": None,
    "Handover.begun_at": None,
    "Handover.decline_code": None,
    "Handover.decline_reason": "",
    "Handover.done_at": None,
    "Handover.ends_on": None,
    "Handover.external_id": "",
    "Handover.from_member": BOB,
    "Handover.id": HANDOVER,
    "Handover.kind": "handover",
    "Handover.notes": "The second desk opens at eight. Ask Lea about the rota.",
    "Handover.proposed_at": "2026-03-04T10:00:00Z",
    "Handover.proposed_by": BOB,
    "Handover.responsibility": None,
    "Handover.starts_on": "2026-03-09",
    "Handover.status": "proposed",
    "Handover.tasks": [],
    "Handover.to_member": LEA,
    "KeyResult.external_id": "OKR-2026-17-a",
    "KeyResult.id": KEY_RESULT,
    "KeyResult.title": "Seconds until somebody answers",
    "Lesson.lesson": "Ask the people at the desk first.",
    "Lesson.without_answers": "Lea is away, and the rota starts on Monday.",
    "Member.external_id": "bob",
    "Member.id": BOB,
    "Member.name": "Bob Keller",
    "Member.title": "Front desk",
    "MyWorkspace.id": WORKSPACE,
    "MyWorkspace.name": "Harbour Clinics",
    "Notice.about": "Answer every call within a minute",
    "Notice.action": "Check in",
    "Notice.done_at": None,
    "Notice.id": NOTICE,
    "Notice.kind": "check_in_due",
    "Notice.read_at": None,
    "Notice.subject": "Time to check in on “Answer every call within a minute”",
    "Notice.text": "The last check-in was on Wednesday 25 February.",
    "Notice.url": "https://counterpoise.example.org/w/harbour-clinics/inbox/",
    "ReadAll.count": 3,
    "Team.external_id": "front-desk",
    "Team.id": TEAM,
    "Team.name": "Front desk",
    "Load.member": BOB,
    "LoadPart.goal": GOAL,
    "LoadPart.hours": 6.0,
    "LoadPart.instead_of": None,
    "LoadPart.responsibility": None,
    "ReportedHours.goal": GOAL,
    "ReportedHours.hours": 6.5,
    "ReportedHours.id": REPORT,
    "ReportedHours.member": BOB,
    "ReportedHours.responsibility": None,
    "ReportedHours.week": "2026-03-02",
    "HoursLine.goal": GOAL,
    "HoursLine.hours": 6.5,
    "HoursLine.responsibility": None,
    "ReportedWeek.week": "2026-03-02",
    "WeekLoad.capacity": 38.0,
    "WeekLoad.days_away": 0,
    "WeekLoad.fit": "fits",
    "WeekLoad.promised": 36.0,
    "WeekLoad.week": "2026-03-02",
    "Consultation.answer": "",
    "Consultation.answer_by_on": "2026-03-09",
    "Consultation.asked_at": "2026-03-04T10:00:00Z",
    "Consultation.asked_by": BOB,
    "Consultation.ended_at": None,
    "Consultation.goal": None,
    "Consultation.id": QUESTION,
    "Consultation.member": LEA,
    "Consultation.question": "Is anything missing before the new rota goes out?",
    "Consultation.task": TASK,
    "Task.assignee": BOB,
    "Task.closed_by": None,
    "Task.created_by": LEA,
    "Task.external_id": "TASK-204",
    "Task.goal": None,
    "Task.helpers": [LEA],
    "Task.hours": 3.0,
    "Task.id": TASK,
    "Task.status": "open",
    "Task.teams": [],
    "Task.title": "Write the new rota",
    "TaskClose.without_answers": "Lea is away, and the rota starts on Monday.",
    "Assignment.external_id": "",
    "Assignment.goal": None,
    "Assignment.id": SEAT,
    "Assignment.note": "You know the doctors who call.",
    "Assignment.role": "responsible",
    "Assignment.status": "offered",
    "Assignment.team": None,
    "Decline.reason": "I hand the phones over in May.",
    "Responsibility.external_id": "phones",
    "Responsibility.id": DUTY,
    "Responsibility.title": "Phone desk",
    "Value.external_id": "",
    "Value.id": VALUE,
    "Value.member": None,
    "Value.name": "Plain words",
    "Webhook.external_id": "",
    "What.goal": GOAL,
    "What.responsibility": None,
    "Webhook.id": WEBHOOK,
    "WebhookDelivery.id": DELIVERY,
}
CHANGED = 2  # so many fields stand in the example of a change

DETAILS = {
    400: ("This field may not be blank.", [("title", "blank", "This field may not be blank.")]),
    401: ("This token is not valid, or no longer.", []),
    403: ("This token lacks the scope goals:write.", []),
    404: ("There is nothing here.", []),
    406: ("Could not satisfy the request Accept header.", []),
    409: ("Somebody else changed the same at this moment. Nothing was done; please try again.", []),
    412: ("The object has changed since you read it.", []),
    413: ("A request may be at most 10485760 bytes long.", []),
    415: ("Unsupported media type “text/plain” in request.", []),
    422: ("This Idempotency-Key was already used with another request.", []),
    429: ("Request was throttled. Expected available in 12 seconds.", []),
    503: ("The database cannot be reached just now. Please try again.", []),
}


class Examples:
    """Examples of the schemas of one document."""

    def __init__(self, schemas: dict[str, Any]) -> None:
        self.schemas = schemas
        self.made: dict[str, Any] = {}

    def named(self, schema: dict[str, Any], status: str = "") -> dict[str, Any]:
        """A reference to the example of a component, or of the problem of a status; `made` holds those referred to."""
        name = f"Problem{status}" if status else schema["$ref"].rpartition("/")[2]
        if name not in self.made:
            self.made[name] = {"value": self.problem(int(status)) if status else self.of(schema)}
        return {"example": {"$ref": f"#/components/examples/{name}"}}

    def of(self, schema: dict[str, Any], owner: str = "", field: str = "") -> object:
        """An example that fits the schema; `owner` and `field` say whose field it is of."""
        name = schema.get("$ref", "").rpartition("/")[2]
        is_object = "properties" in self.schemas.get(name, {})  # no word of a field's name alone stands for one
        for key in (f"{owner}.{field}", "" if is_object else field):
            if key in WORDS:
                return WORDS[key]
        if name:
            return self._of_component(name)
        for several in ("oneOf", "anyOf", "allOf"):
            if several in schema:
                return self.of(schema[several][0], owner, field)
        return self._of_type(schema, owner, field)

    def problem(self, status: int) -> dict[str, Any]:
        """The example of an error."""
        detail, errors = DETAILS[status]
        return problem(status, detail, [dict(zip(("field", "code", "message"), each, strict=True)) for each in errors])

    def _of_component(self, name: str) -> Any:
        schema = self.schemas[name]
        if "properties" not in schema:
            return self.of(schema)
        owner = name.removeprefix("Patched").removesuffix("Request")
        properties = schema["properties"]
        if name.startswith("Patched"):
            properties = dict(list(properties.items())[1 : 1 + CHANGED])
        return {key: self.of(each, owner, key) for key, each in properties.items() if not key.endswith("_html")}

    def _of_type(self, schema: dict[str, Any], owner: str, field: str) -> object:
        if "enum" in schema:
            return schema["enum"][0]
        kinds = schema.get("type", "object")
        match kinds if isinstance(kinds, str) else kinds[0]:
            case "array":
                return [self.of(schema["items"], owner, f"{field}[]")]
            case "object":
                return {}
            case "boolean":
                return False
            case _:
                warn(f"{owner}.{field} needs a word in apps/core/api_schema/examples.py")
                return schema.get("minimum", "")
