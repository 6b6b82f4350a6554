"""`mentor serve` among clients that are slow, hostile or gone, and as it starts and ends."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from urllib.parse import urlsplit

import pytest

from mentor import Limits
from mentor.cli import main
from mentor.client import Client
from mentor.errors import ServerError
from mentor.server import Bounds, Server

TOKEN = "a-token-that-nobody-guesses"
ENDLESS = "while True: pass"
# Long enough that only what a test does can end a program, short enough to end one that a test forgot.
LONG = Limits(fuel=2**62, wall=120.0)


def connect(server):
    parts = urlsplit(server.url)
    return socket.create_connection((parts.hostname, parts.port), timeout=60)


def request(path, body, *headers, length=None):
    length = len(body) if length is None else length
    lines = [f"POST {path} HTTP/1.1", "Host: localhost", "Content-Type: application/json", *headers]
    return "\r\n".join([*lines, f"Content-Length: {length}", "", body]).encode()


def answer(connection):
    """Status, headers and body; None where the connection was closed instead."""
    with connection.makefile("rb") as file:
        line = file.readline()
        if not line:
            return None
        headers = {}
        while (header := file.readline().strip()) != b"":
            name, _, value = header.decode().partition(":")
            headers[name.lower()] = value.strip()
        return int(line.split()[1]), headers, file.read(int(headers.get("content-length", 0)))


def ask(server, data):
    with closing(connect(server)) as connection:
        connection.sendall(data)
        return answer(connection)


def kind(said):
    return json.loads(said[2])["error"]["kind"]


def until(check):
    """Waits for something that is sure to happen."""
    end = time.monotonic() + 60
    while not check():
        assert time.monotonic() < end, "it never happened"
        time.sleep(0.01)


def metric(client, name):
    lines = client.metrics().splitlines()
    return float(next((line for line in lines if line.startswith(name + " ")), "0").split()[-1])


@pytest.fixture(scope="module")
def server():
    with Server(threads=1, bounds=Bounds(patience=0.5, body=1 << 16)) as running:
        yield running


def test_a_token_is_asked_for_and_kept():
    with Server(threads=1, token=TOKEN) as server:
        with Client(server.url, token=TOKEN) as client:
            assert client.run(["1"])[0].value == 1
            assert client.is_ready()
        for headers in ([], ["Authorization: Bearer wrong"], [f"Authorization: Basic {TOKEN}"]):
            said = ask(server, request("/v1/run", '{"sources": []}', *headers))
            assert (said[0], kind(said), said[1]["www-authenticate"]) == (401, "unauthorized", "Bearer")
        for path, status in (("/metrics", 401), ("/openapi.json", 401), ("/healthz", 200), ("/readyz", 200)):
            assert ask(server, f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())[0] == status
        with pytest.raises(ServerError, match="a token is needed: send the header Authorization") as refused:
            Client(server.url).run(["1"])
        assert refused.value.status == 401


@pytest.mark.parametrize("host", ["0.0.0.0", "::"])
def test_other_addresses_than_loopback_need_a_token(host):
    with pytest.raises(ServerError, match="can be reached from other machines, so a token is needed"):
        Server(host)
    with pytest.raises(ServerError, match="the token is shorter than 16 characters"):
        Server(host, token="short")


def test_addresses_that_cannot_be_used_are_named(server, capsys):
    port = urlsplit(server.url).port
    with pytest.raises(ServerError, match=f"cannot listen on 127.0.0.1:{port}: "):
        Server(port=port)
    with pytest.raises(ServerError, match='"nowhere:1" is no address; expected one such as 127'):
        Server("nowhere", 1)
    with pytest.raises(ServerError, match="port: 65536; expected 0 to 65535"):
        Server(port=65536)
    with pytest.raises(ServerError, match="work: 0 s; expected more than 0"):
        Server(bounds=Bounds(work=0.0))
    assert main(["serve", "--port", str(port)]) == 2
    assert f"mentor serve: cannot listen on 127.0.0.1:{port}" in capsys.readouterr().err


def test_pages_in_a_browser_get_nothing_done(server):
    body = '{"sources": ["1"]}'
    assert ask(server, request("/v1/run", body).replace(b"application/json", b"text/plain"))[0] == 400
    renamed = request("/v1/run", body).replace(b"localhost", b"evil.example:8000")
    said = ask(server, renamed)
    assert (said[0], b"the Host header names another machine" in said[2]) == (400, True)
    for own in (b"127.0.0.1:1", b"[::1]", b"localhost:80"):
        assert ask(server, request("/v1/run", body).replace(b"localhost", own))[0] == 200


def test_paths_and_methods_that_are_not_there(server):
    said = ask(server, request("/v2/run", "{}"))
    assert (said[0], kind(said)) == (404, "not_found")
    said = ask(server, b"GET /v1/run HTTP/1.1\r\nHost: localhost\r\n\r\n")
    assert (said[0], kind(said)) == (405, "method_not_allowed")


@pytest.mark.parametrize(
    "data",
    [
        b"\0" * 100,
        b"GET / HTTP/9.9\r\n\r\n",
        b"POST /v1/run HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n",
        b"POST /v1/run HTTP/1.1\r\nHost: localhost\r\n" + b"X: y\r\n" * 1000 + b"\r\n",
        b"POST /v1/run HTTP/1.1\r\nX: " + b"y" * (1 << 20) + b"\r\n\r\n",
        b"POST /v1/run HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    ],
)
def test_what_is_no_http_is_refused(server, data):
    with closing(connect(server)) as connection:
        try:
            connection.sendall(data)
            said = answer(connection)
        except (BrokenPipeError, ConnectionResetError):
            said = None
    assert said is None or 400 <= said[0] < 500
    assert ask(server, request("/v1/run", '{"sources": ["1"]}'))[0] == 200


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ("[" * 60_000, 400),
        ('{"sources": ' + "[" * 5000 + "]" * 5000 + "}", 400),
        ('{"sources": ["' + "x" * (1 << 17) + '"]}', 413),
        ('{"sources": ["\\ud800"]}', 200),
        ('{"sources": ["\\u0000"]}', 200),
        ('{"sources": [], "sources": []}', 400),
    ],
)
def test_hostile_bodies(server, body, status):
    assert ask(server, request("/v1/run", body))[0] == status


def test_who_is_slow_is_dropped(server):
    head = request("/v1/run", '{"sources": ["1"]}')
    with closing(connect(server)) as connection:
        connection.sendall(head[:20])
        said = answer(connection)
        assert said is None or said[0] == 408
    with closing(connect(server)) as connection:
        connection.sendall(head[:-5])
        said = answer(connection)
        assert (said[0], kind(said), said[1]["connection"]) == (408, "slow_client", "close")
        assert connection.recv(1) == b""


def test_who_does_not_read_is_dropped():
    limits = Limits(output=8 << 20)
    bounds = Bounds(patience=0.5)
    with Server(threads=1, limits=limits, bounds=bounds) as server, closing(connect(server)) as connection:
        body = json.dumps({"sources": ["print('x' * (8 << 20))"] * 4})
        connection.sendall(request("/v1/run", body))
        with Client(server.url) as client:
            until(lambda: metric(client, 'mentor_http_requests_total{route="/v1/run",status="200"}') == 1)
            # The answer waits in full for a client that never reads, until the server gives up on it.
            time.sleep(2)
            with pytest.raises(OSError):  # noqa: PT011, PT012 - any way of being cut off
                while connection.recv(1 << 20):
                    pass
                raise ConnectionError("cut off in the middle of the answer")


def test_connections_beyond_the_bound_are_told_so():
    with Server(threads=1, bounds=Bounds(connections=2)) as server:
        with closing(connect(server)) as one, closing(connect(server)) as two:
            for connection in (one, two):
                connection.sendall(request("/v1/run", '{"sources": ["1"]}'))
                assert answer(connection)[0] == 200
            said = ask(server, b"")
            assert (said[0], kind(said), said[1]["retry-after"]) == (503, "busy", "1")
        with Client(server.url) as client:
            until(client.is_ready)
            assert metric(client, "mentor_http_connections_refused_total") >= 1


def test_a_full_queue_refuses_at_once_and_who_goes_frees_his_place():
    bounds = Bounds(slow_queue=0)
    with Server(threads=1, limits=LONG, bounds=bounds) as server, Client(server.url) as client:
        stuck = [connect(server) for _ in range(2)]
        for connection in stuck:
            connection.sendall(request("/v1/run", json.dumps({"sources": [ENDLESS]})))
        # Both are past their slice: one works in the slow lane, one is next.
        until(lambda: metric(client, 'mentor_sandbox_limits_total{sandbox="quick",limit="fuel"}') == 2)
        said = ask(server, request("/v1/run", json.dumps({"sources": [ENDLESS]})))
        assert (said[0], kind(said), said[1]["retry-after"]) == (429, "busy", "1")
        assert ask(server, request("/run_code", json.dumps({"code": ENDLESS})))[0] == 504
        # Others are served meanwhile.
        assert [one.value for one in client.run(["1 + 1"] * 100)] == [2] * 100
        for connection in stuck:
            connection.close()
        until(lambda: metric(client, "mentor_http_requests_dropped_total") == 2)
        until(lambda: metric(client, 'mentor_sandbox_cancelled_total{sandbox="slow"}') >= 1)
        assert client.run([ENDLESS], limits=Limits(fuel=100_000_000))[0].limit == "fuel"


def test_the_client_asks_again_what_was_refused_for_a_time():
    with Server(threads=1, limits=LONG, bounds=Bounds(slow_queue=0)) as server, Client(server.url) as client:
        stuck = [connect(server) for _ in range(2)]
        for connection in stuck:
            connection.sendall(request("/v1/run", json.dumps({"sources": [ENDLESS]})))
        until(lambda: metric(client, 'mentor_sandbox_limits_total{sandbox="quick",limit="fuel"}') == 2)
        with pytest.raises(ServerError, match="the queue of the slow lane is full") as refused:
            Client(server.url, retries=0).run([ENDLESS])
        assert (refused.value.status, refused.value.kind) == (429, "busy")
        long = "for i in range(600_000): pass\n7"
        with ThreadPoolExecutor(1) as pool:
            waiting = pool.submit(client.run, [long])
            until(lambda: metric(client, 'mentor_http_requests_total{route="/v1/run",status="429"}') >= 2)
            for connection in stuck:
                connection.close()
            assert waiting.result()[0].value == 7


def test_a_request_that_works_too_long_is_ended():
    bounds = Bounds(work=0.3)
    with Server(threads=1, limits=LONG, bounds=bounds) as server, Client(server.url) as client:
        with pytest.raises(ServerError, match="the request worked for more than 0 s") as late:
            client.run([ENDLESS])
        assert (late.value.status, late.value.kind) == (504, "overtime")
        assert client.run(["1"])[0].value == 1


def test_draining_lets_open_requests_end():
    server = Server(threads=1, limits=LONG, bounds=Bounds(drain=60.0))
    client = Client(server.url, retries=0)
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(client.run, ["for i in range(3_000_000): pass\n'done'"])
        until(lambda: metric(client, "mentor_http_requests_open") == 2)
        assert server.drain()
        assert running.result()[0].value == "done"
    with pytest.raises(ServerError, match="cannot be reached: ConnectionRefusedError"):
        client.run(["1"])
    assert server.drain()


def test_draining_ends_what_does_not_end():
    server = Server(threads=1, limits=LONG, bounds=Bounds(drain=0.1))
    client = Client(server.url, retries=0)
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(client.run, [ENDLESS])
        until(lambda: metric(client, "mentor_http_requests_open") == 2)
        assert not server.drain()
        with pytest.raises(ServerError, match="the server is stopping") as refused:
            running.result()
    assert (refused.value.status, refused.value.kind) == (503, "unavailable")


def test_the_command_serves_until_it_is_told_to_stop(tmp_path):
    token = tmp_path / "token"
    token.write_text(TOKEN + "\n")
    command = [
        sys.executable,
        "-m",
        "mentor.cli",
        "serve",
        "--port",
        "0",
        "--threads",
        "1",
        "--token-file",
        str(token),
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        line = process.stdout.readline().strip()
        assert line.startswith("mentor serve: listening on http://127.0.0.1:")
        with Client(line.split()[-1], token=TOKEN) as client:
            assert client.run(["6 * 7"])[0].value == 42
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=60) == 0
        assert process.stderr.read() == "mentor serve: draining\n"


def test_a_server_serves_while_python_is_busy():
    with Server(threads=1) as server, Client(server.url) as client:
        script = f"import sys; sys.path.insert(0, {os.getcwd()!r})\nfrom mentor.client import Client\n"
        script += f"print(Client({server.url!r}).run(['40 + 2'])[0].value)"
        held = threading.Event()

        def hold():
            # One long C call that never gives the interpreter's lock away.
            held.set()
            sum(range(5 * 10**7))

        thread = threading.Thread(target=hold)
        other = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
        thread.start()
        held.wait()
        assert other.communicate(timeout=120)[0] == "42\n"
        thread.join()
        assert client.is_ready()
