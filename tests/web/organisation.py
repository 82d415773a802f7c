"""A small organisation with a sign-on of its own, over loopback: it signs, keeps the rules of the protocol, and can be told to break them."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

CLIENT, SECRET = "tenure-test", "canary-secret-8f2e"  # noqa: S105 - of a test


@dataclass
class Organisation:
    """`claims` is who is signed in there; `bend` names what it does wrong."""

    claims: dict[str, Any] = field(default_factory=dict)
    bend: str = ""
    asked: list[str] = field(default_factory=list)
    codes: dict[str, dict[str, str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.other = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        organisation = self

        class Answers(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                organisation.answer(self, {})

            def do_POST(self) -> None:
                text = self.rfile.read(int(self.headers["Content-Length"])).decode()
                organisation.answer(self, {k: v[0] for k, v in parse_qs(text).items()})

            def log_message(self, *_: Any) -> None:
                return

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
        self.issuer = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()

    def answer(self, asked: Any, form: dict[str, str]) -> None:
        path, query = urlsplit(asked.path).path, parse_qs(urlsplit(asked.path).query)
        self.asked.append(path)
        if self.bend == "redirect" and path.startswith("/.well-known"):
            asked.send_response(302)
            asked.send_header("Location", "/elsewhere")
            asked.end_headers()
            return
        if path == "/authorize":
            code = secrets.token_urlsafe(8)
            self.codes[code] = {name: values[0] for name, values in query.items()}
            back = {"code": code, "state": query["state"][0]}
            asked.send_response(302)
            asked.send_header("Location", f"{query['redirect_uri'][0]}?{urlencode(back)}")
            asked.end_headers()
            return
        status, said = 200, self.said(path, form)
        if said is None:
            status, said = 400, {"error": "invalid_grant"}
        text = json.dumps(said).encode()
        asked.send_response(status)
        asked.send_header("Content-Type", "application/json")
        asked.send_header("Content-Length", str(len(text)))
        asked.end_headers()
        asked.wfile.write(text)

    def said(self, path: str, form: dict[str, str]) -> dict[str, Any] | None:
        if path.startswith("/.well-known"):
            return {
                "issuer": "http://127.0.0.1:9/else" if self.bend == "issuer" else self.issuer,
                "authorization_endpoint": f"{self.issuer}/authorize",
                "token_endpoint": f"{self.issuer}/token",
                "userinfo_endpoint": f"{self.issuer}/userinfo",
                "jwks_uri": f"{self.issuer}/keys",
                "token_endpoint_auth_methods_supported": ["client_secret_post"],
            }
        if path == "/keys":
            public = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(self.key.public_key()))
            return {"keys": [public | {"kid": "one", "alg": "RS256", "use": "sig"}]}
        if path == "/userinfo":
            return {"email": "maya@cast.example", "email_verified": True} | self.claims
        return self.token(form) if path == "/token" else None

    def token(self, form: dict[str, str]) -> dict[str, Any] | None:
        was = self.codes.pop(form.get("code", ""), None)
        proof = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(proof).rstrip(b"=").decode()
        if (
            was is None
            or was.get("code_challenge_method") != "S256"
            or was.get("code_challenge") != challenge
            or (form.get("client_id"), form.get("client_secret")) != (CLIENT, SECRET)
            or form.get("redirect_uri") != was["redirect_uri"]
        ):
            return None
        now = int(time.time())  # as the clock of another machine
        claims = {
            "iss": self.issuer, "aud": CLIENT, "iat": now, "exp": now + 300, "nonce": was["nonce"],
        } | self.claims  # fmt: skip
        if self.bend == "nonce":
            claims["nonce"] = "of another question"
        if self.bend == "audience":
            claims["aud"] = "another-program"
        if self.bend == "expired":
            claims |= {"iat": now - 900, "exp": now - 600}
        if self.bend == "token_issuer":
            claims["iss"] = "https://evil.example"
        key: Any = self.other if self.bend == "signature" else self.key
        algorithm = "RS256"
        if self.bend == "unsigned":
            key, algorithm = None, "none"
        if self.bend == "by_secret":
            key, algorithm = SECRET * 3, "HS256"
        token = jwt.encode(claims, key, algorithm=algorithm, headers={"kid": "one"})
        return {"access_token": "canary-access-token", "token_type": "Bearer", "id_token": token}
