"""Shapes of what people send to integrations."""

from apps.integrations.forms.tables import ExportForm, ImportForm, MatrixExportForm, ReportFilterForm

__all__ = ["ExportForm", "ImportForm", "MatrixExportForm", "ReportFilterForm"]
