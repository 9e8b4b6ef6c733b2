# SPDX-License-Identifier: MIT
"""What was exchanged for another session's token ends with that session's
login: nobody's requests go out in the name of who was logged in before."""

import pytest

import login
from harness import wait_for
from test_exchange import EXCHANGE, URL, exchange, people, token_of  # noqa: F401

GRANTS = ["authorization_code", "refresh_token", EXCHANGE]


@pytest.fixture
def begin(bearerd, provider, revoking):
    """People log in to "a"; "b" exchanges its token, "d" that of "b"; "c" has
    the session of "b", and "e" exchanges by way of "s", which has that of "a"."""
    def sharing(name, session):
        return {"upstream": provider.api, "match": f"{name}.example.test",
                "session": session}

    def chain(name, subject):
        return exchange(provider, subject_token_service=subject,
                        match=f"{name}.example.test", **revoking)

    def start(**proxy):
        process = bearerd({
            "a": login.service(provider, **revoking), "s": sharing("s", "a"),
            "b": chain("b", "a"), "c": sharing("c", "b"), "d": chain("d", "b"),
            "e": chain("e", "s")}, proxy)
        login.register(provider, process, grant_types=GRANTS)
        return process

    return start


def tokens(proxy) -> dict[str, str]:
    return {name: login.token_of(proxy.get(login.api_url(name))) for name in "bcde"}


def subjects(provider) -> list[str]:
    return [one["subject"] for one in provider.exchanges]


def revoked(provider, count: int) -> bool:
    """So many of the exchanged tokens, and all at the server."""
    done = [one for one in provider.revocations if one.get("revoked")]
    return len(done) >= count


def test_another_account_logs_in(begin, provider, browser):
    proxy = begin()
    login.log_in(browser, proxy)
    first = tokens(proxy)
    assert first["b"] == first["c"]
    assert subjects(provider) == ["alice"] * 3
    visit = browser.fresh().login(login.login_url(proxy), "bob", "builder")
    assert "is logged in" in visit.response.text
    second = tokens(proxy)
    assert not set(first.values()) & set(second.values())
    assert subjects(provider) == ["alice"] * 3 + ["bob"] * 3
    wait_for(lambda: revoked(provider, 3), 10, "three revocations")
    assert {login.token_of(proxy.get(login.api_url(n))) for n in "bcde"} == set(
        second.values())


def test_logout(begin, provider, browser, bearer):
    proxy = begin()
    login.log_in(browser, proxy)
    tokens(proxy)
    bearer("logout", "a")
    for name in "bcde":
        reply = proxy.get(login.api_url(name))
        assert reply.status == 503, name
        assert reply.json()["login_url"] == login.login_url(proxy, "a")
    wait_for(lambda: revoked(provider, 4), 10, "four revocations")
    assert subjects(provider) == ["alice"] * 3


def test_restart_of_the_same_login(begin, provider, browser, bearerd):
    store = f"sqlite:{bearerd.folder}/state/t.db"
    proxy = begin(store=store)
    login.log_in(browser, proxy)
    first = tokens(proxy)
    proxy.stop()
    assert tokens(begin(store=store)) == first
    assert len(provider.exchanges) == 3


def test_restart_with_another_static_token(bearerd, people, revoking):
    """The token that a file gives is the login."""
    store = {"store": f"sqlite:{bearerd.folder}/state/t.db"}

    def start(user, password):
        return bearerd({
            "a": {"upstream": people.api, "match": "a.example.test",
                  "access_token": token_of(people, user, password)},
            "b": exchange(people, subject_token_service="a", **revoking)}, store)

    proxy = start("alice", "wonderland")
    first = login.token_of(proxy.get(URL))
    proxy.stop()
    proxy = start("bob", "builder")
    assert login.token_of(proxy.get(URL)) != first
    assert subjects(people) == ["alice", "bob"]
    wait_for(lambda: revoked(people, 1), 10, "a revocation")


def test_another_subject_in_a_file(bearerd, people, revoking, tmp_path):
    """What stands there is looked at once a second."""
    file = tmp_path / "subject"
    file.write_text(token_of(people, "alice", "wonderland"))
    proxy = bearerd({"a": exchange(people, subject_token_file=file, **revoking)})
    first = login.token_of(proxy.get(URL))
    file.write_text(token_of(people, "bob", "builder"))
    wait_for(lambda: login.token_of(proxy.get(URL)) != first, 10, "another token")
    assert subjects(people) == ["alice", "bob"]
    wait_for(lambda: revoked(people, 1), 10, "a revocation")
    file.unlink()
    assert proxy.get(URL).status == 200
