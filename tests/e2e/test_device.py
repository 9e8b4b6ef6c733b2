# SPDX-License-Identifier: MIT
"""The grant device_code (RFC 8628): a page shows a code, a person enters it
elsewhere, and the token endpoint is polled until then."""

import json
import re
import time

import pytest

from harness import wait_for

URL = "http://api.example.test/x"
GRANT = "urn:ietf:params:oauth:grant-type:device_code"


def device(provider, **keys):
    return provider.service(**{"grant_type": "device_code",
                               "device_authorization_endpoint":
                               provider.device_endpoint, **keys})


@pytest.fixture
def people(provider):
    provider.register(grant_types=[GRANT, "refresh_token"], scope="read write")
    return provider


def open_page(proxy, browser):
    """Begins a login; the code that its page shows."""
    page = browser.open(f"http://127.0.0.1:{proxy.port}/-/login/a")
    assert page.status_code == 200, page.text
    [code] = re.findall(r"<code>([^<]+)</code>", page.text)
    return page, code


def polls(provider):
    return [r for r in provider.token_requests if r["grant_type"] == GRANT]


def state(proxy):
    return proxy.health("a").json()["checks"]["session:a"][0]["observedValue"]


def test_approved(bearerd, people, browser):
    proxy = bearerd({"a": device(people, scope="read")})
    assert proxy.get(URL).status == 503
    page, code = open_page(proxy, browser)
    assert people.verification_uri in page.text
    wait_for(lambda: len(polls(people)) >= 1, 10, "a poll")
    assert proxy.get(URL).status == 503
    assert people.approve_device(code) == code
    wait_for(lambda: proxy.get(URL).status == 200, 10, "the login")
    assert state(proxy) == "ready"
    form = dict(map(tuple, polls(people)[-1]["form"]))
    assert set(form) == {"grant_type", "device_code"}
    [asked] = people.requests("device")
    assert ["scope", "read"] in asked["form"]
    assert form["device_code"] not in proxy.stderr
    done = len(polls(people))
    time.sleep(1.5)
    assert len(polls(people)) == done  # nobody asks any more


def test_denied(bearerd, people, browser):
    proxy = bearerd({"a": device(people)})
    _, code = open_page(proxy, browser)
    people.deny_device(code)
    wait_for(lambda: "login_failed" in proxy.stderr, 10, "the end")
    assert "refused" in proxy.stderr
    assert proxy.get(URL).status == 503
    assert state(proxy) == "waiting_for_login"


def test_expired(bearerd, people, browser):
    people.set(options={"device_expires_in": 2})
    proxy = bearerd({"a": device(people)})
    open_page(proxy, browser)
    wait_for(lambda: "login_failed" in proxy.stderr, 10, "the end")
    assert proxy.get(URL).status == 503
    done = len(polls(people))
    time.sleep(1.5)
    assert len(polls(people)) == done


def test_slow_down(bearerd, people, browser):
    """It waits five seconds longer from then on."""
    people.set(plan=[{"status": 400, "body": '{"error":"slow_down"}'}])
    proxy = bearerd({"a": device(people)})
    _, code = open_page(proxy, browser)
    wait_for(lambda: len(polls(people)) == 1, 10, "the first poll")
    people.approve_device(code)
    wait_for(lambda: proxy.get(URL).status == 200, 15, "the login")
    first, second = polls(people)
    assert 5.5 < second["time"] - first["time"] < 9


def test_faults_are_polled_through(bearerd, people, browser):
    people.set(plan=[{"drop": "before"}, {"status": 503}])
    proxy = bearerd({"a": device(people)})
    _, code = open_page(proxy, browser)
    people.approve_device(code)
    wait_for(lambda: proxy.get(URL).status == 200, 15, "the login")
    times = [r["time"] for r in polls(people)]
    assert len(times) == 3
    assert times[2] - times[1] > times[1] - times[0] > 1.5


def test_without_interval(bearerd, people, browser):
    """Then it is five seconds."""
    people.set(options={"device_interval": None})
    proxy = bearerd({"a": device(people)})
    begun = time.monotonic()
    _, code = open_page(proxy, browser)
    people.approve_device(code)
    wait_for(lambda: proxy.get(URL).status == 200, 15, "the login")
    assert time.monotonic() - begun > 4.5


@pytest.mark.parametrize("answer", [
    {"status": 400, "body": '{"error":"invalid_client"}'},
    {"status": 200, "body": '{"device_code":"d"}'},
    {"status": 200, "body": '{"device_code":1,"user_code":"u",'
                            '"verification_uri":"http://127.0.0.1/"}'},
    {"status": 200, "body": '{"device_code":"d","user_code":"u",'
                            '"verification_uri":"javascript:alert(1)"}'},
    {"status": 200, "body": '{"device_code":"d","user_code":"u",'
                            '"user_code":"v","verification_uri":"http://a/"}'},
    {"status": 200, "body": "device_code"},
    {"status": 503}, {"drop": "before"}],
    ids=["refused", "incomplete", "type", "script", "twice", "no JSON", "503",
         "dropped"])
def test_no_code(bearerd, people, browser, answer):
    people.set(plan=[{"endpoint": "device", **answer}])
    proxy = bearerd({"a": device(people)})
    page = browser.open(f"http://127.0.0.1:{proxy.port}/-/login/a")
    assert page.status_code == 400
    assert "Not logged in" in page.text
    assert people.count("device") == 1
    assert not polls(people)
    # The next one works.
    _, code = open_page(proxy, browser)
    people.approve_device(code)
    wait_for(lambda: proxy.get(URL).status == 200, 10, "the login")


def test_two_at_once(bearerd, people, browser):
    proxy = bearerd({"a": device(people)})
    _, first = open_page(proxy, browser)
    _, second = open_page(proxy, browser.fresh())
    people.deny_device(first)
    people.approve_device(second)
    wait_for(lambda: proxy.get(URL).status == 200, 10, "the login")


def test_polls_do_not_hide_the_state(bearerd, people, browser):
    proxy = bearerd({"a": device(people)})
    open_page(proxy, browser)
    people.set(plan=[{"delay": 2}])
    wait_for(lambda: len(polls(people)) == 1, 10, "a poll")
    assert state(proxy) == "waiting_for_login"
    assert proxy.get(URL).status == 503


def test_survives_a_restart(bearerd, people, browser):
    store = {"store": f"sqlite:{bearerd.folder}/state/t.db"}
    proxy = bearerd({"a": device(people)}, store)
    _, code = open_page(proxy, browser)
    people.approve_device(code)
    wait_for(lambda: proxy.get(URL).status == 200, 10, "the login")
    proxy.stop()
    proxy = bearerd({"a": device(people)}, store)
    assert proxy.get(URL).status == 200


CLIENT = "demo-client"
Q, R = "device_authorization_request.", "device_authorization_response."


def test_an_odd_server(bearerd, people, browser, upstream):
    """It wants JSON with names of its own, says that it is busy with 200, and
    tells the codes below `data`."""
    asked = people.device_endpoint
    answers = [b'{"ok":false,"why":"later","code":9}',
               b'{"data":{"code":"d-1","show":"AB-12","lives":60000},"ok":true}']

    def script(peer):
        while True:
            peer.read_request()
            peer.answer(answers[0], "200 OK", "Content-Type: application/json")
            if len(answers) > 1:
                answers.pop(0)

    odd = upstream(script)
    page = people.verification_uri
    proxy = bearerd({"a": device(people, scope="read", **{
        "device_authorization_endpoint": f"{odd.url}/codes",
        f"{Q}format": "json", f"{Q}param.scopes": "r,w", f"{Q}param.scope": "",
        f"{Q}header.X-Api": "{client_id}",
        f"{R}select": "data", f"{R}rename.code": "device_code",
        f"{R}rename.show": "user_code", f"{R}set.verification_uri": page,
        f"{R}rename.lives": "expires_in", f"{R}expires_unit": "ms",
        f"{R}unavailable_if": "code=9", f"{R}error": "why"})})
    refusal = browser.open(f"http://127.0.0.1:{proxy.port}/-/login/a")
    assert refusal.status_code == 400
    assert "later" in refusal.text
    shown, code = open_page(proxy, browser)
    assert (code, page in shown.text) == ("AB-12", True)
    request = odd.last
    assert request.value("Content-Type") == "application/json"
    assert json.loads(request.body) == {"client_id": CLIENT, "scopes": "r,w"}
    assert request.value("X-Api") == CLIENT
    # The polls are as without these keys.
    wait_for(lambda: polls(people), 10, "a poll")
    assert dict(map(tuple, polls(people)[0]["form"]))["device_code"] == "d-1"
    assert people.device_endpoint == asked and people.count("device") == 0


def test_device_keys_of_a_service_without_people(bearerd):
    result = bearerd.check("""[service a]
upstream = https://a.example.test
token_endpoint = https://a.example.test/t
client_id = x
client_secret = s
device_authorization_request.param.a = b
""")
    assert result.returncode == 1
    assert ":6: " in result.stderr and "no person logs in" in result.stderr
