"""For CI that shows tests: a suite per stack, a case per property; drift fails, what could not be told is an error."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from strata.drift.formats import words
from strata.drift.formats.table import never_up
from strata.drift.report import Report, StackReport, Status

_NEVER_IN_XML: Final = re.compile("[^\t\n -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def junit(report: Report) -> str:
    """XML by the schema of Jenkins' xUnit plugin (junit-10), which other readers accept."""
    suites = [_suite(stack, report) for stack in report.stacks]
    totals: dict[str, str] = {
        key: str(sum(int(suite.attrib[key]) for suite in suites)) for key in ("tests", "failures", "errors")
    }
    root = Element("testsuites", {"name": "strata drift", **totals})
    root.extend(suites)
    indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{tostring(root, encoding="unicode")}\n'


def _suite(stack: StackReport, report: Report) -> Element:
    cases = list(_cases(stack))
    counts = {
        key: str(sum(case.find(element) is not None for case in cases))
        for key, element in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped"))
    }
    suite = Element(
        "testsuite",
        {
            "name": _clean(stack.stack),
            "tests": str(len(cases)),
            **counts,
            "timestamp": report.checked.strftime("%Y-%m-%dT%H:%M:%S"),
        },
    )
    suite.extend(cases)
    if stack.notes:
        SubElement(suite, "system-out").text = _clean("\n".join(stack.notes))
    return suite


def _cases(stack: StackReport) -> Iterator[Element]:
    for one in stack.findings:
        case = _case(stack, f"{one.resource} {one.path}".strip())
        _outcome(case, "failure", words.sentence(one), str(one.change))
        yield case
    for accepted in stack.accepted:
        finding = accepted.finding
        case = _case(stack, f"{finding.resource} {finding.path}".strip())
        message = f"accepted until {accepted.until}: {accepted.reason} ({words.sentence(finding)})"
        _outcome(case, "skipped", message, "accepted")
        yield case
    for stray in stack.unmanaged or ():
        case = _case(stack, f"{stray.system} {stray.kind} {stray.name}")
        _outcome(case, "skipped", words.unmanaged(stray), "unmanaged")
        yield case
    if stack.status is Status.NEVER_UP:
        case = _case(stack, "the stack")
        _outcome(case, "error", never_up(stack), str(stack.status))
        yield case
    for number, trouble in enumerate(stack.troubles, 1):
        case = _case(stack, f"could not tell ({number})")
        _outcome(case, "error", trouble.message, str(Status.COULD_NOT_TELL))
        yield case
    if stack.status is Status.AS_DECLARED:
        yield _case(stack, f"{stack.looked} resources as declared")


def _case(stack: StackReport, name: str) -> Element:
    return Element("testcase", classname=_clean(f"strata.drift.{stack.stack}"), name=_clean(name))


def _outcome(case: Element, element: str, message: str, kind: str) -> None:
    outcome = SubElement(case, element, message=_clean(message), type=kind)
    outcome.text = _clean(message)


def _clean(text: str) -> str:
    """Without the characters that no XML may hold."""
    return _NEVER_IN_XML.sub("\ufffd", text)
