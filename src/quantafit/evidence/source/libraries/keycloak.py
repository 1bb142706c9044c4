"""python-keycloak: clients that ask the server they were made with. Methods read in python-keycloak 7.1.

Every method of the administrator's client asks. Of the others those are described that do, and those that only work on
what they are given; ``decode_token`` fetches the server's key unless it is given one.
"""

from __future__ import annotations

from quantafit.evidence.source.libraries.asking import does, plain
from quantafit.evidence.source.libraries.vocabulary import Arg, Call, Either, Inside, Kept, Library, Type

_OPENID, _ADMIN = "keycloak.KeycloakOpenID", "keycloak.KeycloakAdmin"
_CONNECTION, _UMA = "keycloak.KeycloakOpenIDConnection", "keycloak.KeycloakUMA"
_ASKS = Call(effects=(does("request", "http", host=Kept("host")),))
# fmt: off
_OF_OPENID = (
    "well_known", "auth_url", "token", "refresh_token", "exchange_token", "userinfo", "logout", "certs", "public_key",
    "entitlement", "introspect", "uma_permissions", "has_uma_access", "register_client", "device", "update_client",
    "decode_token", "get_policies", "get_permissions",
)
_OF_CONNECTION = ("raw_get", "raw_post", "raw_put", "raw_delete", "get_token", "refresh_token")
_OF_UMA = (
    "resource_set_create", "resource_set_update", "resource_set_read", "resource_set_delete", "resource_set_list_ids",
    "resource_set_list", "permission_ticket_create", "permissions_check", "policy_resource_create", "policy_update",
    "policy_delete", "policy_query",
)
# fmt: on


def _asking(owner: str, names: tuple[str, ...]) -> dict[str, Call]:
    """Methods that ask, and their twins that are awaited."""
    return {f"{owner}.{prefix}{name}": _ASKS for name in names for prefix in ("", "a_")}


KEYCLOAK = Library(
    distribution="python-keycloak",
    modules=("keycloak",),
    calls={
        _OPENID: Call(returns=_OPENID, keeps={"host": Arg(0, "server_url")}),
        _CONNECTION: Call(returns=_CONNECTION, keeps={"host": Arg(0, "server_url")}),
        _ADMIN: Call(
            returns=_ADMIN,
            keeps={"host": Either((Arg(0, "server_url"), Inside(Arg(15, "connection"), "host")))},
        ),
        _UMA: Call(returns=_UMA, keeps={"host": Inside(Arg(0, "connection"), "host")}),
        **_asking(_OPENID, _OF_OPENID),
        **plain(_OPENID, ("load_authorization_config", "a_load_authorization_config")),
        **_asking(_CONNECTION, _OF_CONNECTION),
        **_asking(_UMA, _OF_UMA),
        f"{_ADMIN}.*": _ASKS,
    },
    types={name: Type(client=True) for name in (_OPENID, _CONNECTION, _ADMIN, _UMA)},
    aliases={
        "keycloak.keycloak_openid.KeycloakOpenID": _OPENID,
        "keycloak.keycloak_admin.KeycloakAdmin": _ADMIN,
        "keycloak.keycloak_uma.KeycloakUMA": _UMA,
        "keycloak.openid_connection.KeycloakOpenIDConnection": _CONNECTION,
    },
)

LIBRARIES = (KEYCLOAK,)
