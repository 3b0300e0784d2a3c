"""What beat starts, and how often."""


def every(seconds: int, task: str) -> dict[str, object]:
    """An entry of beat's timetable.

    A task that no worker took up before the next one is due is dropped: after an hour without workers one sweep of a
    kind waits, not hundreds.
    """
    return {"task": task, "schedule": float(seconds), "options": {"expires": seconds}}


HOUR = 3_600

TIMETABLE: dict[str, dict[str, object]] = {
    "sweep-check-in-reminders": every(60, "apps.goals.tasks.sweep_check_in_reminders"),
    "tell-of-goals-due": every(900, "apps.goals.tasks.tell_of_goals_due"),
    "sweep-handovers": every(300, "apps.handovers.tasks.sweep_handovers"),
    "tell-of-covers": every(900, "apps.handovers.tasks.tell_of_covers"),
    "tell-of-tasks-due": every(900, "apps.tasks.tasks.tell_of_tasks_due"),
    "tell-of-reviews-due": every(900, "apps.responsibilities.tasks.tell_of_reviews_due"),
    "sweep-notice-mails": every(30, "apps.notifications.tasks.sweep_notice_mails"),
    "sweep-repeats": every(300, "apps.notifications.tasks.sweep_repeats"),
    "sweep-digests": every(60, "apps.routines.tasks.sweep_digests"),
    "make-delivery-schedules": every(60, "apps.notifications.tasks.make_delivery_schedules"),
    "send-deliveries": every(15, "apps.notifications.tasks.send_deliveries"),
    "send-account-mails": every(15, "apps.notifications.tasks.send_account_mails"),
    "send-chats": every(15, "apps.notifications.tasks.send_chats"),
    "run-imports": every(10, "apps.integrations.tasks.run_imports"),
    "run-exports": every(10, "apps.integrations.tasks.run_exports"),
    "send-webhooks": every(5, "apps.integrations.tasks.send_webhooks"),
    "forget-idempotency-keys": every(HOUR, "apps.integrations.tasks.forget_idempotency_keys"),
    "forget-old-webhook-messages": every(HOUR, "apps.integrations.tasks.forget_old_webhook_messages"),
    "forget-old-messages": every(HOUR, "apps.notifications.tasks.forget_old_messages"),
    "forget-old-sessions": every(HOUR, "apps.accounts.tasks.forget_old_sessions"),
}
