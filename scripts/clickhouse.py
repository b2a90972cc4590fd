#!/usr/bin/env python3
"""ClickHouse's HTTP interface over the engine in process (the Python package chdb), as far as the Rust client `clickhouse` speaks it.

    clickhouse.py FOLDER PORT

POST /?query=…&database=…&SETTING=…: the query, or the body where there is none; else the body is what is inserted. Errors have the status 500, the header
X-ClickHouse-Exception-Code and the engine's words. It is a stand-in for tests: one statement at a time, no users.

It is a cluster `main` of one server as well. There is no Keeper, so ON CLUSTER is done by the one, and a replicated table is made without its replicas.

POST /fault?mode=away|lose|slow|full|none&n=…: the next n statements that insert events (0: all) are not answered, done and not answered, done after a second,
or refused as on a full disk. GET /ping answers.
"""

import http.server
import os
import re
import sys
import tempfile
import threading
import time
import urllib.parse

from chdb import session

OWN = {"query", "database", "default_format", "decompress", "compress"}
INSERT = re.compile(r"^\s*INSERT\s+INTO\s+(\S+?)\s*\((.*?)\)\s+FORMAT\s+(\w+)\s*$", re.IGNORECASE | re.DOTALL)
ON_CLUSTER = re.compile(r" ON CLUSTER '\w+'")
REPLICATED = re.compile(r"\bReplicated(\w+MergeTree)\('[^']*', '[^']*'(?:, )?")

# The cluster, and as many threads for merges and changes of rows as a server has: in process it would have two.
CONFIG = """<clickhouse>
    <background_pool_size>16</background_pool_size>
    <tcp_port>9000</tcp_port>
    <remote_servers><main><shard><replica><host>127.0.0.1</host><port>9000</port></replica></shard></main></remote_servers>
</clickhouse>
"""


class Engine:
    def __init__(self, folder):
        with tempfile.NamedTemporaryFile("w", suffix=".xml", dir=os.environ.get("TMPDIR")) as file:
            file.write(CONFIG)
            file.flush()
            self.session = session.Session(f"{folder}?config-file={file.name}")
        self.lock = threading.Lock()
        self.fault = ("none", 0)

    def ask(self, query, body, database, settings, form):
        with self.lock:
            if database:
                self.session.query(f"CREATE DATABASE IF NOT EXISTS `{database}` ENGINE = Atomic")
                self.session.query(f"USE `{database}`")
            for name, value in settings.items():
                self.session.query(f"SET {name} = '{value}'")
            if query.startswith(("CREATE TABLE", "ALTER TABLE")):
                query = REPLICATED.sub(r"\1(", ON_CLUSTER.sub("", query))
            if body is None:
                return self.session.query(query, form).bytes()
            table, columns, form = INSERT.match(query).groups()
            with tempfile.NamedTemporaryFile(dir=os.environ.get("TMPDIR")) as file:
                file.write(body)
                file.flush()
                self.session.query(f"INSERT INTO {table} ({columns}) FROM INFILE '{file.name}' FORMAT {form}")
            return b""

    def takes_fault(self, query):
        mode, left = self.fault
        if mode == "none" or not query.startswith("INSERT INTO `events`"):
            return "none"
        if left == 1:
            self.fault = ("none", 0)
        elif left > 1:
            self.fault = (mode, left - 1)
        return mode


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def body(self):
        if self.headers.get("Transfer-Encoding") != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length", 0)))
        parts = []
        while size := int(self.rfile.readline().split(b";")[0], 16):
            parts.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(parts)

    def answer(self, status, body, **headers):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        self.answer(200, b"Ok.\n")

    def do_POST(self):
        address = urllib.parse.urlsplit(self.path)
        values = dict(urllib.parse.parse_qsl(address.query, keep_blank_values=True))
        engine = self.server.engine
        body = self.body()
        if address.path == "/fault":
            engine.fault = (values["mode"], int(values.get("n", 0)))
            return self.answer(200, b"")
        query = values.get("query")
        query, body = (body.decode(), None) if query is None else (query, body)
        fault = engine.takes_fault(query)
        if fault == "away":
            return self.drop()
        if fault == "full":
            text = b"Code: 243. DB::Exception: Cannot reserve 1.00 MiB, not enough space. (NOT_ENOUGH_SPACE)"
            return self.answer(500, text, X_ClickHouse_Exception_Code="243")
        if fault == "slow":
            time.sleep(1)
        settings = {name: value for name, value in values.items() if name not in OWN}
        try:
            answer = engine.ask(query, body, values.get("database"), settings, values.get("default_format", "TabSeparated"))
        except Exception as error:  # the engine has one class for all of them
            text = str(error)
            code = re.search(r"Code: (\d+)", text)
            return self.answer(500, text.encode(), X_ClickHouse_Exception_Code=code.group(1) if code else "1")
        if fault == "lose":
            return self.drop()
        self.answer(200, answer)

    def drop(self):
        self.close_connection = True
        self.connection.close()


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    # Statements that wait for the one before them are not refused.
    request_queue_size = 128


if __name__ == "__main__":
    server = Server(("127.0.0.1", int(sys.argv[2])), Handler)
    server.engine = Engine(sys.argv[1])
    print(f"http://127.0.0.1:{server.server_address[1]}", flush=True)
    server.serve_forever()
