"""A mail leaves through the server that the home names.

What belongs here: how a mail is sent. What does not: what it says and to whom it matters
(alerts.py), and the server's address (settings.py).
"""

from __future__ import annotations

import os
import smtplib
import ssl
from email.message import EmailMessage

from orchestration.ground.settings import Encryption, Mail
from orchestration.ground.text import NianbaoError

_SECONDS = 20


class NotSent(NianbaoError):
    """The mail did not leave."""


def send(mail: Mail, subject: str, body: str) -> None:
    """Send a text to the home's recipients; `NotSent` says what the server or the home lacks."""
    try:
        letter = EmailMessage()
        letter["Subject"], letter["From"] = subject, mail.sender
        letter["To"] = ", ".join(mail.recipients)
        letter.set_content(body)
        with _connected(mail) as server:
            if mail.password_from:
                server.login(mail.user or mail.sender, os.environ[mail.password_from])
            server.send_message(letter)
    except KeyError as error:
        raise NotSent(
            f"环境变量 {mail.password_from} 没有邮箱密码。",
            f"The environment variable {mail.password_from} holds no password.",
        ) from error
    except (OSError, OverflowError, ValueError, smtplib.SMTPException) as error:
        host, port = mail.place
        raise NotSent(
            f"邮件未发出：{error}", f"The mail was not sent: {error}", f"{host}:{port}"
        ) from error


def _connected(mail: Mail) -> smtplib.SMTP:
    secure = ssl.create_default_context()
    if mail.tls is Encryption.implicit:
        return smtplib.SMTP_SSL(*mail.place, timeout=_SECONDS, context=secure)
    server = smtplib.SMTP(*mail.place, timeout=_SECONDS)
    if mail.tls is Encryption.starttls:
        server.starttls(context=secure)
    return server
