"""A small OpenID provider on this machine: it signs in whoever a form field names, without a password."""

import base64
import hashlib
import html
import json
import secrets
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

from joserfc import jwk, jwt

CLIENT, CLIENT_SECRET = "windtunnel", "for this test only"


class OidcProvider:
    """The endpoints that the authorization code flow needs (OpenID Connect Core 1.0, section 3.1)."""

    def __init__(self) -> None:
        self._key = jwk.RSAKey.generate_key(2048, {"kid": "k1", "use": "sig", "alg": "RS256"})
        self._codes: dict[str, dict[str, str]] = {}
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.issuer = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def secrets_toml(self, app_url: str) -> str:
        """What the app needs to know of this provider."""
        return (
            f'[auth]\nredirect_uri = "{app_url}/oauth2callback"\ncookie_secret = "{secrets.token_hex(32)}"\n'
            f'client_id = "{CLIENT}"\nclient_secret = "{CLIENT_SECRET}"\n'
            f'server_metadata_url = "{self.issuer}/.well-known/openid-configuration"\n'
        )

    def answer(self, path: str, query: dict[str, str]) -> Any:
        """What a GET brings: a page, a redirect as a tuple of one address, or JSON."""
        match path:
            case "/.well-known/openid-configuration":
                places = {"authorization_endpoint": "auth", "token_endpoint": "token", "jwks_uri": "jwks"}
                return {
                    "issuer": self.issuer,
                    **{name: f"{self.issuer}/{place}" for name, place in places.items()},
                    "response_types_supported": ["code"],
                    "subject_types_supported": ["public"],
                    "id_token_signing_alg_values_supported": ["RS256"],
                    "code_challenge_methods_supported": ["S256"],
                }
            case "/jwks":
                return {"keys": [self._key.as_dict(private=False)]}
            case "/auth" if "who" in query:
                code = secrets.token_hex(8)
                self._codes[code] = query
                return (f"{query['redirect_uri']}?{urlencode({'code': code, 'state': query['state']})}",)
            case "/auth":
                fields = "".join(
                    f'<input type=hidden name="{html.escape(k)}" value="{html.escape(v)}">' for k, v in query.items()
                )
                return (
                    f"<h1>Who are you?</h1><form>{fields}<input name=who aria-label=Name><button>Go on</button></form>"
                )
        return {}

    def token(self, form: dict[str, str]) -> dict[str, Any]:
        """The signed statement of who it is, for a code, once."""
        asked, now = self._codes.pop(form["code"]), int(time.time())
        if "code_challenge" in asked:
            digest = hashlib.sha256(form["code_verifier"].encode()).digest()
            assert base64.urlsafe_b64encode(digest).rstrip(b"=").decode() == asked["code_challenge"]
        claims = {"iss": self.issuer, "sub": f"subject of {asked['who']}", "aud": asked["client_id"], "iat": now}
        claims |= {"exp": now + 600, "name": asked["who"], "email": f"{asked['who'].lower()}@example.com"}
        claims |= {"nonce": asked["nonce"]} if "nonce" in asked else {}
        signed = jwt.encode({"alg": "RS256", "kid": "k1"}, claims, self._key)
        return {"access_token": "at", "token_type": "Bearer", "expires_in": 600, "id_token": signed}

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                asked = urlsplit(self.path)
                said = provider.answer(asked.path, dict(parse_qsl(asked.query)))
                if isinstance(said, tuple):
                    self.send_response(302)
                    self.send_header("Location", said[0])
                    self.send_header("Content-Length", "0")
                    self.end_headers()
                elif isinstance(said, str):
                    self._send("text/html", said)
                else:
                    self._send("application/json", json.dumps(said))

            def do_POST(self) -> None:
                form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
                said = provider.token({name: values[0] for name, values in form.items()})
                self._send("application/json", json.dumps(said))

            def _send(self, kind: str, text: str) -> None:
                body = text.encode()
                self.send_response(200)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        return Handler
