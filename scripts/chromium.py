"""Pages in Chromium, without a window or with one under Xvfb, for the scripts beside this file. The browser is spoken to by its DevTools protocol
over two pipes. Standard library only."""

import base64, contextlib, json, os, pathlib, shutil, subprocess, sys, tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
BROWSERS = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"]


def find():
    """The program; installed from Debian's packages if this is root on such a system."""
    program = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, BROWSERS)), None)
    if not program and shutil.which("apt-get") and os.geteuid() == 0:
        for command in (["update"], ["install", "-y", "--no-install-recommends", "chromium"]):
            subprocess.run(["apt-get", "-qq", *command], stdout=sys.stderr)
        program = shutil.which("chromium")
    if not program:
        sys.exit("no Chromium; install it (Debian: apt-get install chromium) or name it by CHROMIUM=path")
    return program


def cargo(*arguments):
    return subprocess.run([os.environ.get("CARGO", "cargo"), *arguments], cwd=ROOT, check=True, stdout=subprocess.PIPE).stdout


# Text whose contrast with what lies behind it is too low, by the formula of WCAG 2; backgrounds here are never transparent
# in part.
CONTRAST = """
(() => {
  const parse = text => (text.match(/[\\d.]+/g) || []).map(Number);
  const channel = c => (c /= 255) <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  const luminance = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
  const behind = element => {
    for (; element; element = element.parentElement) {
      const color = parse(getComputedStyle(element).backgroundColor);
      if (color.length === 3 || color[3] > 0) return color;
    }
    return [255, 255, 255];
  };
  const low = [];
  for (const element of document.querySelectorAll("body *")) {
    const own = [...element.childNodes].some(node => node.nodeType === 3 && node.textContent.trim());
    const style = getComputedStyle(element);
    if (!own || style.opacity === "0" || !element.getClientRects().length) continue;
    const ink = element instanceof SVGElement ? style.fill : style.color;
    const [a, b] = [luminance(parse(ink)), luminance(behind(element))].sort((x, y) => y - x);
    const ratio = (a + 0.05) / (b + 0.05);
    const size = parseFloat(style.fontSize);
    const large = size >= 24 || (size >= 18.66 && +style.fontWeight >= 700);
    if (ratio < (large ? 3 : 4.5)) low.push(element.tagName + " " + ratio.toFixed(2) + ": " + element.textContent.slice(0, 40));
  }
  return low;
})()
"""

# What is wider than the screen, for the message.
WIDE = """
[...document.querySelectorAll("body *")].filter(e => e.getBoundingClientRect().right > innerWidth + 0.5)
  .slice(0, 5).map(e => e.tagName + "." + e.className + ": " + e.textContent.trim().slice(0, 60))
"""


@contextlib.contextmanager
def screen():
    """A screen that nobody sees; its name."""
    reading, writing = os.pipe()
    process = subprocess.Popen(["Xvfb", "-displayfd", str(writing), "-screen", "0", "1280x900x24", "-nolisten", "tcp"],
                               pass_fds=[writing], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    os.close(writing)
    try:
        with os.fdopen(reading) as number:
            display = number.readline().strip()
        if not display:
            sys.exit("Xvfb does not start")
        yield f":{display}"
    finally:
        process.terminate()
        process.wait()


class Browser:
    """Chromium without a window; one page."""

    @classmethod
    @contextlib.contextmanager
    def with_window(cls, program):
        """Chromium with a window on a screen of its own, and with a profile of its own."""
        with screen() as display, tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
            browser = cls(program, profile, display=display)
            try:
                yield browser
            finally:
                browser.close()

    @contextlib.contextmanager
    def root(self):
        """Commands go to the browser, and to no page."""
        session, self.session = self.session, None
        try:
            yield
        finally:
            self.session = session

    def __init__(self, program, profile, display=None):
        to_read, self.to = os.pipe()
        self.back, back_write = os.pipe()

        def pipes():
            # Chromium reads commands from descriptor 3 and answers on 4.
            reading, writing = os.dup(to_read), os.dup(back_write)
            os.dup2(reading, 3)
            os.dup2(writing, 4)

        # A page behind this pipe would say that a program drives it; one with a window is to be as a person has it.
        window = ["--disable-blink-features=AutomationControlled"] if display else ["--headless=new"]
        arguments = [program, *window, "--no-sandbox", "--disable-gpu", "--remote-debugging-pipe",
                     "--no-first-run", "--disable-extensions", f"--user-data-dir={profile}", "about:blank"]
        environment = {**os.environ, "DISPLAY": display} if display else None
        self.process = subprocess.Popen(arguments, preexec_fn=pipes, close_fds=False, env=environment,
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(to_read)
        os.close(back_write)
        self.number, self.rest, self.events, self.session = 0, b"", [], None
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ["Page", "Runtime", "Network", "Log"]:
            self.call(f"{domain}.enable")

    def call(self, method, **parameters):
        self.number += 1
        message = {"id": self.number, "method": method, "params": parameters}
        if self.session:
            message["sessionId"] = self.session
        os.write(self.to, json.dumps(message).encode() + b"\0")
        while True:
            answer = self.receive()
            if answer.get("id") == self.number:
                if "error" in answer:
                    sys.exit(f"{method}: {answer['error']}")
                return answer["result"]
            self.events.append(answer)

    def receive(self):
        while b"\0" not in self.rest:
            data = os.read(self.back, 1 << 16)
            if not data:
                sys.exit("the browser ended")
            self.rest += data
        message, self.rest = self.rest.split(b"\0", 1)
        return json.loads(message)

    def wait(self, method):
        while not any(event.get("method") == method for event in self.events):
            self.events.append(self.receive())

    def open(self, address):
        self.events.clear()
        self.call("Page.navigate", url=address)
        self.wait("Page.loadEventFired")

    def press(self, key, code, text=""):
        parameters = {"key": key, "code": key, "windowsVirtualKeyCode": code}
        self.call("Input.dispatchKeyEvent", type="keyDown" if text else "rawKeyDown", text=text, **parameters)
        self.call("Input.dispatchKeyEvent", type="keyUp", **parameters)

    def screenshot(self, path, whole=True):
        shot = self.call("Page.captureScreenshot", captureBeyondViewport=whole, format="png")["data"]
        path.write_bytes(base64.b64decode(shot))

    def evaluate(self, expression):
        result = self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in result:
            sys.exit(f"{result['exceptionDetails']}")
        return result["result"].get("value")

    def close(self):
        self.process.terminate()
        self.process.wait()


def faults(browser, view, scheme, address, requested=None):
    """What is wrong with a page at this size and in this scheme. It stays open."""
    label, width, height = view
    browser.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1,
                 mobile=label == "phone")
    browser.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
    browser.open(address)
    found = []
    scroll = browser.evaluate("document.documentElement.scrollWidth")
    if scroll > width:
        found.append(f"{scroll} px wide: {browser.evaluate(WIDE)}")
    found += [f"low contrast: {text}" for text in browser.evaluate(CONTRAST)]
    ground = browser.evaluate("getComputedStyle(document.body).backgroundColor")
    if (ground == "rgb(255, 255, 255)") != (scheme == "light"):
        found.append(f"the {scheme} scheme has the ground {ground}")
    page = requested or address
    requested = [event["params"]["request"]["url"] for event in browser.events
                 if event.get("method") == "Network.requestWillBeSent"]
    # A control of the browser has pictures of its own.
    found += [f"requested {url}" for url in requested if url != page and not url.startswith("data:")]
    if requested.count(page) != 1:
        found.append("the page itself was not seen: this check sees nothing")
    for event in browser.events:
        if event.get("method") in ("Runtime.consoleAPICalled", "Runtime.exceptionThrown", "Log.entryAdded"):
            found.append(f"console: {json.dumps(event['params'])[:300]}")
    return found
