#!/usr/bin/env python3
"""figures.py BUILD - posthorn beside what Debian and npm have: make bench.

Prints two tables in Markdown, of building and of sending, and draws them as
figures.svg beside this file. Each figure is CPU time, user and system, of the
whole process, less that of the same process with next to nothing to do: the
median of ROUNDS (5) rounds, in which all peers take turns; behind it the peak
of its resident memory. A peer that is missing is skipped with a word.
nodemailer is looked for in the folder that NODE_MODULES names.
"""
import os, platform, random, statistics, subprocess, sys, tempfile
from datetime import date
from pathlib import Path

import chart, peers

HERE = Path(__file__).resolve().parent
BUILD = Path(sys.argv[1]).resolve()
ROUNDS = int(os.environ.get("ROUNDS", 5))
ENOUGH = 0.2  # seconds of CPU that a figure stands on
MIB = 1 << 20

# task: what its row says, times (0: as many as make ENOUGH), its unit, seconds to the unit
BUILDING = {
    "build": ("a small message built: text, html, two attachments of 2 KB", 0, "µs", 1e6),
    "stream": ("an attachment of 64 MiB written to /dev/null", 1, "ms", 1e3),
    "base64": ("base64 of 64 KiB of text, in lines", 0, "µs", 1e6),
    "quoted": ("quoted-printable of 64 KiB of text", 0, "µs", 1e6),
}
SENDING = {
    "send": ("a small message built and sent, one kept connection", 2000, "µs", 1e6),
    "kept": ("4 KB of finished octets sent, one kept connection", 4000, "µs", 1e6),
    "fresh": ("the same, a new connection for each", 1000, "µs", 1e6),
    "tls": ("the same over TLS, a full handshake for each", 250, "µs", 1e6),
}
TASKS = {**BUILDING, **SENDING}


def make_data(folder):
    numbers = random.Random(7)
    line = "Grüße aus dem Postamt: a line of mostly plain text, with = now and then\r\n"
    (folder / "text").write_text(line * 14, "utf-8", newline="")
    (folder / "html").write_text("<p>" + (line * 14).replace("\r\n", "<br>\r\n"), "utf-8", newline="")
    for name in "first", "second":
        (folder / name).write_bytes(numbers.randbytes(2048))
    (folder / "page").write_bytes((line * 1000).encode()[:65536])
    (folder / "octets").write_bytes(
        b"From: <ada@example.org>\r\nTo: <bob@example.net>\r\nSubject: octets\r\n\r\n"
        + b"A line of plain text that somebody has written.\r\n" * 82)
    with open(folder / "large", "wb") as large:
        for _ in range(64):
            large.write(numbers.randbytes(MIB))


def measure(peer, task, times, setting):
    """CPU seconds and peak KiB of one run"""
    command = peer.command(task, times, setting)
    got = subprocess.run([BUILD / "measure", *command], env=peer.environment, stdout=subprocess.PIPE, text=True)
    if got.returncode != 0:
        raise SystemExit(f"{command} failed")
    seconds, peak = got.stdout.split()[-2:]
    return float(seconds), int(peak)


def times_for(peer, task, setting):
    times, idle = 1, measure(peer, task, peer.least, setting)[0]
    while measure(peer, task, times, setting)[0] - idle < ENOUGH and times < 1 << 24:
        times *= 2
    return times


def run_task(task, every, setting):
    """name: (CPU seconds for one, peak MiB)"""
    able = {name: peer for name, peer in every.items() if task in peer.tasks}
    times = {name: TASKS[task][1] or times_for(peer, task, setting) for name, peer in able.items()}
    busy, idle, peak = ({name: [] for name in able} for _ in range(3))
    for _ in range(ROUNDS):
        for name, peer in able.items():
            idle[name].append(measure(peer, task, peer.least, setting)[0])
            seconds, memory = measure(peer, task, peer.least + times[name], setting)
            busy[name].append(seconds)
            peak[name].append(memory)
    return {name: ((statistics.median(busy[name]) - statistics.median(idle[name])) / times[name],
                   max(peak[name]) / 1024) for name in able}


def cell(task, figure):
    if not figure:
        return "–"
    _, _, unit, scale = TASKS[task]
    number = figure[0] * scale
    shown = f"{number:.3g}" if number < 1000 else f"{number:.0f}"
    return f"{shown} {unit}, {figure[1]:.0f} MiB"


def print_table(tasks, every, setting):
    """One line a task; what the chart shows of it."""
    able = {name: peer for name, peer in every.items() if peer.tasks & set(tasks)}
    print("\n| CPU time, peak memory | " + " | ".join(able) + " |")
    print("|---" * (len(able) + 1) + "|")
    groups = []
    for task, (label, _, unit, scale) in tasks.items():
        figures = run_task(task, able, setting)
        print(f"| {label} | " + " | ".join(cell(task, figures.get(name)) for name in able) + " |", flush=True)
        groups.append((label, unit, [(name, figures[name][0] * scale) for name in figures]))
    return groups


def start_sink(folder):
    """A sink of ours: the process, and its two ports."""
    lua = peers.lua_environment("lua5.4")
    sink = subprocess.Popen(["lua5.4", HERE / "sink.lua", folder], env=lua, stdout=subprocess.PIPE, text=True)
    return sink, sink.stdout.readline().split()


def processor():
    for line in open("/proc/cpuinfo"):
        if line.startswith("model name"):
            return line.split(": ")[1].strip()
    return platform.machine()


def stay_on_one_core():
    """Both ends, since to wake another core costs more than all that is measured, now and then."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})


def main():
    cores = os.cpu_count()
    stay_on_one_core()
    every, missing = peers.find(BUILD)
    subprocess.run(["cc", "-O2", "-o", BUILD / "measure", HERE / "measure.c"], check=True)
    for name in missing:
        print(f"{name}: not here, skipped", file=sys.stderr)
    with tempfile.TemporaryDirectory() as folder:
        make_data(Path(folder))
        sink, (port, secure_port) = start_sink(folder)
        try:
            setting = peers.Setting(folder, port, secure_port)
            groups = [group for tasks in (BUILDING, SENDING) for group in print_table(tasks, every, setting)]
        finally:
            sink.kill()
            sink.wait()
    where = f"{processor()}, one of {cores} cores, {platform.system()} {platform.release()}, {ROUNDS} rounds, {date.today()}"
    print(f"\n{where}.\n{peers.versions()}.")
    (HERE / "figures.svg").write_text(chart.draw("CPU time of posthorn beside its peers", where, groups), "utf-8")


main()
