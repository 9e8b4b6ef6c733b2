# SPDX-License-Identifier: MIT
"""Logins that are begun and not finished: how many, and whose go on."""

import socket
import time
from collections import Counter
from urllib.parse import urlencode

import login
from harness import either, memory_peak
from rawclient import Response
from test_login_command import Login

OF_ADDRESS = 20
OF_SERVICE = 200
IN_ALL = 1000
CALLS = 10
DEVICE = "urn:ietf:params:oauth:grant-type:device_code"


def begin(proxy, count: int, name: str = "a", host: str = "127.0.0.1") -> Counter:
    """Opens the login so often, from an address of loopback."""
    statuses = Counter()
    with socket.create_connection(("127.0.0.1", proxy.port), 30, (host, 0)) as sock:
        reader = sock.makefile("rb")
        for _ in range(count):
            sock.sendall(f"GET /-/login/{name}?here=1 HTTP/1.1\r\n"
                         f"Host: 127.0.0.1:{proxy.port}\r\n\r\n".encode())
            statuses[int(reader.readline().split()[1])] += 1
            length = 0
            while (line := reader.readline().strip()):
                if line.lower().startswith(b"content-length:"):
                    length = int(line.split(b":")[1])
            reader.read(length)
    return statuses


def finish(proxy, browser, name, params) -> int:
    url = login.callback_url(proxy, name) + "?" + urlencode(params)
    return browser.open(url).status_code


def refused(proxy, name: str = "a") -> Response:
    reply = proxy.get(f"/-/login/{name}?here=1")
    assert reply.status == 503
    assert int(reply.value("Retry-After")) > 0
    return reply


def test_a_flood_of_a_persons_own_address(start, provider, browser):
    """What a person has begun goes on, of whichever service, and who begins
    last may go on."""
    proxy = start(names=("a", "b"))
    begin(proxy, 5)
    time.sleep(0.2)
    login.begin(browser, proxy, "a")
    params = login.response_to(browser, provider)
    time.sleep(0.2)
    assert begin(proxy, 300) + begin(proxy, 100, "b") == {303: 400}
    assert finish(proxy, browser, "a", params) == 200
    begin(proxy, 100)
    login.log_in(browser, proxy, "a")


def test_bearerd_login_during_a_flood(start, bearerd, browser):
    proxy = start()
    one = Login(bearerd, "a", "--no-browser")
    address = one.address()
    begin(proxy, 100)
    assert "is logged in" in browser.login(address).response.text
    one.end(0)


def test_a_flood_of_many_addresses(start, provider, browser):
    """One service's, and then all of them."""
    names = [f"s{n}" for n in range(IN_ALL // OF_SERVICE)] + ["a"]
    proxy = start(names=names)
    login.begin(browser, proxy, "a")
    params = login.response_to(browser, provider)
    begun = 1
    for n, name in enumerate(names[:-1]):
        for host in range(OF_SERVICE // OF_ADDRESS):
            begun += begin(proxy, OF_ADDRESS, name,
                           f"127.0.{n + 1}.{host + 1}")[303]
    assert begun == IN_ALL
    assert begin(proxy, 1, "s0", "127.0.9.1") == {503: 1}
    assert b"bearerd login a" in refused(proxy, "a").body
    assert finish(proxy, browser, "a", params) == 200
    assert begin(proxy, 2, "a") == {303: 1, 503: 1}


def test_a_flood_takes_bounded_memory(start):
    proxy = start()
    begin(proxy, 200)
    before = memory_peak(proxy.pid)
    assert begin(proxy, 3000) == {303: 3000}
    assert memory_peak(proxy.pid) - before < either(1 << 20, 64 << 20)


def test_calls_at_the_server(start, provider, browser):
    """Each pushes a request: so many at once, then one a second."""
    proxy = start(pushed_authorization_request_endpoint=provider.par_endpoint)
    statuses = Counter()
    began = time.monotonic()
    for host in range(30):
        statuses += begin(proxy, 10, host=f"127.0.1.{host + 1}")
    took = time.monotonic() - began
    assert CALLS <= statuses[303] == provider.count("par") <= CALLS + took + 1
    assert statuses[303] + statuses[503] == 300
    refused(proxy)
    time.sleep(1.1)
    login.log_in(browser, proxy)


def test_codes_for_devices(bearerd, provider):
    provider.register(grant_types=[DEVICE])
    proxy = bearerd({"a": provider.service(
        grant_type="device_code",
        device_authorization_endpoint=provider.device_endpoint)})
    statuses = begin(proxy, 15)
    assert CALLS <= statuses[200] <= CALLS + 4
    assert provider.count("device") == statuses[200]
    refused(proxy)
