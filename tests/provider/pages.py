# SPDX-License-Identifier: MIT
"""The pages that people see, and the cookie by which they are known again."""

from __future__ import annotations

import html
import time

from flask import Response, request

from storage import Login, Storage

COOKIE = "provider_session"

PAGE = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title></head>
<body><h1>{title}</h1>
{body}
</body></html>
"""

QUESTION = """<p id="message" role="alert">{message}</p>
<p>{question}</p>
<form method="post">
{fields}
<button type="submit" name="decision" value="approve">Approve</button>
<button type="submit" name="decision" value="deny">Deny</button>
</form>"""

NAME_AND_PASSWORD = """<p><label>Name <input name="username" value="{user}"
autocomplete="username"></label></p>
<p><label>Password <input name="password" type="password"
autocomplete="current-password"></label></p>"""

USER_CODE = """<p><label>Code <input name="user_code" value="{code}"
autocomplete="off"></label></p>"""

FORM_POST = """<form method="post" action="{action}">
{fields}
<noscript><button type="submit">Continue</button></noscript>
</form>
<script>document.forms[0].submit()</script>"""


def page(title: str, body: str, status: int = 200) -> Response:
    text = PAGE.format(title=html.escape(title), body=body)
    response = Response(text, status=status, content_type="text/html; charset=utf-8")
    response.headers["Cache-Control"] = "no-store"
    return response


def problem(text: str, status: int = 400) -> Response:
    """For a person, where no client can be told."""
    return page("This cannot be", f"<p id='message'>{html.escape(text)}</p>", status)


def question(title: str, text: str, fields: str, message: str = "") -> Response:
    body = QUESTION.format(message=html.escape(message), fields=fields,
                           question=html.escape(text))
    return page(title, body, 403 if message else 200)


def who_fields(login: Login | None) -> str:
    """Asks for name and password, unless the browser is known."""
    if login is None:
        return NAME_AND_PASSWORD.format(user="")
    return f"<p>You are {html.escape(login.user)}.</p>"


def code_field(user_code: str) -> str:
    return USER_CODE.format(code=html.escape(user_code))


def self_posting(action: str, params: list[tuple[str, str]]) -> Response:
    """OAuth 2.0 Form Post Response Mode."""
    fields = "\n".join(
        f'<input type="hidden" name="{html.escape(name)}" value="{html.escape(value)}">'
        for name, value in params)
    return page("Going back", FORM_POST.format(
        action=html.escape(action), fields=fields))


def known(storage: Storage) -> Login | None:
    return storage.login(request.cookies.get(COOKIE))


class Person:
    """Who sent a form: known by the cookie, or by name and password."""

    def __init__(self, storage: Storage, login: Login | None):
        form = request.form
        self.cookie: str | None = None
        self.login = login
        if login is None and storage.knows(form.get("username", ""),
                                           form.get("password", "")):
            self.cookie, self.login = storage.log_in(form["username"])

    def remember(self, response: Response) -> Response:
        if self.cookie:
            response.set_cookie(COOKIE, self.cookie, httponly=True, samesite="Lax",
                                secure=request.scheme == "https")
        return response


def is_recent(login: Login, max_age: str | None) -> bool:
    if max_age is None or not max_age.isdigit():
        return True
    return time.time() - login.auth_time <= int(max_age)
