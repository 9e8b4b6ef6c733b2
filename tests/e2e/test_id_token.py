# SPDX-License-Identifier: MIT
"""Who has logged in (OpenID Connect Core): what a server signs, and each way in
which that can be wrong."""

import time
from urllib.parse import urlencode

import pytest

import login
from login import refused

SCOPE = "openid read email"
HYBRIDS = ["code id_token", "code token", "code id_token token"]
WAYS = {
    "code": {},
    "implicit": {"grant_type": "implicit"},
    **{way.replace(" ", "_"): {"response_type": way} for way in HYBRIDS},
}
FRONT = ["implicit", "code_id_token", "code_id_token_token"]
SECRET = "a-client-secret-of-thirty-two-octets-and-more"


@pytest.fixture(scope="module")
def shared(shared_bearerd, provider_process):
    """A bearerd with a service for each way, and one for each algorithm."""
    services = {name: login.service(provider_process, name, scope=SCOPE,
                                    id_token_audience="https://trusted.test", **keys)
                for name, keys in WAYS.items()}
    for name, keys in {
            "es256": {"id_token_signed_response_alg": "ES256"},
            "hs256": {"id_token_signed_response_alg": "HS256",
                      "client_id": "hmac", "client_secret": SECRET},
            "aged": {"max_age": "5m"},
            "ours": {"require_claim.email": "alice@example.com",
                     "require_claim.email_verified": "true"},
            "ignored": {"id_token": "ignore", "issuer": None}}.items():
        services[name] = login.service(provider_process, name,
                                       **{"scope": SCOPE, **keys})
    return shared_bearerd(services)


@pytest.fixture
def proxy(shared, provider):
    """The same, known at the provider."""
    names = [*WAYS, "es256", "hs256", "aged", "ours", "ignored"]
    login.register(provider, shared, *names, scope="read write openid email")
    login.register(provider, shared, "hs256", client_id="hmac", client_secret=SECRET,
                   scope="read write openid email")
    return shared


def switch(provider, **id_token) -> None:
    provider.set(issue={"id_token": id_token})


def come_back(browser, proxy, params, name):
    """A browser brings what a server told it to; what is in the fragment, the
    page's script posts."""
    url = login.callback_url(proxy, name)
    browser.open(url + ("?" if name == "code" else "#") + urlencode(params))
    browser.run_scripts()
    return browser.response


# The good way.

@pytest.mark.parametrize("name", WAYS)
def test_good(proxy, provider, browser, name):
    login.log_in(browser, proxy, name)
    assert proxy.get(login.api_url(name)).status == 200
    assert provider.count("jwks") <= 1


@pytest.mark.parametrize("claims", [
    {"aud": ["demo-client", "https://trusted.test"]},
    {"aud": ["https://trusted.test", "demo-client"], "azp": "demo-client"}])
def test_for_a_trusted_audience_too(proxy, provider, browser, claims):
    switch(provider, claims=claims)
    login.log_in(browser, proxy, "code")


@pytest.mark.parametrize("name, algorithm", [
    ("es256", "ES256"), ("code", "PS512"), ("code", "EdDSA"), ("code", "ES384")])
def test_other_algorithms(proxy, provider, browser, name, algorithm):
    switch(provider, alg=algorithm)
    login.log_in(browser, proxy, name)


def test_with_the_secret(proxy, provider, browser):
    """HMAC is for who is registered for it, by the client's own secret."""
    switch(provider, alg="HS256")
    login.log_in(browser, proxy, "hs256")
    refused(browser.login(login.login_url(proxy, "code")).response, "(alg)", "HS256")

def test_ignored(proxy, provider, browser):
    for one in ({"text": "nonsense"}, {"text": "absent"}, {"alg": "none"}):
        switch(provider, **one)
        login.log_in(browser, proxy, "ignored")


# What is wrong.

NOW = int(time.time())


def name_of(value) -> str:
    """The same in each of the processes that share the tests."""
    if isinstance(value, dict):
        return "-".join(f"{k}={name_of(v)}" for k, v in value.items())
    return "time" if isinstance(value, int) else str(value)[:40]


WRONG = [
    ("iss", {"iss": "https://other.test"}),
    ("iss", {"iss": "absent"}),
    ("aud", {"aud": "another-client"}),
    ("aud", {"aud": "absent"}),
    ("aud", {"aud": ["demo-client", "another-client"]}),
    ("aud", {"aud": ["demo-client", "another-client"], "azp": "demo-client"}),
    ("aud", {"aud": ["demo-client", "https://trusted.test", "another-client"]}),
    ("aud", {"aud": ["https://trusted.test"]}),
    ("azp", {"aud": ["demo-client", "https://trusted.test"],
             "azp": "https://trusted.test"}),
    ("azp", {"azp": "another-client"}),
    ("exp", {"exp": NOW - 600}),
    ("exp", {"exp": "absent"}),
    ("iat", {"iat": NOW + 100000}),
    ("iat", {"iat": NOW - 100000}),
    ("iat", {"iat": "absent"}),
    ("nbf", {"nbf": NOW + 100000}),
    ("sub", {"sub": "absent"}),
    ("nonce", {"nonce": "another"}),
    ("nonce", {"nonce": "absent"}),
]


@pytest.mark.parametrize("check, claims", WRONG, ids=name_of)
def test_wrong_claim(proxy, provider, browser, check, claims):
    """The login is refused, and the session of before stays."""
    login.log_in(browser, proxy, "code")
    token = login.token_of(proxy.get(login.api_url("code")))
    switch(provider, claims=claims)
    reply = browser.login(login.login_url(proxy, "code")).response
    refused(reply, "the id_token is refused", f"({check})")
    if claims == {"nonce": "absent"}:
        refused(reply, "id_token = ignore")
    assert login.token_of(proxy.get(login.api_url("code"))) == token


@pytest.mark.parametrize("name", FRONT)
@pytest.mark.parametrize("check, claims", [
    WRONG[0], WRONG[2], WRONG[6], ("nonce", {"nonce": "another"}),
    ("nonce", {"nonce": "absent"})], ids=name_of)
def test_wrong_claim_in_front(proxy, provider, browser, name, check, claims):
    """What the browser brings is looked at before a code is sent."""
    before = provider.token_count
    switch(provider, claims=claims)
    refused(browser.login(login.login_url(proxy, name)).response, f"({check})")
    assert provider.token_count == before


@pytest.mark.parametrize("name, claims, check", [
    ("code", {"at_hash": "A" * 22}, "at_hash"),
    ("code_token", {"at_hash": "A" * 22}, "at_hash"),
    ("implicit", {"at_hash": "A" * 22}, "at_hash"),
    ("implicit", {"at_hash": "absent"}, "at_hash"),
    ("code_id_token", {"c_hash": "A" * 22}, "c_hash"),
    ("code_id_token", {"c_hash": "absent"}, "c_hash"),
    ("code_id_token_token", {"c_hash": "absent"}, "c_hash"),
    ("code_id_token_token", {"at_hash": "absent"}, "at_hash"),
    ("code", {"at_hash": "absent"}, None),
    ("code_id_token", {"at_hash": "absent"}, None)], ids=name_of)
def test_hashes(proxy, provider, browser, name, claims, check):
    switch(provider, claims=claims)
    if check:
        refused(browser.login(login.login_url(proxy, name)).response, f"({check})")
    else:
        login.log_in(browser, proxy, name)


@pytest.mark.parametrize("token, words", [
    ({"alg": "none"}, "(alg)"),
    ({"stray": True}, "(signature)"),
    ({"alg": "RS256", "header": {"kid": "unknown"}}, "(signature)"),
    ({"text": "absent"}, "no id_token came"),
    ({"text": "e30.e30.e30"}, "(alg)"),
    ({"text": "e30.e30.e30.e30.e30"}, "encrypted"),
    ({"text": "nonsense"}, "(form)"),
    ({"text": "A" * 60000}, "(form)"),
], ids=name_of)
@pytest.mark.parametrize("name", ["code", "implicit", "code_id_token"])
def test_wrong_token(proxy, provider, browser, name, token, words):
    switch(provider, **token)
    refused(browser.login(login.login_url(proxy, name)).response, words)


def test_wrong_algorithms(proxy, provider, browser):
    switch(provider, alg="RS256")
    refused(browser.login(login.login_url(proxy, "es256")).response,
            "(alg)", "RS256", "where ES256 is expected")
    refused(browser.login(login.login_url(proxy, "hs256")).response, "(alg)")
    switch(provider, alg="HS256")
    refused(browser.login(login.login_url(proxy, "code")).response, "(alg)")


def test_max_age(proxy, provider, browser):
    login.log_in(browser, proxy, "aged")
    for claims in ({"auth_time": NOW - 10000}, {"auth_time": "absent"}):
        switch(provider, claims=claims)
        refused(browser.login(login.login_url(proxy, "aged")).response, "(auth_time)")
    login.log_in(browser, proxy, "code")


def test_required_claims(proxy, provider, browser):
    """A login with the wrong account is refused."""
    refused(browser.login(login.login_url(proxy, "ours")).response,
            "(require_claim)", "the claim email is not")
    switch(provider, claims={"email": "alice@example.com"})
    login.log_in(browser, proxy, "ours")
    switch(provider, claims={"email": "alice@example.com", "email_verified": False})
    refused(browser.login(login.login_url(proxy, "ours")).response,
            "the claim email_verified")
    switch(provider, claims={"email": "absent"})
    refused(browser.login(login.login_url(proxy, "ours")).response, "is missing")


def test_token_of_another_login(proxy, provider, browser):
    """An id_token that is good, but was made for another browser's login."""
    other = browser.fresh()
    login.begin(other, proxy, "code_id_token")
    stolen = login.response_to(other, provider)["id_token"]
    login.begin(browser, proxy, "code_id_token")
    params = {**login.response_to(browser, provider), "id_token": stolen}
    refused(come_back(browser, proxy, params, "code_id_token"), "(nonce)")


def test_code_of_another_login(proxy, provider, browser):
    """The same with the code: c_hash tells."""
    other = browser.fresh()
    login.begin(other, proxy, "code_id_token")
    stolen = login.response_to(other, provider)["code"]
    login.begin(browser, proxy, "code_id_token")
    params = {**login.response_to(browser, provider), "code": stolen}
    before = provider.token_count
    refused(come_back(browser, proxy, params, "code_id_token"), "(c_hash)")
    assert provider.token_count == before


def test_another_person_at_the_token_endpoint(proxy, provider, browser):
    """Both id_tokens of a hybrid flow are one person's (3.3.3.6)."""
    login.begin(browser, proxy, "code_id_token")
    params = login.response_to(browser, provider)
    switch(provider, claims={"sub": "bob"})
    refused(come_back(browser, proxy, params, "code_id_token"), "(sub)",
            "another account")


def test_hybrid_without_one_in_front(proxy, provider, browser):
    login.begin(browser, proxy, "code_id_token")
    params = login.response_to(browser, provider)
    del params["id_token"]
    refused(come_back(browser, proxy, params, "code_id_token"), "no id_token came")


# Refreshes.

def refresh(proxy, provider) -> int:
    """The answer to a request once the token is spent."""
    provider.expire()
    return proxy.get(login.api_url()).status


def test_refresh(start, provider, browser):
    proxy = start(scope=SCOPE, register={"scope": "read openid email"})
    login.log_in(browser, proxy)
    assert refresh(proxy, provider) == 200  # without an id_token
    switch(provider, refresh=True)
    assert refresh(proxy, provider) == 200
    switch(provider, refresh=True, claims={"email": "absent", "at_hash": "absent"})
    assert refresh(proxy, provider) == 200
    assert provider.state()["token"]["by_grant"]["refresh_token"] == 3


@pytest.mark.parametrize("token, check", [
    ({"claims": {"sub": "bob"}}, "sub"),
    ({"claims": {"iss": "https://other.test"}}, "iss"),
    ({"claims": {"nonce": "another"}}, "nonce"),
    ({"claims": {"aud": "another"}}, "aud"),
    ({"claims": {"at_hash": "A" * 22}}, "at_hash"),
    ({"claims": {"exp": NOW - 600}}, "exp"),
    ({"stray": True}, "signature"),
    ({"alg": "none"}, "alg"),
], ids=name_of)
def test_wrong_refresh(start, provider, browser, token, check):
    """Its token is not used, but the refresh token that came with it is the
    good one from then on."""
    proxy = start(scope=SCOPE, register={"scope": "read openid email"})
    provider.set(issue={"rotate": True})
    login.log_in(browser, proxy)
    provider.set(issue={"rotate": True, "id_token": {"refresh": True, **token}})
    provider.expire()
    reply = proxy.get(login.api_url())
    assert reply.status in (401, 502), reply.body
    proxy.find(rf"\({check}\)", 5)
    before = provider.state()["token"]["by_grant"]["refresh_token"]
    assert before == 1
    provider.set(issue={"rotate": True})
    login.wait_for(lambda: proxy.get(login.api_url()).status == 200, 10, "a token")
    assert provider.state()["token"]["by_status"].get("400") is None


def test_refresh_after_a_restart(start, provider, browser, tmp_path):
    """Whose session it is, is stored with it."""
    keys = {"proxy": {"store": f"sqlite:{tmp_path}/x.db"}, "scope": SCOPE,
            "register": {"scope": "read openid email"}}
    proxy = start(**keys)
    login.log_in(browser, proxy)
    proxy.stop()
    switch(provider, refresh=True, claims={"sub": "bob"})
    proxy = start(**keys)
    assert refresh(proxy, provider) in (401, 502)
    proxy.find(r"\(sub\)", 5)
    switch(provider, refresh=True)
    login.wait_for(lambda: proxy.get(login.api_url()).status == 200, 10, "a token")


# What the configuration asks for.

@pytest.mark.parametrize("keys, words", [
    ({"issuer": None}, "issuer is missing"),
    ({"id_token_signed_response_alg": "none"}, "not signed"),
    ({"id_token_signed_response_alg": "RS255"}, "not one of the signature algorithms"),
    ({"id_token_signed_response_alg": "HS256"}, "too short"),
    ({"id_token": "ignore", "require_claim.sub": "x"}, "require_claim needs"),
    ({"scope": "read", "require_claim.sub": "x"}, "require_claim needs"),
    ({"grant_type": "implicit", "response_type": "token"}, "brings no id_token"),
    ({"jwks_uri": "http://as.example.test/jwks"}, "jwks_uri must be an https URL"),
], ids=name_of)
def test_mistakes(bearerd, provider, keys, words):
    said = bearerd.refused({"a": login.service(provider, **{"scope": SCOPE, **keys})})
    assert words in said, said
