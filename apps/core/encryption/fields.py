"""The model field."""

from dataclasses import dataclass

from django.db import models
from django.db.models.query_utils import DeferredAttribute

from apps.core.encryption.keys import UnreadableSecretError, seal, unseal


@dataclass(frozen=True, slots=True)
class Sealed:
    """A text as it lies in the database. Not a str, so that nothing can take it for the text itself."""

    text: str


class _SecretAttribute(DeferredAttribute):
    """Opens the text when somebody asks for it: a row whose secret nothing opens can be listed and changed."""

    field: "EncryptedTextField"

    def __get__(self, instance: models.Model | None, cls: type[models.Model] | None = None) -> object:
        if instance is None:
            return self
        value = super().__get__(instance, cls)
        if not isinstance(value, Sealed):
            return value
        try:
            return unseal(value.text)
        except UnreadableSecretError as error:
            raise UnreadableSecretError(f"{self.field} of {instance.pk}: {error}") from None

    def __set__(self, instance: models.Model, value: object) -> None:
        instance.__dict__[self.field.attname] = value


class EncryptedTextField(models.TextField[str, str]):
    """A text that lies encrypted in the database. Reading it raises UnreadableSecretError where no key opens it.

    Saving a row whose secret nobody set writes back what was read, opened or not.
    """

    descriptor_class = _SecretAttribute

    def pre_save(self, model_instance: models.Model, add: bool) -> object:
        """What was set, or what was read as it lies there."""
        return model_instance.__dict__[self.attname]

    def get_prep_value(self, value: object) -> str | None:
        """Text → what is stored."""
        match value:
            case None:
                return None
            case Sealed():
                return value.text
            case _:
                return seal(str(value))

    def from_db_value(self, value: str | None, expression: object, connection: object) -> Sealed | None:
        """What is stored, still closed."""
        return None if value is None else Sealed(value)


def is_readable(row: models.Model, field: str) -> bool:
    """Whether the row's secret can be opened, for pages that say so instead of failing."""
    try:
        getattr(row, field)
    except UnreadableSecretError:
        return False
    return True
