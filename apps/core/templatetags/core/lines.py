"""Lines of long tables, drawn by Jinja2: Django's templates take three times as long for each."""

from django.template import engines
from django.utils.safestring import SafeString


def drawn(template_name: str, **values: object) -> SafeString:
    """A template of an app's `jinja2/` with these values, for a page: Jinja2 has escaped what goes in."""
    return SafeString(engines["jinja2"].get_template(template_name).render(values))
