"""One request from who asks to what is answered: session or signature, role, the command's checks, the command."""

from __future__ import annotations

import logging
from dataclasses import dataclass

from lab.cloudstack import accounts, auth, catalogue, jobs, system_vms
from lab.cloudstack.commands import Call, Command, Started, changes, error_wrapper, wrapper
from lab.cloudstack.configuration import ENFORCE
from lab.cloudstack.errors import PLAIN, ApiError, failed, unauthorized
from lab.cloudstack.system import System
from lab.cloudstack.wire import Answer, Asked
from lab.http.faults import JobFault
from lab.ontap.model import Document

log = logging.getLogger(__name__)

UNKNOWN = "errorresponse"


@dataclass(frozen=True)
class Caller:
    """Who asks, and whether by a session."""

    user: Document
    session: bool


def serve(system: System, asked: Asked, job_fault: JobFault | None = None) -> Answer:
    """The answer; a refusal is one too."""
    with system.lock:
        system.settle()
        try:
            return _serve(system, asked, job_fault)
        except ApiError as error:
            return refusal(system, asked, error)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            # The real server answers its own mistakes with 530/9999 and the exception's text; the log has the rest.
            log.exception("The emulator failed at %s", asked.command)
            return refusal(system, asked, failed(f"{type(error).__name__}: {error}", PLAIN))
        finally:
            # What makes a zone ready counts from this moment, not from the next look.
            system_vms.settle(system)
            # Also after a refusal: what was written before it stays.
            system.commit()


def refusal(system: System, asked: Asked, error: ApiError) -> Answer:
    """A refusal under the wrapper of its command."""
    name = asked.command
    known = name in ("login", "logout") or (name and catalogue.find(system.config.era, name))
    under = error.wrapper or ("null" if name is None else error_wrapper(name) if known else UNKNOWN)
    return Answer(error.status, under, error.document(), error.headers)


def _serve(system: System, asked: Asked, job_fault: JobFault | None) -> Answer:
    if asked.command == "login":
        return _log_in(system, asked)
    if asked.command == "logout":
        system.sessions.end(asked.cookie)
        return Answer(200, "logoutresponse", {"description": "success"})
    caller = _caller(system, asked)
    command = _command(system, asked, caller)
    params = asked.params
    for name, value in asked.pairs:
        if any((ord(each) < 32 and each not in "\t\r\n") or ord(each) == 127 for each in value):
            raise ApiError(
                431, f"Received value containing illegal ASCII non-printable characters for parameter {name}"
            )
    command.check(system, params)
    made = command.run(Call(system, command.name, params, caller.user))
    if isinstance(made, Started):
        call = Call(system, command.name, _without_credentials(params), caller.user)
        job = jobs.start(call, command, made, job_fault)
        made = {"id": made.id, "jobid": job["uuid"]} if made.id else {"jobid": job["uuid"]}
    return Answer(200, wrapper(command.name), made)


def _log_in(system: System, asked: Asked) -> Answer:
    if asked.method != "POST":
        return Answer(405, None, "Please use HTTP POST to authenticate using this API")
    cookie, key, body = accounts.log_in(system, asked.params)
    return Answer(200, "loginresponse", body, cookies={"JSESSIONID": cookie, "sessionkey": key})


def _caller(system: System, asked: Asked) -> Caller:
    params = asked.params
    enforced = system.in_force.get(ENFORCE) == "true"
    if "apikey" not in params:
        key = system.sessions.user(asked.cookie, params.get("sessionkey"), system.clock.now())
        return Caller(system.store.table("users")[key], True)
    user = accounts.by_key(system, params["apikey"])
    if user is None:
        raise unauthorized()
    auth.check_expiry(params, system.config.wall(), enforced)
    if not auth.same(params.get("signature", ""), auth.signature(asked.pairs, user["secretkey"])):
        raise unauthorized()
    return Caller(user, False)


def _command(system: System, asked: Asked, caller: Caller) -> Command:
    name = asked.command or ""
    command = catalogue.find(system.config.era, name)
    if command is None and not caller.session:
        raise unauthorized()
    if command is None:
        raise ApiError(432, f"Unknown API command: {name}")
    if caller.user["accounttype"] != 1 and name not in accounts.USER_MAY:
        account = caller.user["account"]
        text = f"The API [{name}] does not exist or is not available for the account {account}."
        error = ApiError(432, text)
        error.wrapper = UNKNOWN
        raise error
    if system.in_force.get(ENFORCE) == "true" and changes(name) and asked.method != "POST":
        raise ApiError(400, f"State changing command {name} needs to be sent using POST request")
    return command


def _without_credentials(params: dict[str, str]) -> dict[str, str]:
    hidden = ("apikey", "signature", "sessionkey", "password")
    return {name: value for name, value in params.items() if name not in hidden}
