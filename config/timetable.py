"""What beat starts, how often, and in which queue it waits for a worker."""

from dataclasses import dataclass

MAIL, SWEEPS, IMPORTS, WEBHOOKS = QUEUES = ("mail", "sweeps", "imports", "webhooks")
"""Kinds of work that never wait for each other. An import or an export may take minutes, so workers of its own take
it; what leaves for others' servers waits for these; and sweeps are what tells people in time."""


@dataclass(frozen=True)
class Job:
    """A task that beat starts every so many seconds.

    One that no worker took up before the next is due is dropped: after an hour without workers one sweep of a kind
    waits, not hundreds.
    """

    name: str
    seconds: int
    queue: str
    task: str
    args: tuple[str, ...] = ()


HOUR = 3_600

JOBS_OF_APPS = (
    Job("sweep-check-in-reminders", 60, SWEEPS, "apps.goals.tasks.sweep_check_in_reminders"),
    Job("tell-of-goals-due", 900, SWEEPS, "apps.goals.tasks.tell_of_goals_due"),
    Job("sweep-handovers", 300, SWEEPS, "apps.handovers.tasks.sweep_handovers"),
    Job("tell-of-covers", 900, SWEEPS, "apps.handovers.tasks.tell_of_covers"),
    Job("tell-of-tasks-due", 900, SWEEPS, "apps.tasks.tasks.tell_of_tasks_due"),
    Job("tell-of-reviews-due", 900, SWEEPS, "apps.responsibilities.tasks.tell_of_reviews_due"),
    Job("sweep-notice-mails", 30, SWEEPS, "apps.notifications.tasks.sweep_notice_mails"),
    Job("sweep-repeats", 300, SWEEPS, "apps.notifications.tasks.sweep_repeats"),
    Job("sweep-digests", 60, SWEEPS, "apps.routines.tasks.sweep_digests"),
    Job("make-delivery-schedules", 60, SWEEPS, "apps.notifications.tasks.make_delivery_schedules"),
    Job("send-deliveries", 15, MAIL, "apps.notifications.tasks.send_deliveries"),
    Job("send-account-mails", 15, MAIL, "apps.notifications.tasks.send_account_mails"),
    Job("send-chats", 15, WEBHOOKS, "apps.notifications.tasks.send_chats"),
    Job("run-imports", 10, IMPORTS, "apps.integrations.tasks.run_imports"),
    Job("run-exports", 10, IMPORTS, "apps.integrations.tasks.run_exports"),
    Job("send-webhooks", 5, WEBHOOKS, "apps.integrations.tasks.send_webhooks"),
    Job("forget-idempotency-keys", HOUR, SWEEPS, "apps.integrations.tasks.forget_idempotency_keys"),
    Job("forget-old-webhook-messages", HOUR, SWEEPS, "apps.integrations.tasks.forget_old_webhook_messages"),
    Job("forget-old-messages", HOUR, SWEEPS, "apps.notifications.tasks.forget_old_messages"),
    Job("forget-old-sessions", HOUR, SWEEPS, "apps.accounts.tasks.forget_old_sessions"),
)
# A sign of life from each queue, and after how many seconds without one `/health/ready` calls it silent: an import may
# have the only process of its queue for half an hour.
HEARTBEAT = "apps.core.tasks.note_heartbeat"
SILENT_AFTER = {"beat": 120, MAIL: 180, SWEEPS: 180, IMPORTS: 2_100, WEBHOOKS: 180}
JOBS = (*JOBS_OF_APPS, *(Job(f"heartbeat-of-{queue}", 30, queue, HEARTBEAT, (queue,)) for queue in QUEUES))
TIMETABLE: dict[str, dict[str, object]] = {
    job.name: {
        "task": job.task,
        "schedule": float(job.seconds),
        "args": job.args,
        "options": {"expires": job.seconds, "queue": job.queue},
    }
    for job in JOBS
}
ROUTES = {job.task: {"queue": job.queue} for job in JOBS}
