"""Copies of two component libraries of others in which every prop of some components is annotated, for `scripts/browser-check --libraries`. Each component gets
one line, each library one more and a module; the lines are written here, from what the sources say. Standard library only."""

import dataclasses, os, pathlib, re, shutil, subprocess

from chromium import ROOT
from wasm_compiler import stop

SOURCES = ROOT / "examples" / "libraries"
TRACK = "#[telemetry_runtime::track_mount(props({}), {}on_mount = crate::usage::{})]\n"


def leptos(text, component):
    """The props of a function are its parameters."""
    at = text.index(f"#[component]\npub fn {component}(")
    parameters = text[text.index("(", at):text.index(") -> impl IntoView", at)]
    names = re.findall(r"^\s*(?:#\[.*\]\s*)?(\w+): ", parameters, re.M)
    return at, names, TRACK.format(", ".join(names), "present_with = crate::usage::is_given, ", "in_the_page")


def yew(text, component):
    """The props are the fields of a struct, which a function is given, and the `create` of another struct."""
    if (at := text.find(f"#[function_component]\npub fn {component}(props: ")) >= 0:
        given, words = "props", ["", "use_in_the_page"]
    else:
        at = text.index("    fn create(", text.index(f"impl Component for {component} "))
        context = re.match(r"    fn create\((\w+):", text[at:])[1]
        given, words = f"{context}.props()", [f'component = "{component}", ', "in_the_page"]
    fields = text[text.index(f"pub struct {component}Props {{"):]
    names = re.findall(r"^    pub (\w+): ", fields[:fields.index("\n}")], re.M)
    props = ", ".join(f"{name} = crate::usage::is_given(&{given}.{name})" for name in names)
    return at, names, TRACK.format(props, *words)


@dataclasses.dataclass
class Library:
    name: str
    version: str
    annotate: callable
    # Which file of `src` a component is in, and which of its props the instances of the page pass, one set for each.
    components: dict

    def copy(self, folder):
        """Writes the library with its lines; the props of each component."""
        target = folder / self.name
        shutil.copytree(self.fetched(), target)
        manifest = target / "Cargo.toml"
        runtime = f'\n[dependencies.telemetry-runtime]\npath = "{ROOT}/telemetry-runtime"\ndefault-features = false\n'
        manifest.write_text(manifest.read_text() + runtime)
        shutil.copy(SOURCES / "usage" / f"{self.name}.rs", target / "src" / "usage.rs")
        root = target / "src" / "lib.rs"
        root.write_text(root.read_text() + "mod usage; pub use usage::TELEMETRY;\n")
        props = {}
        for component, (file, _) in self.components.items():
            path = target / "src" / file
            text = path.read_text()
            at, props[component], line = self.annotate(text, component)
            path.write_text(text[:at] + line + text[at:])
        return props

    def fetched(self):
        """The library as it was published; cargo asks the registry for it where it has none yet."""
        home = pathlib.Path(os.environ.get("CARGO_HOME", pathlib.Path.home() / ".cargo"))
        published = lambda: next(home.glob(f"registry/src/*/{self.name}-{self.version}"), None)
        if not published():
            asked = subprocess.run(["cargo", "info", "--quiet", f"{self.name}@{self.version}"], cwd=ROOT, capture_output=True, text=True)
            if asked.returncode or not published():
                stop(f"{self.name} {self.version} cannot be fetched\n{asked.stderr}")
        return published()

    def expected(self, props):
        """The mounts of the page, as their events say it."""
        return [{"component": component, **{name: name in given for name in props[component]}}
                for component, (_, instances) in self.components.items() for given in instances]


LIBRARIES = [
    Library("thaw", "0.5.0-beta", leptos, {
        "Button": ("button/button/mod.rs", [{"appearance", "on_click", "children"}, {"loading"}]),
        "Tag": ("tag/mod.rs", [{"dismissible", "on_dismiss", "children"}]),
        "Switch": ("switch/mod.rs", [{"label", "checked"}]),
        "Checkbox": ("checkbox/checkbox/mod.rs", [{"value"}]),
        "Badge": ("badge/badge.rs", [{"color"}]),
    }),
    Library("yew-bootstrap", "0.14.0", yew, {
        "Button": ("component/button.rs", [{"style", "text", "onclick"}, {"url", "outline", "onclick", "children"}]),
        "Link": ("component/link.rs", [{"url", "text"}]),
        "Alert": ("component/alert.rs", [{"children"}]),
        "Spinner": ("component/spinner.rs", [{"small"}]),
        "Modal": ("component/modal.rs", [{"id", "size", "on_hide"}]),
        "SelectOption": ("component/form/select_option.rs", [{"label", "value"}]),
    }),
]


def workspace(folder):
    """Pages and libraries in one folder; the props of each component of each library."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(SOURCES, folder)
    for manifest in folder.glob("*/Cargo.toml"):
        manifest.write_text(manifest.read_text().replace('"../../../telemetry-runtime"', f'"{ROOT}/telemetry-runtime"'))
    return {library.name: library.copy(folder) for library in LIBRARIES}
