# SPDX-License-Identifier: MIT
"""Proof of possession (RFC 9449): at the token endpoint and before the API,
which verify every proof, take none twice, and bind tokens to its key."""

import hashlib
import json
import time
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from authlib.jose import JsonWebKey, JsonWebSignature

import load
import login
from certificates import Authority
from harness import Nginx, free_port, wait_for
from test_device import device, open_page

URL = "http://api.example.test/v1/x?y=1"
DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"


def bound(provider, **keys):
    return provider.service(**{"dpop": "yes", **keys})


def login_service(provider, **keys):
    return login.service(provider, **{"match": "api.example.test", "dpop": "yes",
                                      **keys})


def proofs(provider, side=None, **wanted):
    """Those that were shown there, with these words."""
    return [p for p in provider.dpop_proofs
            if side in (None, p["side"]) and wanted.items() <= p.items()]


def keys_of(provider, side=None):
    return {p["jkt"] for p in proofs(provider, side)}


def fields(reply, name):
    return [v for n, v in reply.json()["headers"] if n.lower() == name.lower()]


def store(starter):
    return {"store": f"sqlite:{starter.folder}/state/t.db"}


def check_all(provider):
    """What holds for all proofs, whatever they are for."""
    shown = provider.dpop_proofs
    assert len({p["claims"]["jti"] for p in shown}) == len(shown)
    for proof in shown:
        assert proof["header"]["typ"] == "dpop+jwt"
        assert set(proof["header"]) == {"typ", "alg", "jwk"}
        assert set(proof["header"]["jwk"]) == {"kty", "crv", "x", "y"}
        assert ("ath" in proof["claims"]) == (proof["side"] == "api")
        assert len(proof["claims"]["jti"]) >= 22  # 128 bits


def test_client_credentials(bearerd, provider):
    proxy = bearerd({"a": bound(provider)})
    for _ in range(3):
        reply = proxy.get(URL)
        assert reply.status == 200
        assert fields(reply, "Authorization") == [f"DPoP {provider.issued[0]}"]
        assert len(fields(reply, "DPoP")) == 1
    assert provider.token_count == 1
    [asked] = proofs(provider, "token")
    assert asked["uri"] == provider.token_endpoint
    assert asked["claims"]["htm"] == "POST"
    shown = proofs(provider, "api")
    assert len(shown) == 3
    assert {p["claims"]["htu"] for p in shown} == {provider.api + "/v1/x"}
    assert len(keys_of(provider)) == 1
    assert not [p for p in provider.dpop_proofs if p["refused"]]
    check_all(provider)
    assert "token_not_bound" not in proxy.stderr


def test_many_at_once(bearerd, provider):
    """Of all workers, with one key, and no proof twice."""
    provider.set(options={"token_nonce": "n0", "api_nonce": "n1"})
    proxy = bearerd({"a": bound(provider)}, {"workers": 4})
    answers = load.burst(proxy.port, load.get_request(URL), 200)
    assert [a.status for a in answers] == [200] * 200
    assert provider.token_count == 2
    assert len(keys_of(provider)) == 1
    check_all(provider)


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "DELETE", "PURGE"])
def test_method(bearerd, provider, method):
    proxy = bearerd({"a": bound(provider)})
    assert proxy.fetch(method, URL).status == 200
    [proof] = proofs(provider, "api")
    assert proof["claims"]["htm"] == method


def test_address_is_the_upstreams(bearerd, provider):
    """By path, by proxy, with a base path, in odd characters, as OPTIONS *."""
    proxy = bearerd({"a": bound(provider, upstream=provider.api + "/base%20x",
                                match="api.example.test/in"),
                     "b": bound(provider, match="b.test")})
    for target, uri in [
        ("http://api.example.test/in/a?q#", None),
        ("http://api.example.test/in/a%2Fb//c;d'(\"\\?q=/?", "/base%20x/a%2Fb//c;d'(\"\\"),
        ("/a/x%c3%a9?z", "/base%20x/x%c3%a9"),
        ("http://b.test", "/"),
        ("http://b.test?q", "/"),
    ]:
        if uri is None:
            continue
        assert proxy.get(target).status == 200, target
        assert proofs(provider, "api")[-1]["claims"]["htu"] == provider.api + uri
    assert proxy.fetch("OPTIONS", "http://b.test").status == 200
    assert proofs(provider, "api")[-1]["claims"]["htu"] == provider.api
    check_all(provider)


def test_clients_own_proof_goes(bearerd, provider):
    proxy = bearerd({"a": bound(provider),
                     "b": provider.service(match="b.test")})
    reply = proxy.get(URL, "DPoP: mine", "dpop: again")
    assert reply.status == 200
    assert len(fields(reply, "DPoP")) == 1
    assert "mine" not in fields(reply, "DPoP")
    # Without dpop nothing is touched.
    reply = proxy.get("http://b.test/", "DPoP: mine")
    assert fields(reply, "DPoP") == ["mine"]
    assert fields(reply, "Authorization")[0].startswith("Bearer ")


def test_own_credential_is_kept_with_its_proof(bearerd, provider):
    proxy = bearerd({"a": bound(provider, existing_credential="keep",
                                upstream=provider.api + "/open")})
    reply = proxy.get(URL, "Authorization: DPoP t", "DPoP: mine")
    assert fields(reply, "Authorization") == ["DPoP t"]
    assert fields(reply, "DPoP") == ["mine"]
    assert not provider.dpop_proofs


def test_token_of_another_key_is_refused(bearerd, provider):
    """The API looks: that the tests above can fail."""
    proxy = bearerd({"a": bound(provider)})
    assert proxy.get(URL).status == 200
    [token] = provider.issued
    key = JsonWebKey.generate_key("EC", "P-256", is_private=True)
    ath = proofs(provider, "api")[0]["claims"]["ath"]

    def ask(scheme="DPoP", **changes):
        claims = {"jti": "j" * 16 + str(time.time()), "htm": "GET",
                  "htu": provider.api + "/x", "iat": int(time.time()),
                  "ath": ath, **changes}
        header = {"typ": "dpop+jwt", "alg": "ES256", "jwk": key.as_dict()}
        header["jwk"] = {n: header["jwk"][n] for n in ("kty", "crv", "x", "y")}
        proof = JsonWebSignature(["ES256"]).serialize_compact(
            header, json.dumps(claims), key).decode()
        return requests.get(provider.api + "/x", timeout=30, headers={
            "Authorization": f"{scheme} {token}", "DPoP": proof})

    reply = ask()
    assert reply.status_code == 401
    assert proofs(provider, "api")[-1]["refused"] == "another key"
    assert ask("Bearer").status_code == 401
    for changes in ({"htm": "POST"}, {"htu": provider.api}, {"iat": 0},
                    {"ath": "x"}, {"jti": proofs(provider)[1]["claims"]["jti"]}):
        assert ask(**changes).status_code == 401
        assert proofs(provider, "api")[-1]["refused"] == "invalid_dpop_proof"


# --- nonces ---


@pytest.mark.parametrize("nonce", ["fixed-nonce", "once"])
def test_nonces_at_both_servers(bearerd, provider, nonce):
    provider.set(options={"token_nonce": nonce, "api_nonce": nonce})
    proxy = bearerd({"a": bound(provider)}, {"workers": 1})
    reply = proxy.get(URL)
    assert reply.status == 200
    assert provider.token_count == 2
    assert [p["refused"] for p in proofs(provider)] == [
        "use_dpop_nonce", None, "use_dpop_nonce", None]
    assert "nonce" not in proofs(provider)[0]["claims"]
    # Each answer brings the next one: none is refused any more.
    for _ in range(3):
        assert proxy.get(URL).status == 200
    assert proxy.post(URL, b"x").status == 200
    assert len(proofs(provider, refused="use_dpop_nonce")) == 2
    assert len(proofs(provider, "api")) == 6
    assert provider.token_count == 2
    check_all(provider)
    assert reply.value("DPoP-Nonce") is None
    assert "token_request_failed" not in proxy.stderr


def test_nonce_that_changes(bearerd, provider):
    provider.set(options={"api_nonce": "n1"})
    proxy = bearerd({"a": bound(provider)}, {"workers": 1})
    assert proxy.get(URL).status == 200
    provider.set(options={"api_nonce": "n2"})
    body = b"body" * 1000
    reply = proxy.post(URL, body)
    assert reply.status == 200
    assert reply.json()["body_sha256"] == hashlib.sha256(body).hexdigest()
    assert [p["claims"].get("nonce") for p in proofs(provider, "api")] == [
        None, "n1", "n1", "n2"]
    assert provider.token_count == 1


def test_nonces_are_a_services_own(bearerd, provider):
    provider.set(options={"api_nonce": "n1"})
    proxy = bearerd({"a": bound(provider), "b": bound(provider, match="b.test")},
                    {"workers": 1})
    assert proxy.get(URL).status == 200
    assert proxy.get("http://b.test/").status == 200
    assert [p["claims"].get("nonce") for p in proofs(provider, "api")] == [
        None, "n1", None, "n1"]


def test_chunked_body_is_sent_once_more(bearerd, provider):
    provider.set(options={"api_nonce": "n1"})
    proxy = bearerd({"a": bound(provider)}, {"workers": 1})
    with proxy.connect() as connection:
        connection.request("POST", URL, fields=["Transfer-Encoding: chunked"])
        connection.send(b"3\r\nabc\r\n")
        time.sleep(0.2)
        connection.send(b"3\r\ndef\r\n0\r\n\r\n")
        reply = connection.read_response()
    assert reply.status == 200
    assert reply.json()["body_sha256"] == hashlib.sha256(b"abcdef").hexdigest()
    assert len(proofs(provider, "api")) == 2


def test_body_too_large_to_be_sent_again(bearerd, provider):
    """The challenge passes on, the token stays in use; the next one has the
    nonce."""
    provider.set(options={"api_nonce": "n1"})
    proxy = bearerd({"a": bound(provider, replay_body="1K")}, {"workers": 1})
    body = b"x" * 5000
    reply = proxy.post(URL, body)
    assert reply.status == 401
    assert "use_dpop_nonce" in reply.value("WWW-Authenticate")
    assert reply.value("DPoP-Nonce") is None
    reply = proxy.post(URL, body)
    assert reply.status == 200
    assert reply.json()["body_length"] == len(body)
    assert provider.token_count == 1


@pytest.mark.parametrize("keys", [{"replay": "never"}, {"refresh_status": "403"}])
def test_replay_and_refresh_status(bearerd, provider, keys):
    """never is never; what refreshes a token does not matter."""
    provider.set(options={"api_nonce": "n1"})
    proxy = bearerd({"a": bound(provider, **keys)}, {"workers": 1})
    status = 401 if "replay" in keys else 200
    assert proxy.post(URL, b"x").status == status
    assert proxy.post(URL, b"x").status == 200


def test_challenges_end(bearerd, provider):
    """A server that takes no nonce is asked twice, and the token is not
    renewed for it."""
    provider.set(options={"api_nonce": "loop"})
    proxy = bearerd({"a": bound(provider)}, {"workers": 1})
    for n in (1, 2):
        assert proxy.get(URL).status == 401
        assert len(proofs(provider, "api")) == 2 * n
    assert provider.token_count == 1
    provider.set(options={"api_nonce": None})
    assert proxy.get(URL).status == 200
    provider.set(options={"token_nonce": "loop"})
    proxy.stop()
    proxy = bearerd({"a": bound(provider)}, {"workers": 1})
    reply = proxy.get(URL)
    assert reply.status == 502
    assert "use_dpop_nonce" in reply.json()["detail"]
    assert provider.token_count == 3


def test_nonce_and_refusal(bearerd, provider):
    """Both in one request: the nonce first, then a new token with it."""
    proxy = bearerd({"a": bound(provider)}, {"workers": 1})
    assert proxy.get(URL).status == 200
    provider.set(options={"api_nonce": "n1"})
    assert proxy.get(URL).status == 200
    provider.set(options={"api_nonce": "n2"})
    provider.revoke()
    assert proxy.post(URL, b"x").status == 200
    assert provider.token_count == 2
    assert len(keys_of(provider)) == 1
    check_all(provider)


def test_challenge_of_another_kind(bearerd, upstream, provider):
    """A nonce that was not asked for is kept; a challenge without one, or of
    another scheme, is a refusal as any other."""
    seen = []

    def script(peer):
        while True:
            got = peer.read_request()
            seen.append(got)
            n = len(seen)
            said = ['WWW-Authenticate: Bearer error="use_dpop_nonce"']
            said = {1: ['WWW-Authenticate: DPoP error="use_dpop_nonce"'],
                    2: ["DPoP-Nonce: n-2", "dpop-nonce: n-3"],
                    3: ["DPoP-Nonce: n-4"]}.get(n, said)
            status = "401 Unauthorized" if n in (1, 4) else "200 OK"
            peer.answer(b"", status, *said)

    there = upstream(script)
    proxy = bearerd({"a": bound(provider, upstream=there.url)}, {"workers": 1})
    assert proxy.get(URL).status == 200
    assert provider.token_count == 2  # of 1
    assert proxy.get(URL).status == 200
    assert proxy.get(URL).status == 200
    assert provider.token_count == 3  # of 4
    nonces = []
    for request in seen:
        [proof] = [v for n, v in request.fields if n == "DPoP"]
        nonces.append(jwt_claims(proof).get("nonce"))
    assert nonces == [None, None, None, "n-4", "n-4"]


def jwt_claims(text):
    import base64
    part = text.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))


# --- types ---


def test_server_that_ignores_dpop(bearerd, provider):
    """Its token is used as what it is; said once."""
    provider.set(options={"dpop": False})
    proxy = bearerd({"a": bound(provider)})
    for _ in range(2):
        reply = proxy.get(URL, "DPoP: mine")
        assert reply.status == 200
        assert fields(reply, "Authorization") == [f"Bearer {provider.issued[-1]}"]
        assert fields(reply, "DPoP") == []
        provider.revoke()
    assert provider.token_count == 2
    assert all(any(n == "DPoP" for n, _ in r["headers"])
               for r in provider.token_requests)
    assert proxy.stderr.count("token_not_bound") == 1


@pytest.mark.parametrize("token_type", ["dpop", "DPoP", "DPOP"])
def test_type_in_any_case(bearerd, provider, token_type):
    provider.set(issue={"token_type": token_type})
    proxy = bearerd({"a": bound(provider)})
    reply = proxy.get(URL)
    assert fields(reply, "Authorization") == [f"DPoP {provider.issued[0]}"]


def test_bound_token_without_dpop_is_an_error(bearerd, provider):
    provider.set(issue={"token_type": "DPoP"})
    proxy = bearerd({"a": provider.service()})
    reply = proxy.get(URL)
    assert reply.status == 502
    assert "dpop = yes" in reply.json()["detail"]
    assert provider.state()["api"]["total"] == 0


def test_server_that_demands_it(bearerd, provider):
    provider.register(dpop_bound_access_tokens=True)
    proxy = bearerd({"a": bound(provider),
                     "b": provider.service(match="b.test")})
    assert proxy.get(URL).status == 200
    reply = proxy.get("http://b.test/")
    assert reply.status == 502
    assert "invalid_dpop_proof" in reply.json()["detail"]


def test_other_field_and_format(bearerd, provider):
    proxy = bearerd({"a": bound(provider, upstream=provider.api + "/open",
                                token_name="X-Token",
                                token_format="{token_type}:{access_token}")})
    reply = proxy.get(URL)
    assert fields(reply, "X-Token") == [f"DPoP:{provider.issued[0]}"]
    [proof] = fields(reply, "DPoP")
    assert jwt_claims(proof)["htu"] == provider.api + "/open/v1/x"


@pytest.mark.parametrize("keys, words", [
    ({"grant_type": None, "access_token": "t", "client_secret": None},
     "grant_type = static"),
    ({"token_placement": "query"}, "header field"),
    ({"token_placement": "cookie"}, "header field"),
    ({"dpop": "maybe"}, "dpop"),
])
def test_keys_that_do_not_fit(bearerd, provider, keys, words):
    assert words in bearerd.refused({"a": bound(provider, **keys)})


def test_shared_session(bearerd, provider):
    """Another service with the same session has its token and its key."""
    provider.set(options={"api_nonce": "n1"})
    proxy = bearerd({"a": bound(provider),
                     "b": {"upstream": provider.api + "/b", "match": "b.test",
                           "session": "a"}}, {"workers": 1})
    for target in (URL, "http://b.test/x"):
        reply = proxy.post(target, b"x")
        assert fields(reply, "Authorization") == [f"DPoP {provider.issued[0]}"]
    assert proofs(provider, "api")[-1]["claims"]["htu"] == provider.api + "/b/x"
    assert provider.token_count == 1
    assert len(keys_of(provider)) == 1
    check_all(provider)


def test_other_method_at_the_token_endpoint(bearerd, provider):
    """The proof is of the request as it goes out."""
    provider.set(plan=[
        {"times": 2, "status": 400, "body": '{"error":"use_dpop_nonce"}',
         "headers": {"DPoP-Nonce": "n2"}}])
    proxy = bearerd({"a": bound(provider, **{"access_token_request.method": "GET"})})
    assert proxy.get(URL).status == 502
    claims = [jwt_claims(v) for r in provider.token_requests
              for n, v in r["headers"] if n == "DPoP"]
    assert [c["htm"] for c in claims] == ["GET", "GET"]
    assert {c["htu"] for c in claims} == {provider.token_endpoint}
    assert [c.get("nonce") for c in claims] == [None, "n2"]


# --- the key's life ---


def test_key_outlives_refreshes_and_restarts(bearerd, provider):
    provider.register(grant_types=["password", "refresh_token"],
                      token_endpoint_auth_method="none")
    provider.set(issue={"rotate": True})
    service = bound(provider, grant_type="password", username="alice",
                    password="wonderland", client_secret=None)
    proxy = bearerd({"a": service}, store(bearerd))
    assert proxy.get(URL).status == 200
    provider.expire()
    assert proxy.get(URL).status == 200
    proxy.stop()
    proxy = bearerd({"a": service}, store(bearerd))
    assert proxy.get(URL).status == 200  # the stored token
    assert provider.token_count == 2
    provider.expire()
    assert proxy.get(URL).status == 200  # the stored refresh token
    assert [r["grant_type"] for r in provider.token_requests] == [
        "password", "refresh_token", "refresh_token"]
    assert len(keys_of(provider)) == 1
    check_all(provider)
    # The key lies there sealed.
    jwk = proofs(provider)[0]["header"]["jwk"]
    for path in (bearerd.folder / "state").iterdir():
        assert jwk["x"].encode() not in path.read_bytes()


def test_dpop_is_a_wish(bearerd, provider):
    """A token from before the key was turned on, or off, is not used."""
    proxy = bearerd({"a": provider.service()}, store(bearerd))
    assert proxy.get(URL).status == 200
    proxy.stop()
    proxy = bearerd({"a": bound(provider)}, store(bearerd))
    assert fields(proxy.get(URL), "Authorization") == [f"DPoP {provider.issued[1]}"]
    proxy.stop()
    proxy = bearerd({"a": provider.service()}, store(bearerd))
    assert fields(proxy.get(URL), "Authorization") == [
        f"Bearer {provider.issued[2]}"]
    proxy.stop()
    # The key has stayed.
    proxy = bearerd({"a": bound(provider)}, store(bearerd))
    assert proxy.get(URL).status == 200
    assert len(keys_of(provider)) == 1


@pytest.mark.parametrize("nonce", [None, "once"])
def test_code(bearerd, provider, browser, nonce):
    """The code is bound to the login's key; another login has another."""
    provider.set(options={"token_nonce": nonce})
    keys = {"client_secret": None}
    proxy = bearerd({"a": login_service(provider, **keys)})
    login.register(provider, proxy, token_endpoint_auth_method="none",
                   dpop_bound_access_tokens=True)
    jkts = []
    for _ in range(2):
        visit = login.log_in(browser, proxy)
        asked = parse_qs(urlsplit(visit.hops[1].url).query)
        [jkt] = asked["dpop_jkt"]
        assert provider.token_requests[-1]["jkt"] == jkt
        assert proxy.get(URL).status == 200
        assert proofs(provider, "api")[-1]["jkt"] == jkt
        provider.expire()
        assert proxy.get(URL).status == 200
        assert provider.token_requests[-1]["grant_type"] == "refresh_token"
        assert provider.token_requests[-1]["jkt"] == jkt
        jkts.append(jkt)
    assert jkts[0] != jkts[1]
    assert provider.state()["replayed_codes"] == 0
    check_all(provider)


def test_code_of_another_key_is_refused(bearerd, provider, browser):
    """That dpop_jkt is looked at: a login whose address was changed."""
    proxy = bearerd({"a": login_service(provider, **{
        "authorization_request.param.dpop_jkt": "A" * 43})})
    login.register(provider, proxy)
    visit = browser.login(login.login_url(proxy))
    assert visit.response.status_code == 400
    assert "invalid_grant" in visit.response.text
    assert proxy.get(URL).status == 503


def test_login_that_fails_leaves_the_key(bearerd, provider, browser):
    proxy = bearerd({"a": login_service(provider)})
    login.register(provider, proxy)
    login.log_in(browser, proxy)
    assert proxy.get(URL).status == 200
    provider.set(plan=[{"status": 400, "body": '{"error":"invalid_grant"}'}])
    assert browser.login(login.login_url(proxy)).response.status_code == 400
    assert proxy.get(URL).status == 200
    provider.expire()
    assert proxy.get(URL).status == 200
    assert len(keys_of(provider, "api")) == 1


def test_device(bearerd, provider, browser):
    provider.register(grant_types=[DEVICE_GRANT, "refresh_token"], scope="read",
                      dpop_bound_access_tokens=True)
    provider.set(options={"token_nonce": "once"})
    proxy = bearerd({"a": device(provider, dpop="yes")}, store(bearerd))
    _, code = open_page(proxy, browser)
    wait_for(lambda: len(proofs(provider, "token")) >= 3, 10, "two polls")
    provider.approve_device(code)
    wait_for(lambda: proxy.get(URL).status == 200, 10, "the login")
    assert len(keys_of(provider)) == 1
    assert [p["refused"] for p in proofs(provider, "token")].count(
        "use_dpop_nonce") == 1
    proxy.stop()
    proxy = bearerd({"a": device(provider, dpop="yes")}, store(bearerd))
    provider.expire()
    assert proxy.get(URL).status == 200
    assert len(keys_of(provider)) == 1
    assert not any(n == "DPoP" for n, _ in provider.requests("device")[0]["headers"])
    check_all(provider)


def test_http2(bearerd, provider, authority: Authority, tmp_path):
    """Behind a server that speaks HTTP/2 and TLS; the proof names it."""
    certificate, key = authority.issue("127.0.0.1")
    port = free_port()
    server = f"""
        listen 127.0.0.1:{port} ssl http2;
        ssl_certificate {certificate};
        ssl_certificate_key {key};
        location / {{ proxy_pass {provider.api}; }}"""
    origin = f"https://127.0.0.1:{port}"
    provider.set(options={"api_origin": origin, "api_nonce": "n1"})
    nginx = Nginx(tmp_path / "nginx", server=server)
    try:
        proxy = bearerd({"a": bound(provider, upstream=origin, http_version="2",
                                    upstream_ca=str(authority.path))},
                        {"workers": 1})
        for _ in range(3):
            assert proxy.post(URL, b"x").status == 200
        assert {p["claims"]["htu"] for p in proofs(provider, "api")} == {
            origin + "/v1/x"}
        assert len(proofs(provider, "api")) == 4
        check_all(provider)
    finally:
        nginx.stop()
