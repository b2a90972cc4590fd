"""A compiler for web pages, for the scripts beside this file. Standard library only."""

import os, pathlib, shutil, subprocess, sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
TARGET = "wasm32-unknown-unknown"
COMPILER = ["rustc-web", "cargo-web", "rust-web-src"]


def stop(message):
    sys.exit(f"{pathlib.Path(sys.argv[0]).name}: {message}")


def install(packages):
    """Installs packages where that is possible, and says what is missing where it is not."""
    if not (shutil.which("apt-get") and os.geteuid() == 0):
        stop(f"install {' '.join(packages)} (on Debian: apt-get install {' '.join(packages)})")
    print(f"{pathlib.Path(sys.argv[0]).name}: installing {' '.join(packages)}", flush=True)
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (["update"], ["install", "-y", "--no-install-recommends", *packages]):
        if subprocess.run(["apt-get", "-qq", *command], env=environment, stdout=subprocess.DEVNULL).returncode:
            stop(f"apt-get {command[0]} failed")


def require(program, package):
    """Installs a program where it is missing."""
    if not shutil.which(program):
        install([package])


def output(*command, **options):
    ran = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, **options)
    return ran.stdout.strip() if ran.returncode == 0 else ""


def target_folder():
    return pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))


def pages_folder():
    """Where pages that report are built: of all scripts in one folder, where each finds the procedural macros of the others."""
    return target_folder() / "web"


class Compiler:
    """Cargo with a standard library for wasm: that of rustup's targets, or built from Debian's sources."""

    def __init__(self, *targets):
        self.targets = targets or (TARGET,)
        if not self.has_targets() and shutil.which("rustup"):
            # Where it cannot be had, Debian's is.
            output("rustup", "target", "add", *self.targets)
        self.own = self.has_targets()
        self.cargo, self.std, self.environment = "cargo", [], {}
        if self.own:
            return
        sources = pathlib.Path("/usr/lib/rustlib/src/rust/library")
        if not (pathlib.Path("/usr/bin/rustc").exists() and pathlib.Path("/usr/bin/cargo").exists() and sources.exists()):
            install(COMPILER)
        self.cargo = "/usr/bin/cargo"
        self.std = ["-Zbuild-std=std,panic_abort"]
        self.environment = {
            "PATH": f"/usr/bin:{os.environ['PATH']}", "RUSTC": "/usr/bin/rustc", "RUSTC_BOOTSTRAP": "1",
            "CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER": self.linker(),
        }

    def has_targets(self):
        libraries = [output("rustc", "--print", "target-libdir", "--target", target) for target in self.targets]
        return all(library and any(pathlib.Path(library).glob("libstd-*")) for library in libraries)

    def linker(self):
        """The toolchain of this project brings one; where it does not, Debian has one."""
        sysroot = output("rustc", "--print", "sysroot")
        for found in pathlib.Path(sysroot or "/nonexistent").glob("lib/rustlib/*/bin/rust-lld"):
            return str(found)
        require("wasm-ld", "lld")
        return "wasm-ld"
