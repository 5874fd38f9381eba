"""chart.py - figures as bars, in SVG: a group for each task, on a scale of its
own, the shortest bar first; posthorn's are the dark ones."""
from html import escape

WIDTH, LEFT, RIGHT = 760, 150, 110  # of the whole, of the names, of the figures
TOP, BAR, GAP, HEAD = 64, 15, 5, 34
OURS, THEIRS, INK, DIM = "#0b6e4f", "#b8c4cc", "#1f2933", "#66727f"


def text(x, y, words, size=12, colour=INK, anchor="start", weight="normal"):
    return (f'<text x="{x:.0f}" y="{y:.0f}" font-size="{size}" fill="{colour}" text-anchor="{anchor}" '
            f'font-weight="{weight}">{escape(words)}</text>')


def shown(number, unit):
    return f"{number:.3g} {unit}" if number < 1000 else f"{number:,.0f} {unit}"


def bar(y, name, number, unit, most):
    """A name, its bar and its figure; a bar too short to be seen has a pixel."""
    length = max(1, (WIDTH - LEFT - RIGHT) * number / most)
    is_ours = name.startswith("posthorn")
    return [text(LEFT - 8, y + 12, name, 11, INK if is_ours else DIM, "end", "bold" if is_ours else "normal"),
            f'<rect x="{LEFT}" y="{y}" width="{length:.1f}" height="{BAR}" rx="2" fill="{OURS if is_ours else THEIRS}"/>',
            text(LEFT + length + 6, y + 12, shown(number, unit), 11, INK if is_ours else DIM)]


def draw(title, where, groups):
    """groups: (label, unit, [(name, number), …])"""
    lines, y = [], TOP
    for label, unit, bars in groups:
        lines.append(text(LEFT, y + 16, label, 12, INK, weight="bold"))
        y += HEAD - 10
        most = max(number for _, number in bars)
        for name, number in sorted(bars, key=lambda one: one[1]):
            lines += bar(y, name, number, unit, most)
            y += BAR + GAP
        y += 12
    return "\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {y + 12}" font-family="sans-serif" role="img">',
        f"<title>{escape(title)}</title>",
        f'<rect width="{WIDTH}" height="{y + 12}" rx="8" fill="#ffffff"/>',
        text(24, 30, title, 16, INK, weight="bold"), text(24, 50, f"shorter is better; {where}", 11, DIM),
        *lines, "</svg>", ""])
