"""Who may do what, over HTTP: keys, sessions, limits, headers, and the routes for accounts.

A request under ``/v1`` proves who it comes from before anything else is looked at; a route says
with `require` what its caller must be allowed to do, in the code and in the OpenAPI document.

Another identity provider (OIDC) comes in where a password does: a route checks what the provider
says, takes the account of that email (``accounts.users.of_email``) and opens a session
(``accounts.sessions.open``). Sessions, roles and the audit log stay as they are.
"""

from crossdock.platform.server.security.buckets import TokenBuckets
from crossdock.platform.server.security.depth import check_depth
from crossdock.platform.server.security.install import install_security, link_path
from crossdock.platform.server.security.permission import permitted, principal_of, require

__all__ = [
    "TokenBuckets",
    "check_depth",
    "install_security",
    "link_path",
    "permitted",
    "principal_of",
    "require",
]
