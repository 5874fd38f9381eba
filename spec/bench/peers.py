"""peers.py - who is compared: their commands, and what each of them can."""
import json, os, platform, shutil, subprocess, sys
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).resolve().parent
TOP = HERE.parent.parent
NODE_MODULES = os.environ.get("NODE_MODULES", "")
BUILDING = {"build", "stream", "base64", "quoted"}
SENDING = {"send", "kept", "fresh", "tls"}


@dataclass
class Setting:
    data: str  # a folder with what is built and sent, and the sink's certificate
    port: str
    secure_port: str


@dataclass
class Peer:
    program: list
    tasks: set = field(default_factory=lambda: BUILDING | SENDING)
    environment: dict = field(default_factory=lambda: dict(os.environ, NODE_PATH=NODE_MODULES))
    least = 0  # times that cost next to nothing

    def command(self, task, times, setting):
        port = setting.secure_port if task == "tls" else setting.port
        return [str(word) for word in [*self.program, task, times, setting.data, port]]


class SmtpSource(Peer):
    """Postfix's own, which makes up what it sends."""
    least = 1

    def command(self, task, times, setting):
        kept = ["-d"] if task == "kept" else []
        return [*self.program, *kept, "-s", "1", "-m", str(times), "-l", "4086", "-f", "ada@example.org",
                "-t", "bob@example.net", f"127.0.0.1:{setting.port}"]


def lua_environment(lua):
    return dict(os.environ, LUA_PATH=f"{TOP}/lua/?.lua;{TOP}/lua/?/init.lua;;",
                LUA_CPATH=f"{TOP}/build/{lua}/?.so;;")


def works(command, environment=None):
    try:
        return subprocess.run(command, env=environment, capture_output=True).returncode == 0
    except OSError:
        return False


def compiled(build, name, package):
    """The peer that is written in C, or None."""
    flags = subprocess.run(["pkg-config", "--cflags", "--libs", package], capture_output=True, text=True)
    target = build / f"{name}_bench"
    command = ["cc", "-O2", "-o", target, HERE / f"peers/{name}.c", *flags.stdout.split()]
    return target if flags.returncode == 0 and works(command) else None


def find(build):
    """name: Peer, and the names of those that are missing"""
    found, missing = {}, []

    def offer(name, is_there, make):
        if is_there:
            found[name] = make()
        else:
            missing.append(name)

    for lua in "lua5.4", "luajit":
        core = TOP / "build" / lua / "posthorn/core.so"
        offer(f"posthorn, {lua}", shutil.which(lua) and core.exists(), lambda lua=lua: Peer(
            [lua, HERE / "peers/posthorn.lua"], environment=lua_environment(lua)))
    offer("LuaSocket, lua5.4", works(["lua5.4", "-e", "require 'socket.smtp'"]), lambda: Peer(
        ["lua5.4", HERE / "peers/luasocket.lua"], BUILDING | SENDING - {"tls"}))
    gmime = compiled(build, "gmime", "gmime-3.0")
    offer("GMime", gmime, lambda: Peer([gmime], BUILDING))
    source = shutil.which("smtp-source", path=os.environ["PATH"] + ":/usr/sbin")
    offer("smtp-source", source, lambda: SmtpSource([source], {"kept", "fresh"}))
    curl = compiled(build, "curl", "libcurl")
    offer("libcurl", curl, lambda: Peer([curl], {"kept", "fresh", "tls"}))
    node = NODE_MODULES and works(["node", "-e", "require('nodemailer')"], dict(os.environ, NODE_PATH=NODE_MODULES))
    offer("nodemailer", node, lambda: Peer(["node", HERE / "peers/nodemailer.js"]))
    offer("Python", True, lambda: Peer([sys.executable, HERE / "peers/python.py"]))
    return found, missing


def versions():
    """of all that is compared, as Debian and npm name them"""
    told = []
    for package in ("lua5.4", "luajit2", "libssl3", "lua-socket", "libgmime-3.0-0", "postfix", "libcurl4", "nodejs"):
        got = subprocess.run(["dpkg-query", "-W", "-f", "${Version}", package], capture_output=True, text=True)
        if got.returncode == 0:
            told.append(f"{package} {got.stdout}")
    manifest = Path(NODE_MODULES) / "nodemailer/package.json"
    if NODE_MODULES and manifest.exists():
        told.append("nodemailer " + json.loads(manifest.read_text())["version"])
    return ", ".join([*told, "Python " + platform.python_version()])
