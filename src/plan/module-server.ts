/**
 * The script with which a module's image is tried by hand: its user interface on port 8080, and its `run` at
 * `POST /api/execute`, with the addresses and the environment of the platform's own tool. Of the SDK it uses `Module.run` alone.
 */
export const MODULE_SERVER: readonly string[] = `
import importlib
import json
import mimetypes
import os
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urlsplit

UI = Path("/app/ui/dist")
PAGE = b"""<!doctype html>
<meta charset="utf-8">
<title>Module</title>
<div id="root"></div>
<script src="/bundle.standalone.js"></script>
"""


def load_module():
    place, _, name = os.environ["HLA_COMPASS_MODULE"].partition(":")
    return getattr(importlib.import_module(place), name)()


def is_offline():
    if os.environ.get("HLA_COMPASS_OFFLINE", "").lower() in ("1", "true", "yes"):
        return True
    return not (os.environ.get("HLA_API_KEY") or os.environ.get("HLA_ACCESS_TOKEN"))


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        path = unquote(urlsplit(self.path).path)
        if path.startswith("/api/"):
            return self.answer(404, "text/plain", b"Not found")
        file = (UI / path.lstrip("/")).resolve()
        if file.is_relative_to(UI.resolve()) and file.is_file():
            kind = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
            return self.answer(200, kind, file.read_bytes())
        index = UI / "index.html"
        self.answer(200, "text/html", index.read_bytes() if index.is_file() else PAGE)

    def do_POST(self):
        if urlsplit(self.path).path != "/api/execute":
            return self.answer(404, "text/plain", b"Not found")
        context = {"mode": "interactive", "run_id": "serve-dev", "offline": is_offline()}
        try:
            body = json.loads(self.rfile.read(int(self.headers.get("Content-Length", 0))) or b"{}")
            status, result = 200, self.server.module.run(body.get("input", {}), context)
            text = json.dumps(result)
        except Exception as error:
            status, text = 500, json.dumps({"status": "error", "message": str(error)})
        self.answer(status, "application/json", text.encode())

    def answer(self, status, kind, body):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


if __name__ == "__main__":
    server = ThreadingHTTPServer(("0.0.0.0", int(os.environ.get("PORT", 8080))), Handler)
    server.module = load_module()
    server.serve_forever()
`
  .trim()
  .split('\n');
