"""The client of Swift: what is repeated, what is never, and which sentence each mistake gets."""

from __future__ import annotations

import contextlib
import datetime
import http.server
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from strata.clients.swift import READ_SECONDS
from strata.clients.swift_errors import BadCredentials, LostAnswer, Refused
from strata.errors import Failed, StrataError, Unreachable
from strata.provider.kinds.swift_account import Account
from strata.provider.outcome import OperationFailed

from .conftest import CANARY, KEY, Bench


@contextlib.contextmanager
def answering(
    status: int, body: bytes = b"", headers: dict[str, str] | None = None, tls: ssl.SSLContext | None = None
) -> Iterator[str]:
    """Some other web server; gives its address."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            for name, value in (headers or {}).items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            """Silent."""

    for verb in ("HEAD", "POST", "PUT"):
        setattr(Handler, f"do_{verb}", Handler.do_GET)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    if tls:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"{'https' if tls else 'http'}://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


class Wrong(NamedTuple):
    connection: dict[str, str]
    error: type[StrataError]
    words: str
    because: str


WRONG = [
    Wrong(
        {"authUrl": "http://127.0.0.1:9/auth/v1.0"},
        Unreachable,
        "no connection. Is Swift's proxy running",
        "down",
    ),
    Wrong(
        {"key": CANARY}, BadCredentials, "does not accept the user test:tester with that key", "a wrong key"
    ),
    Wrong({"user": "tester"}, BadCredentials, "it is written ACCOUNT:USER", "no account"),
    Wrong({"user": "test:"}, BadCredentials, "it is written ACCOUNT:USER", "no user"),
    Wrong(
        {"user": "AUTH_test:tester"},
        BadCredentials,
        "without the prefix AUTH_: test:tester",
        "the account's long name",
    ),
    Wrong({"authUrl": "nonsense"}, BadCredentials, "what answers there is not Swift's auth", "no URL at all"),
    Wrong(
        {"authUrl": "http://a..b/auth/v1.0"},
        BadCredentials,
        "what answers there is not Swift's auth",
        "a host that is none",
    ),
    Wrong(
        {"authUrl": "ftp://127.0.0.1/x"},
        BadCredentials,
        "what answers there is not Swift's auth",
        "not the web",
    ),
]


@pytest.mark.parametrize("case", WRONG, ids=lambda case: case.because)
async def test_each_mistake_has_its_sentence(bench: Bench, case: Wrong) -> None:
    with pytest.raises(case.error, match=case.words) as caught:
        await bench.client(**case.connection).account()
    assert CANARY not in str(caught.value)
    with pytest.raises(case.error, match=case.words):
        await bench.client(**case.connection).prove()
    assert not any(method == "PUT" for method, _, _ in bench.wire.sent)


@pytest.mark.parametrize(
    ("status", "because"),
    [(200, "a web page"), (404, "nothing there"), (204, "no storage URL"), (300, "Keystone's root")],
)
async def test_what_is_no_auth_url(bench: Bench, status: int, because: str) -> None:
    with answering(status, b"<html>" if status != 204 else b"") as url:
        with pytest.raises(BadCredentials, match=r"not Swift's auth \(HTTP \d+\)\. .*/auth/v1\.0"):
            await bench.client(authUrl=f"{url}/auth/v1.0").account()
        with pytest.raises(BadCredentials, match="not Keystone"):
            await bench.client(authUrl=f"{url}/v3", authVersion="3", project="demo").account()


async def test_the_storage_url_in_place_of_the_auth_url(bench: Bench) -> None:
    url = bench.swift.auth_url.replace("/auth/v1.0", "/v1/AUTH_test")
    with pytest.raises(BadCredentials, match=r"auth URL (usually )?ends in /auth/v1\.0"):
        await bench.client(authUrl=url).account()


async def test_an_auth_service_that_fails_is_not_a_wrong_address(bench: Bench) -> None:
    with answering(503) as url:
        with pytest.raises(Refused, match="503"):
            await bench.client(authUrl=f"{url}/auth/v1.0").account()
    assert sum(bench.time.slept) > READ_SECONDS / 2, "it may be on its way up"


async def test_a_storage_address_that_cannot_be_reached_is_named(bench: Bench) -> None:
    headers = {"X-Storage-Url": "http://127.0.0.1:9/v1/AUTH_test", "X-Auth-Token": "t"}
    with answering(200, headers=headers) as url:
        with pytest.raises(Unreachable, match=r"sends its clients to http://127\.0\.0\.1:9"):
            await bench.client(authUrl=f"{url}/auth/v1.0").account()


@pytest.mark.parametrize(("status", "because"), [(404, "never was"), (410, "is being removed")])
async def test_an_account_that_the_cluster_does_not_make_by_itself(
    bench: Bench, status: int, because: str
) -> None:
    with answering(status) as storage:
        headers = {"X-Storage-Url": f"{storage}/v1/AUTH_test", "X-Auth-Token": "t"}
        with answering(200, headers=headers) as url:
            account = bench.declared(Account, {"account": KEY}, authUrl=f"{url}/auth/v1.0")
            assert await bench.client(authUrl=f"{url}/auth/v1.0").account() is None, because
            await account.preview()
            with pytest.raises(OperationFailed, match="the cluster makes none by itself"):
                await account.up()


async def test_a_read_is_repeated_and_a_write_never(bench: Bench) -> None:
    client = bench.client()
    await client.account()
    bench.wire.sent.clear()
    bench.wire.lose.add("HEAD")
    assert await client.account() is not None
    assert [method for method, _, _ in bench.wire.sent] == ["HEAD", "HEAD"]
    bench.wire.sent.clear()
    bench.wire.lose.add("PUT")
    with pytest.raises(LostAnswer, match="gave no answer while making it"):
        await client.put_container("once", {}, "making it")
    assert [method for method, _, _ in bench.wire.sent] == ["PUT"]


async def test_reads_end_when_nothing_answers_for_long(bench: Bench) -> None:
    client = bench.client()
    await client.account()
    bench.wire.break_off.add("HEAD")
    with pytest.raises(Failed, match="gave no answer while reading the account"):
        await client.account()
    assert READ_SECONDS / 2 < sum(bench.time.slept) <= READ_SECONDS


async def test_an_expired_token_is_renewed_once(bench: Bench) -> None:
    client = bench.client()
    await client.account()
    known = client._transport._known
    assert known is not None
    client._transport._known = (known[0], "AUTH_tkexpired")
    await client.put_container("after", {}, "making it")
    methods = [method for method, _, _ in bench.wire.sent[-3:]]
    assert methods == ["PUT", "GET", "PUT"], "refused, a new token, and again"


async def test_no_secret_in_any_shape(bench: Bench) -> None:
    client = bench.client(key=CANARY, tempUrlKey=CANARY)
    with pytest.raises(Failed) as caught:
        await client.prove()
    shown = [repr(client), repr(client._transport.credentials), str(caught.value), repr(caught.value)]
    chained: BaseException | None = caught.value
    while chained is not None:
        shown.append(repr(chained))
        chained = chained.__cause__ or (None if chained.__suppress_context__ else chained.__context__)
    assert not any(CANARY in text for text in shown)


def _certificate(folder: Path) -> ssl.SSLContext:
    """A certificate of 127.0.0.1 that nobody has signed but itself: `folder/ca.pem`."""
    import ipaddress

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = made.public_bytes(serialization.Encoding.PEM)
    (folder / "ca.pem").write_bytes(pem)
    (folder / "both.pem").write_bytes(
        pem
        + key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.TraditionalOpenSSL,
            serialization.NoEncryption(),
        )
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "both.pem")
    return context


@pytest.mark.parametrize("version", ["1", "3"])
async def test_a_certificate_is_trusted_only_by_the_stack_file(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: str
) -> None:
    with answering(404, b"no", tls=_certificate(tmp_path)) as url:
        account = {"authUrl": f"{url}/v{version}", "authVersion": version, "project": "demo"}
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "ca.pem"))
        with pytest.raises(Failed, match="not trusted: give its CA as caFile"):
            await bench.client(**account).account()
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/dev/null")
        with pytest.raises(BadCredentials, match="what answers there is not"):
            await bench.client(**account, caFile=str(tmp_path / "ca.pem")).account()
