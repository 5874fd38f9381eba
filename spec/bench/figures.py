#!/usr/bin/env python3
"""figures.py BUILD - posthorn beside what Debian and npm have: make bench.

Prints a table in Markdown. Each figure is CPU time, user and system, of the
whole process, less that of the same process with nothing to do: the median of
ROUNDS (5) rounds, in which all peers take turns; behind it the peak of its
resident memory. A peer that is missing is skipped with a word. nodemailer is
looked for in the folder that NODE_MODULES names.
"""
import json, os, platform, random, shutil, statistics, subprocess, sys, tempfile
from datetime import date
from pathlib import Path

HERE = Path(__file__).resolve().parent
TOP, BUILD = HERE.parent.parent, Path(sys.argv[1]).resolve()
ROUNDS = int(os.environ.get("ROUNDS", 5))
NODE_MODULES = os.environ.get("NODE_MODULES", "")
ENOUGH = 0.2  # seconds of CPU that a figure stands on
MIB = 1 << 20

# task: what its row says, times (0: as many as make ENOUGH), its unit, seconds to the unit
TASKS = {
    "build": ("a small message built: text, html, two attachments of 2 KB", 0, "µs", 1e6),
    "stream": ("an attachment of 64 MiB written to /dev/null", 1, "ms", 1e3),
    "base64": ("base64 of 64 KiB of text, in lines", 0, "µs", 1e6),
    "quoted": ("quoted-printable of 64 KiB of text", 0, "µs", 1e6),
    "send": ("such a message built and sent, one kept connection", 2000, "µs", 1e6),
}


def make_data(folder):
    numbers = random.Random(7)
    line = "Grüße aus dem Postamt: a line of mostly plain text, with = now and then\r\n"
    (folder / "text").write_text(line * 14, "utf-8", newline="")
    (folder / "html").write_text("<p>" + (line * 14).replace("\r\n", "<br>\r\n"), "utf-8", newline="")
    for name in "first", "second":
        (folder / name).write_bytes(numbers.randbytes(2048))
    (folder / "page").write_bytes((line * 1000).encode()[:65536])
    with open(folder / "large", "wb") as large:
        for _ in range(64):
            large.write(numbers.randbytes(MIB))


def environment(lua=None):
    values = dict(os.environ, NODE_PATH=NODE_MODULES)
    if lua:
        values["LUA_PATH"] = f"{TOP}/lua/?.lua;{TOP}/lua/?/init.lua;;"
        values["LUA_CPATH"] = f"{TOP}/build/{lua}/?.so;;"
    return values


def works(command, env=None):
    try:
        return subprocess.run(command, env=env, capture_output=True).returncode == 0
    except OSError:
        return False


def versions():
    """of all that is compared, as Debian and npm name them"""
    told = []
    for package in "lua5.4", "luajit2", "lua-socket", "libgmime-3.0-0", "nodejs":
        got = subprocess.run(["dpkg-query", "-W", "-f", "${Version}", package], capture_output=True, text=True)
        if got.returncode == 0:
            told.append(f"{package} {got.stdout}")
    manifest = Path(NODE_MODULES) / "nodemailer/package.json"
    if NODE_MODULES and manifest.exists():
        told.append("nodemailer " + json.loads(manifest.read_text())["version"])
    return ", ".join([*told, "Python " + platform.python_version()])


def compile_gmime():
    flags = subprocess.run(["pkg-config", "--cflags", "--libs", "gmime-3.0"], capture_output=True, text=True)
    target = BUILD / "gmime_bench"
    if flags.returncode == 0 and works(["cc", "-O2", "-o", target, HERE / "peers/gmime.c", *flags.stdout.split()]):
        return target


def find_peers():
    """name: (command, environment), and the names of those that are missing"""
    peers, missing = {}, []

    def offer(name, is_there, command, env=None):
        if is_there:
            peers[name] = ([str(word) for word in command], env or environment())
        else:
            missing.append(name)

    for lua in "lua5.4", "luajit":
        offer(f"posthorn, {lua}", shutil.which(lua) and (TOP / "build" / lua / "posthorn/core.so").exists(),
              [lua, HERE / "peers/posthorn.lua"], environment(lua))
    offer("LuaSocket, lua5.4", works(["lua5.4", "-e", "require 'socket.smtp'"]), ["lua5.4", HERE / "peers/luasocket.lua"])
    gmime = compile_gmime()
    offer("GMime", gmime, [gmime])
    offer("nodemailer", NODE_MODULES and works(["node", "-e", "require('nodemailer')"], environment()),
          ["node", HERE / "peers/nodemailer.js"])
    offer("Python", True, [sys.executable, HERE / "peers/python.py"])
    return peers, missing


def measure(peer, *arguments):
    """CPU seconds and peak KiB of one run"""
    command, env = peer
    got = subprocess.run([BUILD / "measure", *command, *map(str, arguments)], env=env, stdout=subprocess.PIPE, text=True)
    if got.returncode != 0:
        raise SystemExit(f"{command} {arguments} failed")
    seconds, peak = got.stdout.split()[-2:]
    return float(seconds), int(peak)


def times_for(peer, task, data):
    times, idle = 1, measure(peer, task, 0, data)[0]
    while measure(peer, task, times, data)[0] - idle < ENOUGH and times < 1 << 24:
        times *= 2
    return times


def run_task(task, peers, data, port):
    """name: (CPU seconds for one, peak MiB)"""
    peers = {name: peer for name, peer in peers.items() if not (task == "send" and name == "GMime")}
    times = {name: TASKS[task][1] or times_for(peer, task, data) for name, peer in peers.items()}
    busy, idle, peak = ({name: [] for name in peers} for _ in range(3))
    for _ in range(ROUNDS):
        for name, peer in peers.items():
            idle[name].append(measure(peer, task, 0, data, port)[0])
            seconds, memory = measure(peer, task, times[name], data, port)
            busy[name].append(seconds)
            peak[name].append(memory)
    return {name: ((statistics.median(busy[name]) - statistics.median(idle[name])) / times[name],
                   max(peak[name]) / 1024) for name in peers}


def cell(task, figure):
    if not figure:
        return "–"
    _, _, unit, scale = TASKS[task]
    number = figure[0] * scale
    shown = f"{number:.3g}" if number < 1000 else f"{number:.0f}"
    return f"{shown} {unit}, {figure[1]:.0f} MiB"


def processor():
    for line in open("/proc/cpuinfo"):
        if line.startswith("model name"):
            return line.split(": ")[1].strip()
    return platform.machine()


def main():
    peers, missing = find_peers()
    subprocess.run(["cc", "-O2", "-o", BUILD / "measure", HERE / "measure.c"], check=True)
    for name in missing:
        print(f"{name}: not here, skipped", file=sys.stderr)
    sink = subprocess.Popen(["lua5.4", HERE / "sink.lua"], env=environment("lua5.4"), stdout=subprocess.PIPE, text=True)
    try:
        port = sink.stdout.readline().strip()
        with tempfile.TemporaryDirectory() as folder:
            make_data(Path(folder))
            print("| CPU time, peak memory | " + " | ".join(peers) + " |")
            print("|---" * (len(peers) + 1) + "|")
            for task in TASKS:
                figures = run_task(task, peers, folder, port)
                print(f"| {TASKS[task][0]} | " + " | ".join(cell(task, figures.get(name)) for name in peers) + " |", flush=True)
    finally:
        sink.kill()
        sink.wait()
    print(f"\n{processor()}, {os.cpu_count()} cores, {platform.system()} {platform.release()}, {ROUNDS} rounds, {date.today()}.")
    print(versions() + ".")


main()
