"""What pip's last words mean, in one sentence with the way out.

The texts looked for are those of pip 20 to 26, of urllib3, of OpenSSL and of the operating systems.
"""

from __future__ import annotations

import re

_LONGEST = 200
_CONVENTIONAL = "the conventional method, which needs no package"
#: Patterns in the order in which they decide, for one failure often speaks of another: a proxy's refusal is also a
#: connection that broke, and a connection that broke is also a version that was not found.
_MEANINGS = (
    (
        r"No module named '?pip'?\b|ensurepip is disabled",
        "This Python has no pip: on Debian and Ubuntu install the package python3-pip (sudo apt install python3-pip), "
        "on Fedora python3-pip, elsewhere run 'python3 -m ensurepip --user'; then try again.",
    ),
    (
        r"\b407\b|Proxy Authentication Required",
        "The proxy asks for a name and a password (407) before it lets anything be downloaded: enter them in QGIS "
        "under Settings, Options, Network, or set HTTPS_PROXY="
        "http://NAME:PASSWORD@HOST:PORT; then try again.",  # pragma: allowlist secret
    ),
    (
        r"ProxyError|Cannot connect to proxy|InvalidProxyURL|Missing dependencies for SOCKS",
        "The proxy does not answer: look at its address in QGIS under Settings, Options, Network, and in the variable "
        "HTTPS_PROXY; then try again.",
    ),
    (
        r"SSL module is not available",
        "This Python cannot open secure connections (its module ssl does not load): repair the installation of QGIS, "
        "or run the command below with another Python of the same version.",
    ),
    (
        r"CERTIFICATE_VERIFY_FAILED|certificate verify failed|SSLCertVerificationError|self[- ]signed certificate",
        "The certificate of the package server is not trusted, as happens where a company's proxy or an antivirus "
        "looks into secure connections, or the computer's date is wrong: set PIP_CERT to the file of your company's "
        "certificate (ask those who run the network); then try again.",
    ),
    (
        r"SSLError|SSLEOFError|WRONG_VERSION_NUMBER|TLSV1_ALERT|tlsv1 alert",
        "The secure connection to the package server was broken off, which is mostly a proxy's or an antivirus's "
        "doing: look at the proxy in QGIS under Settings, Options, Network; then try again.",
    ),
    (
        r"No space left on device|\[Errno 28\]|WinError 112\b|not enough space on the disk",
        "The disk is full: free some space, or set DEEPOT_RUNTIME to a folder on another disk; then try again.",
    ),
    (
        r"Disk quota exceeded|\[Errno 122\]|File too large|\[Errno 27\]",
        "What you may store is used up (a quota): free some space, or set DEEPOT_RUNTIME to a folder elsewhere; then "
        "try again.",
    ),
    (
        r"WinError 225\b|WinError 226\b|contains a virus",
        "The antivirus took a file away while it was being written: let it make an exception for the folder, or ask "
        "those who run the computer; then try again.",
    ),
    (
        r"WinError 32\b|being used by another process|Text file busy|Device or resource busy",
        "Another program holds a file that was being written, mostly an antivirus that looks into it or a second QGIS: "
        "close other QGIS windows, wait a minute, then try again.",
    ),
    (
        r"WinError 5\b|Permission denied|Access is denied|Read-only file system|\[Errno 13\]|\[Errno 30\]",
        "Writing was refused: the folder is read-only, or an antivirus guards it; set DEEPOT_RUNTIME to a folder that "
        "you may write to, then try again.",
    ),
    (
        r"WinError 206\b|File name too long|\[Errno 36\]",
        "A path became too long: set DEEPOT_RUNTIME to a short folder such as C:\\deepot, then try again.",
    ),
    (
        r"externally[- ]managed",
        "This Python is managed by the system and its pip refuses to install even into a folder of its own: run the "
        "command below with --break-system-packages added; the system's packages are not touched.",
    ),
    (
        r"DO NOT MATCH THE HASHES|BadZipFile|has an invalid wheel|File is not a zip file|IncompleteRead|"
        r"Wheel .* is invalid",
        "What was downloaded is damaged, as happens when a connection breaks or a proxy changes it: try again.",
    ),
    (
        r"\b(?:401|403) (?:Client Error|Forbidden|Unauthorized)|HTTP error 40[13]\b|User for .+:",
        "The package server refuses you (401 or 403): look at the index in pip's settings ('pip config list'), or ask "
        "those who run the network; then try again.",
    ),
    (
        r"\b(?:429|5\d\d) (?:Client|Server) Error|HTTP error (?:429|5\d\d)\b|too many 5\d\d error",
        "The package server has a trouble of its own: try again in some minutes.",
    ),
    (
        r"Name or service not known|getaddrinfo failed|Temporary failure in name resolution|nodename nor servname|"
        r"No address associated|Network is unreachable|No route to host",
        "The package server cannot be reached: this computer seems to have no network; connect it, or enter the proxy "
        "in QGIS under Settings, Options, Network; then try again.",
    ),
    (
        r"NewConnectionError|Connection refused|ConnectTimeoutError|ReadTimeoutError|timed out|ConnectionResetError|"
        r"RemoteDisconnected|Connection aborted|WinError 100\d\d",
        "The connection to the package server does not come about or breaks off: look at the network, the firewall and "
        "the proxy (QGIS: Settings, Options, Network); then try again.",
    ),
    (
        r"is not a supported wheel on this platform",
        "The package that was found is not for this Python or this kind of machine: look at the index in pip's "
        "settings ('pip config list'); then try again.",
    ),
    (
        r"MemoryError|Cannot allocate memory",
        "The memory ran out while installing: close other programs, then try again.",
    ),
)
_NOT_FOUND = re.compile(
    r"No matching distribution found for (\S+)|Could not find a version that satisfies .*?(\S+==\S+)"
)
_OTHERS = re.compile(r"from versions: ([^)]+)\)")


def sentence(log: str, wheels_for: str) -> str:
    """Why pip failed, and the way out.

    Parameters
    ----------
    log : str
        What pip said.
    wheels_for : str
        The machine, for people, such as ``Python 3.11 on linux x86_64``.
    """
    for pattern, meaning in _MEANINGS:
        if re.search(pattern, log, re.IGNORECASE):
            return meaning
    missing = _NOT_FOUND.search(log)
    if missing:
        return _not_found(missing[1] or missing[2], log, wheels_for)
    last = last_line(log)
    said = f": {last}" if last else ""
    return f"pip failed{said}. The log has the details; try again, or use {_CONVENTIONAL}."


def writing(error: OSError, folder: str) -> str:
    """Why a folder cannot be written, and the way out."""
    for pattern, meaning in _MEANINGS:
        if re.search(pattern, str(error), re.IGNORECASE):
            return f"{folder} cannot be written ({error.strerror or error}). {meaning}"
    return (
        f"{folder} cannot be written ({error.strerror or error}): set DEEPOT_RUNTIME to a folder that you may write "
        "to, then try again."
    )


def last_line(log: str) -> str:
    """The line of a log that says most: its last error, else its last line."""
    lines = [line.strip() for line in log.splitlines() if line.strip()]
    errors = [line for line in lines if re.match(r"(ERROR|\w*(Error|Exception))\b", line)]
    text = (errors or lines or [""])[-1].replace("ERROR:", "", 1).strip().rstrip(".")
    return text if len(text) <= _LONGEST else text[: _LONGEST - 3] + "..."


def _not_found(requirement: str, log: str, wheels_for: str) -> str:
    others = _OTHERS.search(log)
    names = [] if others is None or others[1].strip() == "none" else others[1].split(", ")
    has = f"has {names[-1].strip()} at most" if names else "has none"
    return (
        f"The package index {has} of {requirement.rstrip('.')} for {wheels_for}: an old system (glibc before 2.28, "
        f"macOS before 14) or pip before 20.3 does not take newer wheels, and a company's own index may lack it: "
        f"update them, or use {_CONVENTIONAL}."
    )
