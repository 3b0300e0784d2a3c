"""The words of a report: what kinds of rows there are, and why something of one was not taken."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class RowKind(models.TextChoices):
    """What a row of a file speaks of."""

    FILE = "file", _("The file")
    PEOPLE = "people", _("People")
    TEAMS = "teams", _("Teams")
    CYCLES = "cycles", _("Cycles")
    GOALS = "goals", _("Goals")
    CHECK_INS = "check_ins", _("Check-ins")
    RESPONSIBILITIES = "responsibilities", _("Responsibilities")
    TASKS = "tasks", _("Tasks")
    ASSIGNMENTS = "assignments", _("Assignments")


class Reason(models.TextChoices):
    """Why something of a row was not taken, or was taken otherwise than it stands in the file."""

    # the row itself
    NOT_A_ROW = "not_a_row", _("This is not a row with named fields. Left out.")
    KEY_MISSING = "key_missing", _("There is no key to identify this row by. Left out.")
    KEY_TWICE = "key_twice", _("This key is in the file twice. The first row counts, this one is left out.")
    KEY_LONG = "key_long", _("The key is longer than 255 characters. A shortened form of it is kept.")
    SAME_PERSON = "same_person", _("Another row has the same address. Both are taken as one person.")
    LEFT_OUT = "left_out", _("This row was left out: what it refers to cannot be changed by this import.")
    NOT_YOURS = "not_yours", _("You may not change this person.")
    ASSIGNMENT_INCOMPLETE = (
        "assignment_incomplete",
        _("An assignment needs a role, somebody who has it, and what it is for. Left out."),
    )
    # a value
    WRONG_TYPE = "wrong_type", _("This value is not of the kind that belongs here. Left empty.")
    FIELD_TWICE = "field_twice", _("This field is in one row twice. The last one counts.")
    FIELD_UNKNOWN = "field_unknown", _("This field is not known. Left out.")
    BAD_CHARACTERS = "bad_characters", _("Characters that cannot be stored were removed or replaced.")
    SHORTENED = "shortened", _("The text was too long and is kept shortened.")
    TITLE_LONG = "title_long", _("The title was too long: shortened, and kept whole in the description.")
    NAME_MISSING = "name_missing", _("There is no name. The key is shown instead.")
    BAD_DATE = "bad_date", _("There is no such date, or it is not complete. Left empty.")
    BAD_ADDRESS = "bad_address", _("This is not an e-mail address. Left empty.")
    ADDRESS_TAKEN = "address_taken", _("Somebody else here has this address. Left as it is.")
    BAD_LINK = "bad_link", _("This is not a link that begins with http. Left empty.")
    BAD_NUMBER = "bad_number", _("This is not a whole number from 1 to 5. Left empty.")
    BAD_PROGRESS = "bad_progress", _("This is not clearly a share of the way. Kept as text.")
    NO_CHECK_IN = "no_check_in", _("There is no check-in to hold this progress. Kept as text.")
    STATUS_UNKNOWN = "status_unknown", _("This status is not in the list of known ones. Kept as text, not guessed.")
    ROLE_UNKNOWN = "role_unknown", _("This is not one of responsible, accountable, consulted and informed.")
    DATE_MISSING = "date_missing", _("A check-in needs a date. Not imported.")
    IN_FUTURE = "in_future", _("A check-in cannot be in the future. Not imported.")
    FORMAT_UNKNOWN = "format_unknown", _("This text format is not known. Treated as Markdown.")
    VISIBILITY_UNKNOWN = "visibility_unknown", _("It is not clear who may know of this goal. Left out.")
    # references
    NO_PERSON = "no_person", _("There is no such person. Left empty.")
    NO_TEAM = "no_team", _("There is no such team. Left empty.")
    NO_CYCLE = "no_cycle", _("There is no such cycle. Left empty.")
    NO_GOAL = "no_goal", _("There is no such goal. Left empty.")
    AMBIGUOUS = "ambiguous", _("Several could be meant. Left empty.")
    OTHER_CASE = "other_case", _("Written in a different case from its key; treated as the same.")
    CIRCLE = "circle", _("This would make a loop. Left as it was.")
    TOO_DEEP = "too_deep", _("The tree would be more than ten levels deep. Left as it was.")
    # our rules
    PERSON_LEFT = "person_left", _("This person was deactivated. Left empty.")
    GUEST_CANNOT_LEAD = "guest_cannot_lead", _("A guest cannot lead a team. Left out.")
    CYCLE_CLOSED = "cycle_closed", _("This cycle is closed. Left as it was.")
    ENDS_BEFORE_START = "ends_before_start", _("The end is before the start. The end is left empty.")
    TEAM_GOAL_WITHOUT_TEAM = "team_goal_without_team", _("A goal for a team only must name the team. Left out.")
    PRIVATE_IS_THE_OWNERS = (
        "private_is_the_owners",
        _("Only its owner can make a goal private, or stop it being so. Left out."),
    )
    NO_DRAFT_WITH_CHECK_INS = (
        "no_draft_with_check_ins",
        _("A goal with check-ins cannot be a draft. Imported as active."),
    )
    CLOSED_AS_HISTORY = (
        "closed_as_history",
        _("This goal was closed before it came here. It is taken as history: nobody was asked."),
    )
    NEEDS_LESSON = (
        "needs_lesson",
        _("A goal is closed with what was learned. Left as it was: close it here, or add a column “lesson”."),
    )
    WAITS_FOR_ANSWERS = (
        "waits_for_answers",
        _("People are to be consulted before this goal is closed. Left as it was: ask them on its page."),
    )
    # what people did since
    KEPT_BY_HAND = "kept_by_hand", _("Somebody changed this here. Their version stays.")
    KEPT_OWN_ACCOUNT = "kept_own_account", _("This person has an account. Name and address are theirs.")
    # the report
    ENCODING_ASSUMED = "encoding_assumed", _("The file is not UTF-8. It was read as Western European (Windows-1252).")
