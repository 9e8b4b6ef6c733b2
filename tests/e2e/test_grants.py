# SPDX-License-Identifier: MIT
"""The grants password and refresh_token: what is sent, what is tried again,
and what ends them."""

import time

import pytest
import requests

import load
from harness import wait_for

URL = "http://api.example.test/x"
PEOPLE = {"client_id": "demo-client", "client_secret": "demo-secret",
          "grant_types": ["password", "refresh_token"]}


@pytest.fixture
def people(provider):
    """The provider, where the demonstration client may ask for users; without
    rotation."""
    provider.set(clients=[PEOPLE])
    return provider


def user(provider, **keys):
    return provider.service(**{"grant_type": None, "username": "alice",
                               "password": "wonderland", **keys})


def seeded(provider, refresh_token, **keys):
    return provider.service(**{"grant_type": None, "refresh_token": refresh_token,
                               **keys})


def log_in(provider, **form) -> dict:
    """Tokens of alice's, as a person would have got them elsewhere."""
    form = {"grant_type": "password", "username": "alice",
            "password": "wonderland", **form}
    reply = requests.post(provider.token_endpoint, data=form, timeout=30,
                          auth=("demo-client", "demo-secret"))
    assert reply.status_code == 200
    return reply.json()


def forms(provider) -> list[dict]:
    return [dict(map(tuple, record["form"])) for record in provider.token_requests]


def grants(provider) -> list[str]:
    return [form["grant_type"] for form in forms(provider)]



def test_password(bearerd, people):
    proxy = bearerd({"a": user(people, scope="read write")})
    assert proxy.get(URL).status == 200
    assert forms(people) == [{"grant_type": "password", "username": "alice",
                              "password": "wonderland", "scope": "read write"}]


def test_inference(bearerd, people):
    bearerd.write({"a": user(people), "b": seeded(people, "r", match="b.test"),
                   "c": user(people, refresh_token="r", username=None,
                             password=None, match="c.test")})
    said = bearerd.check((bearerd.folder / "bearerd.ini").read_text()).stdout
    lines = dict(line.split(": ", 1) for line in said.splitlines())
    assert "grant_type password (inferred)" in lines["a"]
    assert "grant_type refresh_token (inferred)" in lines["b"]
    assert "grant_type refresh_token (inferred)" in lines["c"]


@pytest.mark.parametrize("keys, key", [
    ({"grant_type": "password", "password": None}, "password"),
    ({"grant_type": "password", "username": None}, "username"),
    ({"grant_type": "refresh_token", "password": None, "username": None},
     "refresh_token"),
    ({"grant_type": "client_credentials"}, "password"),
    ({"refresh_token": "r"}, "password"),
])
def test_keys_that_do_not_fit(bearerd, people, keys, key):
    said = bearerd.refused({"a": user(people, **keys)})
    assert key in said
    assert "wonderland" not in said


def test_refresh_instead_of_the_password(bearerd, people):
    people.set(issue={"lifetime": 1})
    proxy = bearerd({"a": user(people, scope="read")})
    assert proxy.get(URL).status == 200
    for _ in range(2):
        time.sleep(1.1)
        assert proxy.get(URL).status == 200
    assert grants(people) == ["password", "refresh_token", "refresh_token"]
    # It does not rotate: the old one stays. No scope: as before.
    refreshes = forms(people)[1:]
    assert refreshes[0] == refreshes[1]
    assert set(refreshes[0]) == {"grant_type", "refresh_token"}


def test_password_without_refresh_tokens(bearerd, people):
    people.set(issue={"lifetime": 1, "refresh": False})
    proxy = bearerd({"a": user(people)})
    assert proxy.get(URL).status == 200
    time.sleep(1.1)
    assert proxy.get(URL).status == 200
    assert grants(people) == ["password", "password"]


def test_refused_refresh_starts_the_grant_again(bearerd, people):
    proxy = bearerd({"a": user(people)})
    assert proxy.get(URL).status == 200
    people.revoke()  # the refresh token too
    assert proxy.get(URL).status == 200
    assert grants(people) == ["password", "refresh_token", "password"]
    assert proxy.health().json()["status"] == "pass"


def test_client_credentials_with_a_refresh_token(bearerd, people):
    """RFC 6749 section 4.4.3 advises servers against it; some do it."""
    people.set(clients=[{**PEOPLE, "grant_types": ["client_credentials"]}],
               issue={"extra": {"refresh_token": "unknown-there"}})
    proxy = bearerd({"a": people.service()})
    assert proxy.get(URL).status == 200
    people.revoke()
    people.set(plan=[{"status": 400, "body": '{"error":"invalid_grant"}'}])
    assert proxy.get(URL).status == 200
    assert grants(people) == ["client_credentials", "refresh_token",
                              "client_credentials"]


@pytest.mark.parametrize("fault", [
    {"status": 503}, {"drop": "before"}, {"drop": "after"},
    {"status": 400, "body": '{"error":"invalid_client"}'},
    {"status": 200, "body": '{"access_token":'}],
    ids=["503", "dropped before", "dropped after", "invalid_client", "cut"])
def test_other_troubles_keep_the_refresh_token(bearerd, people, fault):
    people.set(issue={"lifetime": 1})
    proxy = bearerd({"a": user(people)})
    assert proxy.get(URL).status == 200
    time.sleep(1.1)
    people.set(plan=[fault])
    wait_for(lambda: proxy.get(URL).status == 200, 10, "a new token")
    assert set(grants(people)[1:]) == {"refresh_token"}
    assert len({form["refresh_token"] for form in forms(people)[1:]}) == 1


def test_wrong_password_is_given_up(bearerd, people):
    proxy = bearerd({"a": user(people, password="not-the-one")})
    answers = load.steady(proxy.port, load.get_request(URL), 5, 6, 0.1)
    assert {a.status for a in answers} == {502}
    assert people.token_count == 3
    reply = proxy.get(URL)
    assert (reply.status, reply.error) == (502, "proxy_configuration_error")
    said = reply.json()
    assert "invalid_grant" in said["detail"]
    assert "username and password" in str(said)
    assert "next start" in str(said)
    assert "not-the-one" not in str(said) + proxy.stderr
    assert proxy.health("a").json()["checks"]["session:a"][0]["observedValue"] == \
        "failing"
    assert proxy.health().status == 503
    # A start with the right one works.
    proxy.stop()
    proxy = bearerd({"a": user(people)})
    assert proxy.get(URL).status == 200


def test_another_user_is_another_session(bearerd, people):
    store = {"store": f"sqlite:{bearerd.folder}/state/t.db"}
    proxy = bearerd({"a": user(people)}, store)
    assert proxy.get(URL).status == 200
    proxy.stop()
    proxy = bearerd({"a": user(people, username="bob")}, store)
    assert proxy.get(URL).status == 502
    proxy.stop()
    proxy = bearerd({"a": user(people)}, store)
    assert proxy.get(URL).status == 200
    assert grants(people) == ["password", "password"]


def test_password_session_survives_a_restart(bearerd, people):
    """Also where its access token does not."""
    people.set(issue={"expires_in": 1})
    store = {"store": f"sqlite:{bearerd.folder}/state/t.db"}
    proxy = bearerd({"a": user(people)}, store)
    assert proxy.get(URL).status == 200
    proxy.stop()
    time.sleep(1.5)
    proxy = bearerd({"a": user(people)}, store)
    assert proxy.get(URL).status == 200
    assert "password" not in grants(people)[1:]


def test_refresh_token(bearerd, people):
    seed = log_in(people, scope="read write")["refresh_token"]
    proxy = bearerd({"a": seeded(people, seed, scope="read")})
    assert proxy.get(URL).status == 200
    assert forms(people)[1:] == [{"grant_type": "refresh_token",
                                  "refresh_token": seed, "scope": "read"}]


def test_refresh_token_of_a_file(bearerd, people):
    seed = log_in(people)["refresh_token"]
    (bearerd.folder / "seed").write_text(seed + "\n")
    proxy = bearerd({"a": seeded(people, None, refresh_token_file="seed")})
    assert proxy.get(URL).status == 200


def test_refresh_endpoint(bearerd, people):
    seed = log_in(people)["refresh_token"]
    origin = people.token_endpoint.rpartition("/")[0]
    proxy = bearerd({"a": seeded(people, seed,
                                 token_endpoint="http://127.0.0.1:1/token",
                                 refresh_endpoint=origin + "/token?again=1")})
    assert proxy.get(URL).status == 200
    assert people.token_requests[-1]["target"] == "/token?again=1"


def test_dead_refresh_token_does_not_storm(bearerd, people):
    proxy = bearerd({"a": seeded(people, "unknown-there")})
    answers = load.steady(proxy.port, load.get_request(URL), 5, 4, 0.1)
    assert {a.status for a in answers} == {502}
    assert 1 <= people.token_count <= 4
    reply = proxy.get(URL)
    assert reply.error == "proxy_configuration_error"
    assert "invalid_grant" in reply.json()["detail"]
    assert "give a new refresh_token" in str(reply.json())
    assert "unknown-there" not in proxy.stderr
    assert proxy.health().status == 503


def test_server_that_repeats_the_password(bearerd, people):
    people.set(plan=[{"status": 400, "times": None, "body":
                      '{"error":"invalid_grant",'
                      '"error_description":"wonderland is not it"}'}])
    proxy = bearerd({"a": user(people)})
    reply = proxy.get(URL)
    assert reply.status == 502
    assert b"wonderland" not in reply.body + reply.raw_head
    assert "wonderland" not in proxy.stderr
    assert b"invalid_grant" in reply.body


# Who it is, where id_token = verify asks for that (tests/e2e/test_id_token.py).

VERIFY = {"scope": "read write", "id_token": "verify"}


def test_refresh_is_no_way_around_a_verification(bearerd, people):
    """What came with a token that nobody has vouched for is not used either:
    a refresh may go without an id_token, but not in place of the first."""
    proxy = bearerd({"a": user(people, issuer=people.issuer, **VERIFY)})

    def asked_thrice() -> bool:
        assert proxy.get(URL).status == 502
        return people.token_count >= 3

    wait_for(asked_thrice, 15, "three requests")
    assert set(grants(people)) == {"password"}
    proxy.find("no id_token came", 5)
    assert "refresh_token" in log_in(people)


def test_refresh_where_it_is_not_known_whose_it_is(bearerd, people):
    seed = log_in(people, scope="read write")["refresh_token"]
    proxy = bearerd({"a": seeded(people, seed, issuer=people.issuer, **VERIFY)})
    assert proxy.get(URL).status == 502
    assert grants(people)[-1] == "refresh_token"
    proxy.find("no id_token came", 5)
