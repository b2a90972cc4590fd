"""Firefox with a window, and pages in it that do what they are told, as scripts/browser-check wants it.

A program that drives Firefox makes it say `navigator.webdriver`, which keeps telemetry off. So nobody drives it: the server of the pages puts a script
into each, which asks that server what to do and answers with what came of it.

Python's standard library only.
"""

import contextlib, http.server, itertools, json, os, subprocess, tempfile, threading, time, urllib.parse

from chromium import screen

# How long a page may take for one command.
PATIENCE = 60

# Nothing leaves this machine: all but loopback goes to a proxy that is not there. Nothing is asked or shown at the first start.
PREFERENCES = {
    "network.proxy.type": 1, "network.proxy.http": "127.0.0.1", "network.proxy.http_port": 9, "network.proxy.ssl": "127.0.0.1",
    "network.proxy.ssl_port": 9, "network.proxy.no_proxies_on": "127.0.0.1", "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False, "network.dns.disablePrefetch": True, "app.update.auto": False,
    "app.normandy.enabled": False, "datareporting.policy.dataSubmissionEnabled": False, "toolkit.telemetry.enabled": False,
    "toolkit.telemetry.server": "", "browser.safebrowsing.malware.enabled": False, "browser.safebrowsing.phishing.enabled": False,
    "dom.push.connection.enabled": False, "browser.region.update.enabled": False, "browser.shell.checkDefaultBrowser": False,
    "browser.aboutwelcome.enabled": False, "browser.startup.homepage_override.mstone": "ignore", "termsofuse.bypassNotification": True,
    # Tabs open and close as the check says.
    "dom.disable_open_during_load": False, "dom.popup_maximum": -1, "dom.allow_scripts_to_close_windows": True,
    "browser.tabs.closeWindowWithLastTab": False, "security.sandbox.content.level": 0,
}

# Runs before everything else in a page. It keeps what it needs of the browser, as pages under test replace some of it.
DRIVER = """
(() => {
    const ask = fetch.bind(globalThis), run = eval, text = JSON.stringify, here = "HERE", said = [];
    for (const level of ["debug", "log", "info", "warn", "error"]) {
        const was = console[level];
        console[level] = (...all) => { said.push([level, ...all.map(String)]); was.apply(console, all); };
    }
    addEventListener("error", event => said.push(["error", event.message]));
    addEventListener("unhandledrejection", event => said.push(["rejection", String(event.reason)]));
    addEventListener("securitypolicyviolation", event => said.push(["policy", event.violatedDirective, event.blockedURI]));
    const bodies = [];
    globalThis.fetch = (address, how, ...rest) => {
        bodies.push([String(address), how?.body ?? null]);
        return ask(address, how, ...rest);
    };
    let offline = false;
    Object.defineProperty(Navigator.prototype, "onLine", {get: () => !offline, configurable: true});
    globalThis.check = {
        said, bodies,
        offline(now) { offline = now; dispatchEvent(new Event(now ? "offline" : "online")); },
    };
    const work = async () => {
        for (;;) {
            const {number, expression, end} = await (await ask("/driver/next?" + here)).json();
            if (end) return;
            if (!number) continue;
            let value = null;
            try { value = await run(expression); } catch {}
            await ask("/driver/said?" + here, {method: "POST", body: text({number, value})});
        }
    };
    work();
})();
"""


class Firefox:
    """Firefox and the server of its pages, which are those of `folder`; with further preferences and arguments."""

    @classmethod
    @contextlib.contextmanager
    def with_window(cls, program, folder, policy, *arguments, **preferences):
        with screen() as display, tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
            lines = [f"user_pref({json.dumps(name)}, {json.dumps(value)});\n" for name, value in {**PREFERENCES, **preferences}.items()]
            with open(os.path.join(profile, "user.js"), "w") as file:
                file.writelines(lines)
            browser = cls(folder, policy)
            command = [program, "--profile", profile, "--no-remote", *arguments, browser.url(0, "driver.html")]
            environment = {**os.environ, "DISPLAY": display, "HOME": profile, "MOZ_CRASHREPORTER_DISABLE": "1", "MOZ_DISABLE_CONTENT_SANDBOX": "1"}
            browser.process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            try:
                browser.wait(0, 0)
                yield browser
            finally:
                browser.process.terminate()
                browser.process.wait()
                browser.http.shutdown()

    def __init__(self, folder, policy):
        self.changed, self.tabs, self.numbers = threading.Condition(), {0: State()}, itertools.count(1)
        browser = self

        class Handler(http.server.SimpleHTTPRequestHandler):
            extensions_map = {".html": "text/html", ".js": "text/javascript", ".wasm": "application/wasm"}

            def __init__(self, *arguments):
                super().__init__(*arguments, directory=str(folder))

            def do_GET(self):
                address = urllib.parse.urlsplit(self.path)
                asked = dict(urllib.parse.parse_qsl(address.query))
                if address.path == "/driver/next":
                    return self.answer(json.dumps(browser.next(int(asked["tab"]), int(asked["load"]))).encode(), "application/json")
                if "tab" not in asked:
                    return super().do_GET()
                scripts = browser.begin(int(asked["tab"]))
                page = b"" if address.path == "/driver.html" else (folder / address.path[1:]).read_bytes()
                self.answer(b"<!doctype html><script>" + scripts.encode() + b"</script>" + page, "text/html")

            def do_POST(self):
                asked = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(self.path).query))
                said = json.loads(self.rfile.read(int(self.headers["content-length"])))
                browser.hear(int(asked["tab"]), said)
                self.answer(b"{}", "application/json")

            def answer(self, body, kind):
                self.send_response(200)
                self.send_header("content-type", kind)
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                with contextlib.suppress(OSError):
                    self.wfile.write(body)

            def end_headers(self):
                # The script of the check evaluates what it is told; telemetry needs no more of the policy than elsewhere.
                self.send_header("content-security-policy", policy.replace("script-src", "script-src 'unsafe-eval'"))
                self.send_header("access-control-allow-origin", "*")
                self.send_header("cache-control", "no-cache")
                super().end_headers()

            def log_message(self, *_):
                pass

        self.http = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.http.serve_forever, daemon=True).start()
        self.address = f"http://127.0.0.1:{self.http.server_port}/index.html"

    def url(self, tab, page):
        return f"http://127.0.0.1:{self.http.server_port}/{page}?tab={tab}"

    def begin(self, tab):
        """A page of this tab is loaded; what it runs first."""
        with self.changed:
            state = self.tabs[tab]
            state.load += 1
            state.waiting = None
            self.changed.notify_all()
            return DRIVER.replace("HERE", f"tab={tab}&load={state.load}") + ";\n".join(state.before)

    def next(self, tab, load):
        """What a page is to do; it asks again where there is nothing for some seconds, and ends where a later page is in its tab."""
        with self.changed:
            state = self.tabs[tab]
            state.asks = max(state.asks, load)
            self.changed.notify_all()
            self.changed.wait_for(lambda: state.load != load or state.waiting, 10)
            if state.load != load:
                return {"end": True}
            waiting, state.waiting = state.waiting, None
            self.changed.notify_all()
            return waiting or {}

    def hear(self, tab, said):
        with self.changed:
            self.tabs[tab].answers[said["number"]] = said.get("value")
            self.changed.notify_all()

    def wait(self, tab, load):
        """Until the page after the one of this number asks what to do."""
        with self.changed:
            if not self.changed.wait_for(lambda: self.tabs[tab].asks > load, PATIENCE):
                raise SystemExit(f"Firefox: tab {tab} has loaded nothing within {PATIENCE} s")

    def tell(self, tab, expression):
        with self.changed:
            number = next(self.numbers)
            self.tabs[tab].waiting = {"number": number, "expression": expression}
            self.changed.notify_all()
        return number

    def ask(self, tab, expression):
        number = self.tell(tab, expression)
        with self.changed:
            if not self.changed.wait_for(lambda: number in self.tabs[tab].answers, PATIENCE):
                raise SystemExit(f"Firefox: no answer to {expression} within {PATIENCE} s")
            return self.tabs[tab].answers.pop(number)


class State:
    """What the server knows of a tab."""

    def __init__(self):
        self.load, self.asks, self.waiting, self.answers, self.before = 0, 0, None, {}, []


class Tab:
    """A tab of Firefox; what it can be asked is what a tab of Chromium can."""

    def __init__(self, browser, address, before="", ready="typeof globalThis.page === 'object'", newWindow=False):
        self.browser, self.ready = browser, ready
        self.number = max(browser.tabs) + 1
        state = browser.tabs[self.number] = State()
        if before:
            state.before.append(before)
        how = "noopener,width=800,height=600" if newWindow else "noopener"
        browser.ask(0, f"void open({json.dumps(self.to(address))}, '_blank', '{how}')")
        browser.wait(self.number, 0)
        self.wait_until_ready()

    def to(self, address):
        return self.browser.url(self.number, address.rsplit("/", 1)[1])

    def wait_until_ready(self):
        deadline = time.monotonic() + PATIENCE
        while not self.ask(self.ready):
            if time.monotonic() > deadline:
                raise SystemExit(f"Firefox: not so within {PATIENCE} s: {self.ready}")
            time.sleep(0.05)

    def open(self, address):
        load = self.browser.tabs[self.number].load
        self.browser.tell(self.number, f"void (location.href = {json.dumps(self.to(address))})")
        self.browser.wait(self.number, load)
        self.wait_until_ready()

    def run_before(self, source):
        self.browser.tabs[self.number].before.append(source)

    def ask(self, expression):
        return self.browser.ask(self.number, expression)

    def go_offline(self, offline=True):
        self.ask(f"check.offline({json.dumps(offline)})")

    def close(self):
        state = self.browser.tabs[self.number]
        self.browser.tell(self.number, "close()")
        with self.browser.changed:
            self.browser.changed.wait_for(lambda: not state.waiting, PATIENCE)

    def requests(self):
        """What this page has asked for, by the browser's own timings."""
        return self.ask("performance.getEntriesByType('resource').map(entry => entry.name)")

    def console(self):
        return [json.dumps(one) for one in self.ask("check.said")]
