"""The proxy that the user gave QGIS, for pip, which does not know QGIS's settings."""

from __future__ import annotations

from urllib.parse import quote

from qgis.core import QgsSettings

_SCHEMES = {"HttpProxy": "http", "HttpCachingProxy": "http", "Socks5Proxy": "socks5h"}


def proxy_of_qgis() -> str:
    """Return the proxy, ``http://host:port`` and perhaps a name and password; empty for none and the system's."""
    settings = QgsSettings()
    kind = settings.value("proxy/proxyType", "")
    host = str(settings.value("proxy/proxyHost", "") or "").strip()
    if not settings.value("proxy/proxyEnabled", False, type=bool) or kind not in _SCHEMES or not host:
        return ""
    user, password = (str(settings.value(f"proxy/{key}", "") or "") for key in ("proxyUser", "proxyPassword"))
    secret = f":{quote(password, safe='')}" if password else ""
    who = f"{quote(user, safe='')}{secret}@" if user else ""
    port = str(settings.value("proxy/proxyPort", "") or "").strip()
    return f"{_SCHEMES[kind]}://{who}{host}{':' + port if port else ''}"
