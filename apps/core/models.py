"""What every model shares: a time-ordered id, two times, and the workspace it belongs to."""

import uuid
from collections.abc import Sequence
from typing import Any

import uuid_utils.compat
from django.core.validators import MaxLengthValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


def new_id() -> uuid.UUID:
    """A UUIDv7 (RFC 9562, section 5.7): sorted by the time it was made, so an index on it grows at its end."""
    return uuid_utils.compat.uuid7()


class BaseModel(models.Model):
    """Id, creation and last change of every row."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)
    updated_at = models.DateTimeField(_("last changed"), auto_now=True)

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save; a partial save also writes the time of the change, on which ETags and syncs rely."""
        if kwargs.get("update_fields"):
            kwargs["update_fields"] = {*kwargs["update_fields"], "updated_at"}
        super().save(*args, **kwargs)

    def save_undated(self) -> None:
        """Save, and leave the time of the last change: for a change that not everybody who sees the row may know of."""
        kept = {"id", "created_at", "updated_at"}
        written = [each.name for each in self._meta.concrete_fields if each.name not in kept and not each.generated]
        super().save(update_fields=written)


class ExternalId(models.Model):
    """The id a row has in the system it was imported from; unique per workspace and resource, empty for most."""

    external_id = models.CharField(_("external id"), max_length=255, blank=True, default="")

    class Meta:
        abstract = True


class UniqueExternalId(models.UniqueConstraint):
    """The constraint that goes with ExternalId: one row per workspace and external id."""

    def __init__(self, *, name: str, **_rest: Any) -> None:
        super().__init__(fields=["workspace", "external_id"], condition=~models.Q(external_id=""), name=name)

    def deconstruct(self) -> tuple[str, Sequence[object], dict[str, object]]:
        """How a migration writes it down: by its name alone."""
        path, args, kwargs = super().deconstruct()
        return path, args, {"name": kwargs["name"]}


class UniqueInWorkspace(models.UniqueConstraint):
    """(workspace, id) is unique, so that other tables can refer to both: see apps.core.tenancy."""

    def __init__(self, *, name: str, **_rest: Any) -> None:
        super().__init__(fields=["workspace", "id"], name=name)

    def deconstruct(self) -> tuple[str, Sequence[object], dict[str, object]]:
        """How a migration writes it down: by its name alone."""
        path, args, kwargs = super().deconstruct()
        return path, args, {"name": kwargs["name"]}


TITLE_MAX = 1_000
TEXT_MAX = 50_000


class LongTextField(models.TextField[str, str]):
    """A long text, as written: empty instead of null, at most TEXT_MAX characters unless told otherwise."""

    description = _("Long text")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", TEXT_MAX)
        kwargs.setdefault("blank", True)
        kwargs.setdefault("default", "")
        super().__init__(*args, **kwargs)
        # Django holds forms to the max_length of a TextField, but not the model itself.
        self.validators.append(MaxLengthValidator(self.max_length))


class IdempotentAnswer(BaseModel):
    """The answer that was given to a request with an Idempotency-Key; kept for a day. See apps.core.idempotency."""

    owner_id = models.UUIDField(_("caller"))
    key = models.CharField(_("key"), max_length=255)
    fingerprint = models.CharField(_("fingerprint of the request"), max_length=64)
    status = models.PositiveSmallIntegerField(_("status"), default=200)
    headers = models.JSONField(_("headers"), default=dict)
    body = models.BinaryField(_("body"), default=b"")

    class Meta:
        verbose_name = _("idempotent answer")
        verbose_name_plural = _("idempotent answers")
        constraints = (models.UniqueConstraint(fields=["owner_id", "key"], name="idempotency_key_once"),)
        indexes = (models.Index(fields=["created_at"], name="idempotency_oldest"),)

    def __str__(self) -> str:
        return self.key
