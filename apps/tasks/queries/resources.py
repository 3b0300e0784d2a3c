"""What the API's rows of tasks hold beside their own columns, each as one expression of the database."""

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef

from apps.tasks.models import TaskHelper, TaskTeam


def task_columns() -> dict[str, object]:
    """Who else is on it, and which teams are asked."""
    helpers = TaskHelper.objects.filter(task=OuterRef("pk")).order_by("member_id")
    teams = TaskTeam.objects.filter(task=OuterRef("pk")).order_by("team_id")
    return {
        "seen_helpers": ArraySubquery(helpers.values("member_id")),
        "seen_teams": ArraySubquery(teams.values("team_id")),
    }
