"""A workspace of any size, by COPY, in the state that the services would have kept it in."""

from datetime import date

from psycopg import sql

from apps.workspaces.models import Cadence, monday_to_friday
from benchmarks.generate_loading import Writer, connect, run, without_constraints
from benchmarks.generate_rows import COLUMNS, RowWriter
from benchmarks.size import WorkspaceSize

LEVELS = 12

# Each of the following says as SQL over all rows what a service says of one: the function stands beside it.
READINGS = """
-- goals.services.checkins: _take_over_readings
UPDATE goals_keyresult k SET current_value = last.value,
    progress = LEAST(1, GREATEST(0, ((last.value - k.start_value) / (k.target_value - k.start_value))::float8))
FROM (
    SELECT DISTINCT ON (r.key_result_id) r.key_result_id, r.value
    FROM goals_reading r JOIN goals_checkin c ON c.id = r.check_in_id
    ORDER BY r.key_result_id, c.made_at DESC, c.id DESC
) last WHERE last.key_result_id = k.id
"""
WORDS = """
-- goals.services.checkins: _take_over_last_words
CREATE TEMPORARY TABLE words AS
WITH last AS (
    SELECT goal_id, max(made_at) AS last_at,
        (array_agg(confidence ORDER BY made_at DESC, id DESC) FILTER (WHERE confidence IS NOT NULL))[1] AS confidence,
        (array_agg(progress ORDER BY made_at DESC, id DESC) FILTER (WHERE progress IS NOT NULL))[1] AS said
    FROM goals_checkin GROUP BY goal_id
), other AS (
    SELECT l.goal_id, max(c.made_at) AS at FROM last l
    JOIN goals_checkin c ON c.goal_id = l.goal_id AND c.confidence <> l.confidence
    GROUP BY l.goal_id
), run AS (
    SELECT l.goal_id, min(c.made_at) AS since FROM last l
    JOIN goals_checkin c ON c.goal_id = l.goal_id AND c.confidence = l.confidence
    LEFT JOIN other o ON o.goal_id = l.goal_id WHERE o.at IS NULL OR c.made_at >= o.at
    GROUP BY l.goal_id
)
SELECT l.*, r.since FROM last l LEFT JOIN run r USING (goal_id)
"""
MEASURED = """
-- goals.services.progress: measure, without the goals beneath
CREATE TEMPORARY TABLE measured AS
WITH RECURSIVE down AS (
    SELECT id, 0 AS level FROM goals_goal WHERE parent_id IS NULL
    UNION ALL SELECT g.id, level + 1 FROM down JOIN goals_goal g ON g.parent_id = down.id
), results AS (
    SELECT goal_id, sum(progress * weight::float8) / sum(weight::float8) AS mean FROM goals_keyresult GROUP BY goal_id
)
SELECT g.id, g.parent_id, g.team_id, g.visibility, g.status, d.level, r.mean IS NOT NULL AS has_results,
    LEAST(1, COALESCE(r.mean, w.said, 0))::float8 AS progress,
    CASE WHEN r.mean IS NOT NULL THEN 'key_results' WHEN w.said IS NOT NULL THEN 'check_in' ELSE 'none' END AS source
FROM goals_goal g JOIN down d USING (id) LEFT JOIN results r ON r.goal_id = g.id LEFT JOIN words w ON w.goal_id = g.id
"""
ROLL_UP = """
-- goals.services.progress: _mean_of_children, for the goals of one level; goals.access: rolls_up
UPDATE measured p SET progress = LEAST(1, beneath.mean), source = 'children'
FROM (
    SELECT c.parent_id, avg(c.progress) AS mean FROM measured c JOIN measured up ON up.id = c.parent_id
    WHERE c.level = %s + 1 AND c.status NOT IN ('draft', 'dropped')
        AND (c.visibility = 'workspace'
            OR (c.visibility = 'team' AND up.visibility = 'team' AND c.team_id = up.team_id))
    GROUP BY c.parent_id HAVING bool_or(c.source <> 'none')
) beneath
WHERE beneath.parent_id = p.id AND NOT p.has_results AND p.level = %s
"""
GOALS = """
-- goals.services.dates: set_check_in_dates; reminders up to the day have been sent
UPDATE goals_goal g SET progress = m.progress, progress_source = m.source, confidence = w.confidence,
    confidence_since = (timezone('Europe/Berlin', w.since))::date, last_check_in_at = w.last_at,
    check_in_due_on = due.day, remind_on = CASE WHEN remind.day >= {day} THEN remind.day END
FROM measured m LEFT JOIN words w ON w.goal_id = m.id,
LATERAL (
    SELECT CASE WHEN x.status = 'active'
        THEN (timezone('Europe/Berlin', GREATEST(w.last_at, x.activated_at)))::date + {cadence} END AS day
    FROM goals_goal x WHERE x.id = m.id
) due,
LATERAL (SELECT due.day + (ARRAY[0, 0, 0, 0, 0, 2, 1])[EXTRACT(ISODOW FROM due.day)::integer] AS day) remind
WHERE g.id = m.id
"""


def generate(address: str, size: WorkspaceSize, *, day: date) -> dict[str, int]:
    """Fill a migrated, empty database; its history ends where `day` begins. How many rows each table got.

    Every constraint is checked by PostgreSQL after loading; psycopg's IntegrityError where a row breaks one.
    """
    at = f"{day} 00:00:00+00"
    with without_constraints(address, {model._meta.db_table for model in COLUMNS}):
        writers = {model: Writer(address, model, columns, at=at) for model, columns in COLUMNS.items()}
        RowWriter(writers, size, day=day).everything()
        for writer in writers.values():
            writer.close()
        _settle(address, day)
    run(address, ["VACUUM (ANALYZE)"])
    return {model._meta.db_table: writer.count for model, writer in writers.items()}


def _settle(address: str, day: date) -> None:
    """Progress, confidence and dates, as the services keep them, in a few statements over all rows."""
    if monday_to_friday() != [1, 2, 3, 4, 5]:
        raise RuntimeError("The statement GOALS reckons with a week from Monday to Friday.")
    with connect(address) as connection:
        connection.execute("ANALYZE")
        for statement in (READINGS, WORDS, MEASURED):
            connection.execute(statement)
        connection.execute("CREATE INDEX ON measured (level); CREATE INDEX ON measured (id)")
        connection.execute("ANALYZE words; ANALYZE measured")
        for level in reversed(range(LEVELS)):
            connection.execute(ROLL_UP, (level, level))
        connection.execute(sql.SQL(GOALS).format(day=sql.Literal(day), cadence=sql.Literal(int(Cadence.WEEKLY))))
        connection.execute("VACUUM FULL goals_goal, goals_keyresult")  # each row was written twice
