# SPDX-License-Identifier: MIT
"""Logins that must come to nothing: what comes back is not what was asked
for, or not to whom, and what the token endpoint says is no token."""

from urllib.parse import urlencode

import pytest
import requests

import login
from login import refused

LONGEST = 8192  # octets of a parameter
LONGEST_TOKEN = 65536
PARAMETERS = ["code", "state", "error", "error_description", "error_uri", "iss",
              "access_token", "token_type", "expires_in", "scope", "id_token"]


@pytest.fixture(scope="module")
def shared(shared_bearerd, provider_process):
    return shared_bearerd({
        "a": login.service(provider_process),
        "i": login.service(provider_process, "i", grant_type="implicit")})


def come_back(browser, proxy, params, name: str = "a", method: str = "GET"):
    """The provider's redirect brings the browser back with these."""
    sent = params if isinstance(params, str) else urlencode(params)
    url = login.callback_url(proxy, name)
    if method == "GET":
        return browser.open(url + "?" + sent)
    return browser._navigate("POST", url, source=url, body=sent)


def untouched(proxy, provider) -> None:
    """Nothing was asked of the server, and the session is as it was."""
    assert provider.token_count == 0
    assert proxy.health("a").json()["status"] == "warn"
    assert login.is_told_to_log_in(proxy)


BROKEN = {
    "no parameter": lambda p: {},
    "no state": lambda p: {"code": p["code"]},
    "empty state": lambda p: {**p, "state": ""},
    "wrong state": lambda p: {**p, "state": login.WRONG_STATE},
    "shorter state": lambda p: {**p, "state": p["state"][:-1]},
    "longer state": lambda p: {**p, "state": p["state"] + "A"},
    "another case": lambda p: {**p, "state": p["state"].swapcase()},
    "state in UTF-8": lambda p: {**p, "state": p["state"] + "é"},
    "state twice": lambda p: [*p.items(), ("state", p["state"])],
    "wrong state first": lambda p: [("state", login.WRONG_STATE), *p.items()],
    "code twice": lambda p: [*p.items(), ("code", "other")],
    "iss twice": lambda p: [*p.items(), ("iss", p["iss"])],
    "no code": lambda p: {"state": p["state"]},
    "empty code": lambda p: {**p, "code": ""},
    "code and error": lambda p: {**p, "error": "access_denied"},
    "code that is too long": lambda p: {**p, "code": "x" * (LONGEST + 1)},
    "code with a line break": lambda p: {**p, "code": p["code"] + "\r\nX: y"},
    "code with NUL": lambda p: {**p, "code": p["code"] + "\0"},
    "token twice": lambda p: [*p.items(), ("access_token", "a"),
                              ("access_token", "b")],
    "error with a line break": lambda p: {"state": p["state"], "error": "e\r\nX: y"},
    "error twice": lambda p: [("state", p["state"]), ("error", "a"), ("error", "b")],
    "garbage": lambda p: "%%%&&&==&=&%00=%zz&\xff",
}


@pytest.mark.parametrize("name", BROKEN)
def test_callback_that_changes_nothing(start, provider, browser, name):
    proxy = start()
    login.begin(browser, proxy)
    params = login.response_to(browser, provider)
    text = refused(come_back(browser, proxy, BROKEN[name](params)))
    assert params["code"] not in text and params["state"] not in text
    untouched(proxy, provider)
    assert come_back(browser, proxy, params).status_code == 200
    assert proxy.get(login.api_url()).status == 200


@pytest.mark.parametrize("name", BROKEN)
def test_form_that_changes_nothing(start, provider, browser, name):
    proxy = start(response_mode="form_post")
    login.begin(browser, proxy)
    params = login.response_to(browser, provider)
    refused(come_back(browser, proxy, BROKEN[name](params), method="POST"))
    untouched(proxy, provider)
    assert come_back(browser, proxy, params, method="POST").status_code == 200


@pytest.mark.parametrize("name", PARAMETERS)
@pytest.mark.parametrize("how", ["twice", "too long"])
@pytest.mark.parametrize("service", ["a", "i"], ids=["code", "token"])
def test_every_parameter(shared, provider, browser, name, how, service):
    """None comes twice, and none is longer than it can be."""
    login.register(provider, shared, "a", "i")
    login.begin(browser, shared, service)
    params = login.response_to(browser, provider)
    longest = LONGEST_TOKEN if "token" in name and name != "token_type" else LONGEST
    value = params.pop(name, "Bearer")
    pairs = [*params.items(), (name, value), (name, value)]
    if how == "too long":
        pairs = [*params.items(), (name, "t0ken" * (longest // 5 + 1))]
    text = refused(come_back(browser, shared, pairs, service, "POST"), name)
    assert "t0ken" not in text
    assert ("it twice" if how == "twice" else "longer than") in text
    assert provider.token_count == 0
    assert login.is_told_to_log_in(shared, service)


def tokens(**changes):
    """The fragment's parameters, changed; None leaves one out."""
    return lambda p: {n: v for n, v in {**p, **changes}.items() if v is not None}


BROKEN_TOKENS = {
    "no token": tokens(access_token=None),
    "empty token": tokens(access_token=""),
    "token with a line break": tokens(access_token="t0ken\r\nX: y"),
    "token with NUL": tokens(access_token="t0ken\0"),
    "token in UTF-8": tokens(access_token="t0ken-é"),
    "token with a space": tokens(access_token="t0ken t0ken"),
    "token that is too long": tokens(access_token="t0ken" * 20000),
    "type mac": tokens(token_type="mac"),
    "type DPoP": tokens(token_type="DPoP"),
    "token twice": lambda p: [*p.items(), ("access_token", "t0ken")],
    "type twice": lambda p: [*p.items(), ("token_type", "Bearer")],
    "life twice": lambda p: [*p.items(), ("expires_in", "1")],
    "scope twice": lambda p: [*p.items(), ("scope", "a"), ("scope", "a")],
    "id_token twice": lambda p: [*p.items(), ("id_token", "a"), ("id_token", "b")],
    "error and token": tokens(error="access_denied"),
    "wrong state": tokens(state=login.WRONG_STATE),
    "no state": tokens(state=None),
    "state twice": lambda p: [*p.items(), ("state", p["state"])],
    "code alone": lambda p: {"code": "t0ken", "state": p["state"]},
}


@pytest.mark.parametrize("name", BROKEN_TOKENS)
def test_token_of_no_use(start, provider, browser, name):
    proxy = start(grant_type="implicit")
    login.begin(browser, proxy)
    params = login.response_to(browser, provider)
    text = refused(come_back(browser, proxy, BROKEN_TOKENS[name](params),
                             method="POST"))
    assert "t0ken" not in text and params["access_token"] not in text
    untouched(proxy, provider)
    assert "t0ken" not in proxy.stderr
    assert params["access_token"] not in proxy.stderr


@pytest.mark.parametrize("changes", [
    {"token_type": None}, {"token_type": "bearer"}, {"token_type": ""},
    {"expires_in": None}, {"expires_in": "soon"}, {"expires_in": ""},
    {"expires_in": "-1"}, {"expires_in": "9" * 40}, {"scope": ""},
    {"scope": "é <b>"}, {"unknown": "x"}], ids=str)
def test_token_that_will_do(start, provider, browser, changes):
    proxy = start(grant_type="implicit")
    login.begin(browser, proxy)
    params = tokens(**changes)(login.response_to(browser, provider))
    reply = come_back(browser, proxy, params, method="POST")
    assert reply.status_code == 200, reply.text
    assert "<b>" not in reply.text
    assert login.token_of(proxy.get(login.api_url())) == params["access_token"]


def test_page_without_a_fragment(start, provider, browser):
    """It says so, and nothing is sent."""
    proxy = start(grant_type="implicit")
    reply = browser.open(login.callback_url(proxy))
    assert reply.status_code == 200
    assert not browser.run_scripts()
    untouched(proxy, provider)


def test_another_browser(start, provider, browser):
    """A callback without the cookie changes nothing: nor does one with that
    of another login."""
    proxy = start()
    login.begin(browser, proxy)
    params = login.response_to(browser, provider)
    other = browser.fresh()
    refused(come_back(other, proxy, params), "another browser")
    untouched(proxy, provider)
    login.begin(other, proxy)
    refused(come_back(other, proxy, params), "another browser")
    untouched(proxy, provider)
    for cookie in ("", "=", "bearerd_login_", ";;;", "bearerd_login_00000000=A"):
        reply = proxy.get("/-/callback/a?" + urlencode(params), f"Cookie: {cookie}")
        assert reply.status == 400
    untouched(proxy, provider)
    assert come_back(browser, proxy, params).status_code == 200


def test_cookie_of_another_value(start, provider, browser):
    proxy = start()
    login.begin(browser, proxy)
    params = login.response_to(browser, provider)
    target = "/-/callback/a?" + urlencode(params)
    name, _, value = browser.response.headers["Set-Cookie"].split(";")[0].partition("=")
    for wrong in (value[:-1], value + "A", value.swapcase(), "", f'"{value}"'):
        assert proxy.get(target, f"Cookie: {name}={wrong}").status == 400, wrong
    for wrong in (f"x{name}={value}", f"{name}x={value}", f"{name.upper()}={value}",
                  f"x={name}={value}"):
        assert proxy.get(target, f"Cookie: {wrong}").status == 400, wrong
    untouched(proxy, provider)
    # Among others, and in a field of its own.
    reply = proxy.get(target, "Cookie: a=b; c", f"Cookie: d=e;{name}={value} ; f=g")
    assert reply.status == 200


def test_another_services_path(start, provider, browser):
    proxy = start(names=("a", "b"))
    login.begin(browser, proxy)
    params = login.response_to(browser, provider)
    refused(come_back(browser, proxy, params, "b"))
    refused(browser.open(f"{proxy.url}/-/callback?" + urlencode(params)))
    reply = browser.open(f"{proxy.url}/-/callback/c?" + urlencode(params))
    assert reply.status_code == 404
    untouched(proxy, provider)
    assert come_back(browser, proxy, params).status_code == 200
    assert login.is_told_to_log_in(proxy, "b")


def test_replay(start, provider, browser):
    proxy = start()
    last = login.log_in(browser, proxy).hops[-1].url
    for one in (browser, browser.fresh()):
        refused(one.open(last), "finished already")
    assert provider.token_count == 1
    assert provider.state()["replayed_codes"] == 0
    assert proxy.get(login.api_url()).status == 200


def test_replay_of_a_token(start, provider, browser):
    proxy = start(grant_type="implicit")
    last = login.log_in(browser, proxy).hops[-1]
    login.log_in(browser, proxy)
    refused(browser._navigate("POST", last.url, source=last.url, body=last.body))
    token = login.token_of(proxy.get(login.api_url()))
    assert token == provider.issued[1]


def test_callbacks_at_once(start, provider, browser):
    """Of many with the same answer one counts."""
    provider.set(plan=[{"delay": 0.3}])
    proxy = start()
    login.begin(browser, proxy)
    cookie = browser.response.headers["Set-Cookie"].split(";")[0]
    target = "/-/callback/a?" + urlencode(login.response_to(browser, provider))
    waiting = [proxy.connect().request("GET", target, fields=[f"Cookie: {cookie}"])
               for _ in range(8)]
    statuses = sorted(one.read_response().status for one in waiting)
    for one in waiting:
        one.close()
    assert statuses == [200] + [400] * 7
    assert provider.token_count == 1


@pytest.mark.parametrize("public", [False, True], ids=["secret", "public"])
def test_stolen_code(start, provider, browser, public):
    """A code is worth nothing without its verifier, and one that came from
    elsewhere is not taken."""
    keys = {"client_secret": None} if public else {}
    how = {"token_endpoint_auth_method": "none"} if public else {}
    proxy = start(register=how, **keys)
    login.begin(browser, proxy)
    code = login.response_to(browser, provider)["code"]
    form = {"grant_type": "authorization_code", "code": code,
            "redirect_uri": login.callback_url(proxy)}
    if public:
        form["client_id"] = "demo-client"
    reply = requests.post(provider.token_endpoint, data=form, timeout=30,
                          auth=None if public else ("demo-client", "demo-secret"))
    assert reply.status_code == 400 and "access_token" not in reply.text
    # Injected: it belongs to another login's challenge.
    victim = browser.fresh()
    login.begin(victim, proxy)
    stolen = login.response_to(victim, provider)["code"]
    login.begin(browser, proxy)
    params = {**login.response_to(browser, provider), "code": stolen}
    refused(come_back(browser, proxy, params), "invalid_grant", "log in again")
    assert login.is_told_to_log_in(proxy)


ISSUERS = ["https://evil.example", "{issuer}/", "{issuer}x", "HTTP{rest}", " {issuer}"]


@pytest.mark.parametrize("wrong", ISSUERS)
def test_answer_of_another_issuer(start, provider, browser, wrong):
    """RFC 9207: it is compared, and that answer was the only one."""
    proxy = start(issuer=provider.issuer)
    login.begin(browser, proxy)
    params = login.response_to(browser, provider)
    iss = wrong.format(issuer=provider.issuer, rest=provider.issuer[4:])
    refused(come_back(browser, proxy, {**params, "iss": iss}), "another issuer")
    refused(come_back(browser, proxy, params), "begin again")
    untouched(proxy, provider)
    login.log_in(browser, proxy)


def test_error_of_another_issuer(start, provider, browser):
    proxy = start(issuer=provider.issuer)
    login.begin(browser, proxy)
    params = login.response_to(browser, provider)
    text = refused(come_back(browser, proxy, {
        "state": params["state"], "iss": "https://evil.example", "error": "e_e",
        "error_description": "call 555-0100"}))
    assert "555" not in text and "e_e" not in text
    untouched(proxy, provider)


ERRORS = {
    "denied": {"error": "access_denied", "error_description": "she said no"},
    "no description": {"error": "server_error"},
    "HTML": {"error": "<i>e</i>", "error_description": "<script>alert(1)</script>&'\""},
    "unknown": {"error": "interaction_required", "error_description": "later"},
    "long": {"error": "e" * 300, "error_description": "d" * 3000},
    "controls": {"error": "e", "error_description": "\x1b[31m\r\nX-Evil: 1\r\n\0é"},
}


@pytest.mark.parametrize("name", ERRORS)
@pytest.mark.parametrize("grant", ["authorization_code", "implicit"])
def test_error_of_the_server(start, provider, browser, name, grant):
    """It is shown, and that login is over."""
    proxy = start(grant_type=grant)
    provider.set(plan=[{"endpoint": "authorize", **ERRORS[name]}])
    visit = browser.login(login.login_url(proxy))
    text = refused(visit.response, "authorization server refused")
    assert "<script>alert" not in text and "<i>e" not in text
    assert "X-Evil" not in visit.response.headers
    assert not any(line.startswith("X-Evil") for line in proxy.lines)
    assert "\x1b" not in text and "\x1b" not in proxy.stderr
    if name == "denied":
        assert "access_denied: she said no" in text
    if name == "HTML":
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text
    untouched(proxy, provider)
    state = dict(map(tuple, provider.responses[0]["params"]))["state"]
    again = {"state": state, "code": "c", "access_token": "t"}
    refused(come_back(browser, proxy, again, method="POST"))
    untouched(proxy, provider)


def test_person_who_says_no(start, provider, browser):
    proxy = start()
    visit = browser.login(login.login_url(proxy), approve=False)
    refused(visit.response, "access_denied")
    untouched(proxy, provider)
    login.log_in(browser, proxy)
