"""How many queries a page or an answer may take. The walk through the access matrix asks; what is above fails it."""

LIST, DETAIL, FORM = 7, 11, 13
API_LIST, API_DETAIL = 5, 8

# Pages that need more than the rule of their kind, each with the reason.
MORE = {
    "goals:goal_edit": 14,  # six pickers each ask for what is chosen now
    "goals:goal_close": 14,  # beside the form stand who is to be heard first, and the tasks that are left open
    "routines:digest_preview": 26,  # each part of a digest asks for itself, as it does for 500 people
    "routines:digest_preview_html": 26,  # as above
}


def budget_of(name: str) -> int:
    """The budget of a page by its name; the session and the member are in it."""
    if name in MORE:
        return MORE[name]
    if name.startswith("api-"):
        return API_LIST if name == "api-me" or not name.endswith(("-row", "-deliveries")) else API_DETAIL
    if name.endswith(("_list", "_options", "attention", "search")):
        return LIST
    return DETAIL if name.endswith(("_detail", "_history", "_revisions")) else FORM
