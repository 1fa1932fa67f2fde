"""Editors with the YAML language server mark mistakes in rule files and complete their keys and values.

Needs ``npm install --global yaml-language-server``.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from qa_scorer.model.checks import CHECKS
from qa_scorer.rulebook.schema import schema

SERVER = shutil.which("yaml-language-server")
RULES = """\
# yaml-language-server: $schema=./rulebook.schema.json
version: 1
dimensions: {d: {name: 服务, points: 10}}
rules:
  - id: greet
    title: 问候
    dimension: d
    check: require
    anny: [您好]
    points: ten
"""

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(SERVER is None, reason="yaml-language-server is not installed"),
]


class Editor:
    """As much of the language server protocol as an editor needs to open one file."""

    def __init__(self, folder: Path) -> None:
        assert SERVER is not None
        self._process = subprocess.Popen([SERVER, "--stdio"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.request("initialize", {"processId": None, "rootUri": folder.as_uri(), "capabilities": {}})
        self.notify("initialized", {})

    def notify(self, method: str, params: dict[str, Any]) -> None:
        self._send({"method": method, "params": params})

    def request(self, method: str, params: dict[str, Any]) -> Any:
        self._send({"id": 1, "method": method, "params": params})
        return self.wait(lambda message: message.get("id") == 1 and "method" not in message)["result"]

    def wait(self, wanted: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        while not wanted(message := self._receive()):
            if "method" in message and "id" in message:
                self._send({"id": message["id"], "result": None})
        return message

    def close(self) -> None:
        self._process.kill()
        self._process.communicate()

    def _send(self, message: dict[str, Any]) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        assert self._process.stdin is not None
        self._process.stdin.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
        self._process.stdin.flush()

    def _receive(self) -> dict[str, Any]:
        stream = self._process.stdout
        assert stream is not None
        headers = dict(line.split(b": ") for line in iter(lambda: stream.readline().strip(), b""))
        message: dict[str, Any] = json.loads(stream.read(int(headers[b"Content-Length"])))
        return message


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[tuple[Editor, str]]:
    (tmp_path / "rulebook.schema.json").write_text(json.dumps(schema()), encoding="utf-8")
    file = tmp_path / "rules.yaml"
    file.write_text(RULES, encoding="utf-8")
    editor = Editor(tmp_path)
    document = {"uri": file.as_uri(), "languageId": "yaml", "version": 1, "text": RULES}
    editor.notify("textDocument/didOpen", {"textDocument": document})
    yield editor, file.as_uri()
    editor.close()


def test_mistakes_are_marked_at_their_line(opened: tuple[Editor, str]) -> None:
    told = opened[0].wait(lambda message: message.get("method") == "textDocument/publishDiagnostics")
    marked = {one["range"]["start"]["line"] + 1: one["message"] for one in told["params"]["diagnostics"]}
    assert "anny" in marked[9]
    assert "number" in marked[10]


def test_checks_are_completed(opened: tuple[Editor, str]) -> None:
    editor, uri = opened
    place = {"textDocument": {"uri": uri}, "position": {"line": 7, "character": 11}}
    labels = [item["label"] for item in editor.request("textDocument/completion", place)["items"]]
    assert set(CHECKS) <= set(labels)
