"""A package index on this computer (PEP 503), wheels of a few lines, and what real indexes and proxies do wrong."""

from __future__ import annotations

import base64
import hashlib
import http.server
import io
import ssl
import subprocess
import threading
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

#: A package that behaves like ONNX Runtime as far as the trial looks.
RUNTIME = """
__version__ = "{version}"
class InferenceSession:
    def __init__(self, network, sess_options=None, providers=None):
        self.providers = providers
    def run(self, names, feed):
        return [feed["x"].clip(min=0)]
def get_available_providers():
    return ["CPUExecutionProvider"]
"""
ANY = "py3-none-any"


def wheel(name: str, version: str, source: str, requires: tuple[str, ...] = (), extra: bytes = b"") -> bytes:
    """A wheel of one package with one module."""
    info = f"{name}-{version}.dist-info"
    needs = "".join(f"Requires-Dist: {one}\n" for one in requires)
    files = {
        f"{name}/__init__.py": source.encode(),
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{needs}".encode(),
        f"{info}/WHEEL": b"Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    if extra:
        files[f"{name}/library.bin"] = extra
    record = "".join(
        f"{path},sha256={base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b'=').decode()},{len(data)}\n"
        for path, data in files.items()
    )
    files[f"{info}/RECORD"] = f"{record}{info}/RECORD,,\n".encode()
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for path, data in files.items():
            archive.writestr(path, data)
    return out.getvalue()


def runtime(version: str = "1.31.1", source: str = RUNTIME, **more) -> bytes:
    return wheel("onnxruntime", version, source.replace("{version}", version), **more)


class Index:
    """An index while it serves.

    Attributes
    ----------
    refusal : int
        Status that every request is answered with; 0 for none.
    stalls : bool
        Files are sent half, and then nothing more.
    half, hung_up : threading.Event
        Half a file was sent; the other side hung up while it waited.
    asked : list of str
        Paths that were asked for.
    """

    def __init__(self):
        self.files: dict[str, dict[str, bytes]] = {}
        self.fragment, self.refusal, self.stalls = "", 0, False
        self.half, self.hung_up, self.asked = threading.Event(), threading.Event(), []
        self.url = ""

    def offer(self, name: str, data: bytes, version: str = "1.31.1", tag: str = ANY) -> None:
        self.files.setdefault(name, {})[f"{name.replace('-', '_')}-{version}-{tag}.whl"] = data

    def page(self, name: str) -> bytes | None:
        if name not in self.files:
            return None
        links = (f'<a href="/files/{name}/{file}{self.fragment}">{file}</a>' for file in self.files[name])
        return f"<!DOCTYPE html><html><body>{''.join(links)}</body></html>".encode()


class _Handler(http.server.BaseHTTPRequestHandler):
    index: Index

    def do_GET(self):
        index = self.index
        index.asked.append(self.path)
        if index.refusal:
            self.send_response(index.refusal)
            if index.refusal == 407:
                self.send_header("Proxy-Authenticate", 'Basic realm="here"')
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        parts = self.path.strip("/").split("/")
        data = index.page(parts[1]) if parts[0] == "simple" else index.files[parts[1]][parts[2]]
        self.send_response(404 if data is None else 200)
        self.send_header("Content-Type", "text/html" if parts[0] == "simple" else "application/octet-stream")
        self.send_header("Content-Length", str(len(data or b"")))
        self.end_headers()
        if index.stalls and parts[0] == "files":
            self.wfile.write(data[: len(data) // 2])
            self.wfile.flush()
            index.half.set()
            self.connection.settimeout(60)
            try:
                gone = not self.connection.recv(1)
            except ConnectionError:  # it ended with half a file unread
                gone = True
            if gone:
                index.hung_up.set()
            return
        self.wfile.write(data or b"")

    do_CONNECT = do_GET

    def log_message(self, *arguments):
        pass


@contextmanager
def serving(certificate: Path | None = None) -> Iterator[Index]:
    """An index on loopback, over TLS when a certificate with its key is given."""
    index = Index()
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"index": index}))
    server.daemon_threads = True
    scheme = "http"
    if certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True)
        scheme = "https"
    server.handle_error = lambda *arguments: None  # a client that does not trust us is what is tested
    index.url = f"{scheme}://127.0.0.1:{server.server_address[1]}/simple/"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield index
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def self_signed(folder: Path) -> Path:
    """A certificate that nobody trusts, with its key."""
    path = folder / "certificate.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1", "-addext",
         "subjectAltName=IP:127.0.0.1", "-keyout", str(folder / "key.pem"), "-out", str(path)],
        check=True, capture_output=True,
    )  # fmt: skip
    path.write_bytes(path.read_bytes() + (folder / "key.pem").read_bytes())
    return path
