# SPDX-License-Identifier: MIT
"""bearerd providers: which profiles there are, and what one says."""

import re

import pytest

import harness
from profiles import FOLDER

OWN = """# Ours

[proxy]
provider_dir = more

# Our login server, for all wikis
# and more words
[provider corporate]
token_endpoint = https://login.example.com/token

# Another GitHub
[provider github]
token_endpoint = https://github.example.com/token
client_secret = hush
; said of the next one
[provider bare]
"""


@pytest.fixture
def providers(bearerd):
    def run(*words, status=0, config=OWN, env=None):
        (bearerd.folder / "more").mkdir(exist_ok=True)
        path = bearerd.folder / "bearerd.ini"
        path.write_text(config)
        result = harness.command("providers", *words, "-c", str(path),
                                 env={**bearerd.env, **(env or {})})
        assert result.returncode == status, (result.stdout, result.stderr)
        return result.stderr if status else result.stdout

    return run


def lines_of(text):
    return {line.split()[0]: line for line in text.splitlines()}


def test_each_is_listed(providers):
    found = lines_of(providers(config=""))
    assert list(found) == sorted(p.stem for p in FOLDER.glob("*.ini"))
    assert re.fullmatch(r"fitbit +Fitbit's Web API", found["fitbit"])
    assert not any("(/" in line for line in found.values())


def test_own_ones_are_listed_with_their_place(providers, bearerd):
    more = bearerd.folder / "more"
    more.mkdir()
    (more / "globex.ini").write_text("# Globex\n[provider globex]\n")
    (more / "fitbit.ini").write_text("[provider fitbit]\n")
    (more / "no name.ini").write_text("")
    found = lines_of(providers())
    ini = bearerd.folder / "bearerd.ini"
    assert found["corporate"].endswith(f"  Our login server, for all wikis ({ini}:8)")
    assert found["github"].endswith(f"  Another GitHub ({ini}:12)")
    assert found["bare"].endswith(f"  said of the next one ({ini}:16)")
    assert found["globex"].endswith(f"  Globex ({more}/globex.ini)")
    assert found["fitbit"].endswith(f"  ({more}/fitbit.ini)")
    assert "no" not in found and "gitlab" in found


def test_a_used_one_of_a_directory_is_listed_once(providers, bearerd):
    more = bearerd.folder / "more"
    more.mkdir()
    (more / "globex.ini").write_text("# Globex\n[provider globex]\n")
    text = providers(config=OWN + "[service a]\nprovider = globex\n"
                     "upstream = https://api.example.com\naccess_token = x\n")
    [line] = [line for line in text.splitlines() if line.startswith("globex")]
    assert line.endswith(f"Globex ({more}/globex.ini)")


def test_one_is_shown_as_it_stands(providers):
    text = providers("slack", config="")
    path, _, rest = text.partition("\n")
    assert path.startswith("# /") and path.endswith("/conf/providers/slack.ini")
    assert rest == (FOLDER / "slack.ini").read_text()


def test_own_section_is_shown(providers, bearerd):
    assert providers("corporate") == (
        f"# {bearerd.folder}/bearerd.ini:8\n"
        "# Our login server, for all wikis\n# and more words\n"
        "[provider corporate]\ntoken_endpoint = https://login.example.com/token\n")
    assert providers("bare").endswith("; said of the next one\n[provider bare]\n")


def test_what_is_shown_is_a_profile(providers, bearerd):
    text = providers("fitbit", config="")
    result = bearerd.check(text + "\n[service a]\nprovider = fitbit\nclient_id = x\n"
                           "client_secret = y\n[proxy]\n"
                           "external_url = http://127.0.0.1:8119\n")
    assert result.returncode == 0, result.stderr


def test_without_a_configuration(bearerd):
    env = {**bearerd.env, "XDG_CONFIG_HOME": str(bearerd.folder)}
    result = harness.command("providers", env=env)
    assert result.returncode == 0 and "keycloak" in result.stdout


@pytest.mark.parametrize("name, told", [
    ("slakc", "there is no profile slakc; did you mean slack?"),
    ("nothing-like-it", "bearerd providers lists them")])
def test_unknown_one(providers, name, told):
    assert told in providers(name, status=1)


def test_directory_of_the_environment(providers, bearerd):
    (bearerd.folder / "one.ini").write_text("; One\n[provider one]\n")
    env = {"BEARERD_PROVIDER_DIR": str(bearerd.folder)}
    assert providers(config="", env=env).splitlines()[-1] == "one      One"


def test_wrong_use(bearerd, providers):
    assert "does not know two" in providers("one", "two", status=2)
    assert "does not know --all" in providers("--all", status=2)
    missing = str(bearerd.folder / "missing.ini")
    result = harness.command("providers", "-c", missing, env=bearerd.env)
    assert result.returncode == 1 and "there is no such file" in result.stderr
    assert result.stdout == ""
