"""Roles: what they are called, and what each may do.

What belongs here: the list. What does not: who has which (store.py).
"""

from __future__ import annotations

from orchestration.ground.text import Term

ALL_CITIES = "*"


class Role(Term):
    """What a person does here."""

    viewer = "viewer", "查看者", "viewer"
    steward = "steward", "数据专员", "steward"
    approver = "approver", "审批人", "approver"
    administrator = "administrator", "管理员", "administrator"


# What a role may do. An administrator manages accounts and sees every city, and decides nothing.
GRANTS = {
    Role.viewer: {Role.viewer},
    Role.steward: {Role.viewer, Role.steward},
    Role.approver: {Role.viewer, Role.steward, Role.approver},
    Role.administrator: {Role.viewer, Role.administrator},
}
