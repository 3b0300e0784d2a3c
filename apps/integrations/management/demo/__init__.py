"""The demo: a fictional chain of clinics with a year behind it. Data here, the building in builder.py."""
