"""Lists as CloudStack answers them: pages, counts, and nothing at all when there is nothing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from lab.cloudstack.commands import Call, command_name
from lab.cloudstack.errors import ApiError

MOST = 500


def listed(call: Call, key: str, rows: Sequence[Any]) -> dict[str, Any]:
    """`count` is the number of all rows; an empty list is `{}`; a page past the end has a count and no array."""
    first, size = _page(call)
    if not rows:
        return {}
    answer: dict[str, Any] = {"count": len(rows)}
    page = list(rows[first : first + size])
    if page:
        answer[key] = page
    return answer


def _page(call: Call) -> tuple[int, int]:
    page, size = call.get("page"), call.get("pagesize")
    if page is None and size is None:
        return 0, MOST
    if size is None:
        raise ApiError(431, '"pagesize" parameter is required when "page" is specified')
    if page is None:
        raise ApiError(431, '"page" parameter is required when "pagesize" is specified')
    for name, value in (("page", page), ("pagesize", size)):
        if not value.isdigit():
            spoken = command_name(call.command)
            text = f"Unable to execute API command {spoken} due to invalid value {value} for parameter {name}"
            raise ApiError(431, text)
    if int(size) > MOST:
        raise ApiError(431, f"Page size can't exceed max allowed page size value: {MOST}")
    return max(int(page) - 1, 0) * int(size), int(size)


def matching(rows: Sequence[Any], call: Call, *names: str) -> list[Any]:
    """The rows whose fields equal the call's parameters of those names; absent ones filter nothing."""
    wanted = {name: call.get(name) for name in names if call.get(name)}
    return [row for row in rows if all(str(row.get(name)) == value for name, value in wanted.items())]


def chosen(call: Call, table: str, *names: str) -> list[Any]:
    """The table's rows by those names and by `id`."""
    rows = matching(call.system.rows(table), call, *names)
    return [row for row in rows if call.get("id") in (None, "", row["uuid"])]


def of_users(call: Call, table: str) -> list[Any]:
    """Users' rows as a root administrator sees them: `projectid=-1` shows what projects have, and nothing else does."""
    of_projects = call.get("projectid") == "-1"
    return [row for row in call.system.rows(table) if bool(row.get("project")) is of_projects]
