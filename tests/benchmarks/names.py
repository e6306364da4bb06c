"""Is a mistake found where it was made, and called by its name?

Run by hand:  python tests/benchmarks/names.py [--students 6] [--bank B]

The students here are programs written by hand (no rewrite rules, no formulas of the package): each
line of a derivation has its right number and the numbers that come of the mistakes of facts about
how people go wrong. A student makes one mistake, at one step or at all of them, rounds each line,
and goes on with what was written. The sheet is marked; the first box that is not right should be
the one where the mistake was made first, and the right name among the first two names there.

A key such as F5_relu is a variety of the mistake F5. ACCEPTED says which registered ids are a right
name for a key: its own unless listed. Mistakes of EXTRA are not in the catalogue of facts and are
counted apart. A mistake that changes nothing by more than rounding may (a value cut off that
happens to be near) and that is accepted counts for nothing.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from math import pi
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).resolve().parent))
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from arithmetic import rounded, unit_of

from rnnquiz.bank.load import parse_bank
from rnnquiz.bank.specification import Bank
from rnnquiz.bank.variant import arrays_of
from rnnquiz.decimals import Rounding
from rnnquiz.files.resources import folder
from rnnquiz.grade.diagnose import Diagnosis
from rnnquiz.grade.mark import mark
from tests_support import diagnosis_of, shipped, variants_of

Array = NDArray[np.float64]
GOAL = 0.97
WITHIN = 1.5  # units: a mistake that changes no more than this may be within what is accepted
EXTRA = {
    "G4_x",
    "L2_loss",
    "B13_o",
    "R6_f",
    "X_plus",
    "K2",
    "L2_sum",
    "R12_n",
    "R12_h",
    "R6_W",
}  # mistakes beyond those of the facts: counted apart
RIGHT = ("correct", "follow-through", "blank")

ACCEPTED: dict[str, tuple[str, ...]] = {
    # facts' number -> registered ids; several where the numbers are those of several mistakes
    "F13": ("F13", "R6"),
    "F17": ("S8", "S9"),
    "F18": ("S6", "S7"),
    "F19": ("S6", "S7"),
    "F16": ("F16", "R9"),
    "L8": ("S5", "S9"),
    "L10": ("L10",),
    "L10_missing": ("B1", "G4"),
    "B1": ("B1", "G4", "R5", "C3"),
    "B10": ("F8",),
    "B13": ("B1", "R12", "G4", "C3"),
    "B13_tanh": ("B13",),
    "L7_c": ("L7", "S3"),
    "L7_g": ("L7", "S3"),
    "L7_h": ("L7", "S3"),
    "L7_z": ("L7", "S3"),
    "B9": ("B9", "S6"),
    "R1": ("R1", "R12", "R2", "R13"),
    "R12": ("R1", "R12", "R13"),
    "R2": ("R2", "R1", "R12"),
    "R4": ("R4", "B1", "G4"),
    "R5": ("R5", "G4"),
    "R6": ("R6", "F13"),
    "R8": ("R8", "R12"),
    "R9": ("L4",),
    "R10": ("R10",),
    "R11": ("R11",),
    "G1": ("G1", "S6", "G2"),
    "G2": ("G1", "S6"),
    "G3": ("G3", "G1", "B4", "F1"),
    "G4": ("G4", "R5", "B1"),
    "G5": ("R6",),
    "G6": ("G6",),
    "G8": ("S2",),
    "G9": ("S10",),
    "G10": ("S1",),
    "G12": ("G12", "L4"),
    "U3": ("U3",),
    "U4": ("U4",),
    "U1": ("U1",),
    "U2": ("U2",),
    "U6": ("U6", "R6"),
    "X_outer": ("G9",),
    "X_transposed": ("R9",),
    "X_delta": ("G10", "S6"),
    "C1": ("C1", "R6"),
    "C3": ("C3", "G4"),
    "L2": ("L2",),
    "L3": ("L3", "L2"),
    "R3": ("R3", "L4"),
    "F14": ("F14", "G1"),
    "F12": ("F12",),
    "K1": ("G1", "S6"),  # c[t] where c[t-1] belongs
}


def accepted(key: str) -> tuple[str, ...]:
    base = key if key in ACCEPTED else key.partition("_")[0]
    return ACCEPTED.get(base, (base,))


@dataclass
class Pad:
    """What one student writes down, line by line, with one mistake at one step (None: wherever
    it can be made)."""

    rounding: Rounding
    mistake: str = ""
    step: int | None = None
    values: dict[str, Array] = field(default_factory=dict)
    struck: dict[str, float] = field(
        default_factory=dict
    )  # lines with the mistake in them: by how many units they are off
    seen: dict[str, set[int | None]] = field(default_factory=dict)

    def line(self, name: str, right: Any, step: int | None = None, /, **wrong: Any) -> Any:
        for key in wrong:
            self.seen.setdefault(key, set()).add(step)
        value = rounded(self.rounding, np.asarray(right, dtype=float))
        if self.mistake in wrong and (self.step is None or step is None or step == self.step):
            other = np.broadcast_to(np.asarray(wrong[self.mistake], dtype=float), value.shape)
            other = other if self.mistake.startswith("G9") else rounded(self.rounding, other)
            if not np.array_equal(other, value, equal_nan=True):
                off = np.abs(other - value) / unit_of(self.rounding, value)
                self.struck[name] = float(np.nan_to_num(off, nan=1e9).max())
            value = other
        self.values[name] = value
        return value

    def cut(self, value: Any) -> Any:
        unit = unit_of(self.rounding, np.asarray(value, dtype=float))
        return np.trunc(np.asarray(value) / unit + np.copysign(1e-9, value)) * unit

    def coarse(self, value: Any, fewer: int = 2) -> Any:
        unit = unit_of(self.rounding, np.asarray(value, dtype=float)) * 10.0**fewer
        return np.round(np.asarray(value) / unit) * unit


def sigmoid(u: Any) -> Any:
    return 1 / (1 + np.exp(-u))


def softmax(u: Any) -> Any:
    return np.exp(u - u.max()) / np.exp(u - u.max()).sum()


def relu(u: Any) -> Any:
    return np.maximum(u, 0)


G = Mapping[str, Any]
Program = Callable[[G, Pad], None]


def forward(
    p: Pad, t: int, W: Any, x: Any, U: Any, past: Any, b: Any, c: Any, first: Any, name: str
) -> Any:
    """tanh(W x + U h + b) in one line."""
    a, old = W * x + U * past, W * x
    return p.line(
        name, np.tanh(a + b), t, F1=a + b, F3=np.tan(a + b), F4=np.tanh((a + b) * pi / 180),
            F5=sigmoid(a + b), F5_relu=relu(a + b),
        F6=np.tanh(old + b) + U * past, F7=np.tanh(a) + b, F8=np.tanh(a + c), F9=np.tanh(a),
            F11=np.tanh(a - b), F12=np.tanh(old + b),
        F13=np.tanh(U * x + W * past + b), F14=np.tanh(old + U * first + b),
            F17=np.tanh(a + b) * 1.003, G10=np.tanh(p.coarse(a + b)),
        G10_product=np.tanh(p.coarse(old) + p.coarse(U * past) + b), G8=np.tanh(a + b) / 10,
            G8_up=np.tanh(a + b) * 10, G9=p.cut(np.tanh(a + b)),
        **({"F18": past} if t > 1 else {}),
    )  # fmt: skip


def output(
    p: Pad, t: int, V: Any, h: Any, c: Any, b: Any, past: Any, W: Any, U: Any, name: str
) -> Any:
    return p.line(
        name,
        V * h + c,
        t,
        F8=V * h + b,
        F9=V * h,
        F11=V * h - c,
        G1=V * past + c,
        R6=W * h + c,
        R6_U=U * h + c,
        G8_yhat=(V * h + c) * 10,
    )


def half_squares(p: Pad, t: int, yhat: Any, y: Any) -> None:
    e = y - yhat
    p.line(
        f"L[{t}]",
        e * e / 2,
        t,
        L1=e * e,
        L11=e / 2,
        G10_loss=p.coarse(e, 2) ** 2 / 2,
        G9_loss=p.cut(e * e / 2),
    )


def total(p: Pad, T: int) -> None:
    Ls = [p.values[f"L[{t}]"] for t in range(1, T + 1)]
    p.line("L", sum(Ls), None, L2=sum(Ls) / T, L3=2 * sum(Ls) / T, L4=Ls[-1], R3_loss=sum(Ls[1:]))


def error(p: Pad, t: int, yhat: Any, y: Any, name: str) -> Any:
    e = yhat - y
    borrowed = _no_borrow(e, yhat, y, p)
    return p.line(name, e, t, L7=-e, L5=2 * e, L6=e / 2, L8=borrowed, G8_e=e * 10, G9_e=p.cut(e))


def _no_borrow(e: Any, yhat: Any, y: Any, p: Pad) -> Any:
    """The smaller digit taken from the larger in each column (only where both have the same
    sign)."""
    unit = unit_of(p.rounding, np.asarray(e))
    a, b = (np.rint(np.abs(np.asarray(v)) / unit).astype(np.int64) for v in (yhat, y))
    columns = sum(np.abs(a // 10**k % 10 - b // 10**k % 10) * 10**k for k in range(8))
    return np.where(np.sign(yhat) == np.sign(y), np.copysign(columns * unit, e), e)


def slope(
    p: Pad,
    t: int,
    h: Any,
    a: Any,
    past: Any,
    name: str,
    argument: bool = False,
    c: Any = 0.0,
    b: Any = 0.0,
) -> Any:
    more = {"B4": 1 - a * a, "B10": 1 - np.tanh(a - b + c) ** 2} if argument else {}
    return p.line(name, (1 - np.tanh(a) ** 2) if argument else 1 - h * h, t,
        B2=1 - np.tanh(h) ** 2, B3=1 - h, B5=h * (1 - h), B6=1 + h * h,
                  B7=1 / (1 - h * h), B8=np.sqrt(1 - h * h), B11=h, B11_square=h * h,
                      G8_slope=(1 - h * h) * 10, G10_slope=1 - p.coarse(h) ** 2,
                          **more)  # fmt: skip


def update_matrix(p: Pad, name: str, old: np.ndarray, eta: float, gradient: np.ndarray) -> None:
    """The line of a matrix after the update, and what mistakes make of it."""
    p.line(
        name,
        old - eta * gradient,
        None,
        U1=old + eta * gradient,
        U2=old - gradient,
        U3=old - eta * gradient / 10,
        U4=-eta * gradient,
        X_outer=old - eta * gradient.T,
    )


def update(p: Pad, theta: str, old: Any, eta: Any, grad: Any, name: str = "") -> Any:
    g = eta * grad
    return p.line(
        name or f"{theta}_new",
        old - g,
        None,
        U1=old + g,
        U2=old - grad,
        U3=old - g / 10,
        U3_up=old - 10 * g,
        U4=-g,
        U4_plus=g,
        G9_new=p.cut(old - g),
    )


def sums(p: Pad, theta: str, parts: list[Any]) -> Any:
    """`parts` of the steps 1 to T."""
    T = len(parts)
    return p.line(
        f"dL/d{theta}",
        sum(parts),
        None,
        L2=sum(parts) / T,
        R9=parts[-1],
        R3=sum(parts[1:]),
        G12=parts[0],
        L3=2 * sum(parts) / T,
    )


def elman_total(argument: bool) -> Program:
    def program(g: G, p: Pad) -> None:
        T, W, U, V, b, c, eta = 3, g["W"], g["U"], g["V"], g["b"], g["c"], g["eta"]
        h, yhat, x, y = {0: g["h[0]"]}, {}, {}, {}
        for t in range(1, T + 1):
            x[t], y[t] = g[f"x[{t}]"], g[f"y[{t}]"]
            h[t] = forward(p, t, W, x[t], U, h[t - 1], b, c, h[0], f"h[{t}]")
            yhat[t] = output(p, t, V, h[t], c, b, h[t - 1], W, U, f"yhat[{t}]")
            half_squares(p, t, yhat[t], y[t])
        total(p, T)
        s, hop, full = {}, {}, {"U": {}, "W": {}, "b": {}}  # type: ignore[var-annotated]
        for t in range(1, T + 1):
            a = W * x[t] + U * h[t - 1] + b
            s[t] = slope(p, t, h[t], a, h[t - 1], f"h'[{t}]", argument, c, b)
            if t > 1:
                hop[t] = p.line(
                    f"dh[{t}]/dh[{t - 1}]",
                    s[t] * U,
                    t,
                    B1=U,
                    R5=s[t],
                    R6=s[t] * W,
                    R6_V=s[t] * V,
                    B9=s[t - 1] * U,
                    G8_hop=s[t] * U * 10,
                )
        for theta in "UWb":
            for t in range(1, T + 1):
                value = {"U": h[t - 1], "W": x[t], "b": 1.0}[theta]
                other = {"U": h[t], "W": x.get(t - 1, x[t]), "b": 1.0}[theta]
                key = "G6" if theta == "W" else "G1"
                name = f"dh[1]/d{theta}" if t == 1 else f"d+h[{t}]/d{theta}"
                direct = s[t]
                if theta != "b":
                    direct = p.line(
                        name,
                        s[t] * value,
                        t,
                        **{key: s[t] * other},
                        B1=value,
                        B9=s.get(t - 1, s[t]) * value,
                        G4=s[t],
                    )
                full[theta][t] = direct
                if t > 1:
                    past = hop[t] * full[theta][t - 1]
                    way = full[theta][t - 1]
                    full[theta][t] = p.line(f"dh[{t}]/d{theta}", direct + past, t, R1=direct,
                        R8=past, R10=direct + 2 * past, R4=direct + U * way, R5=direct + s[t] * way,
                                            R6=direct + s[t] * W * way,
                                            **({"R2": direct + hop[t] * (s[t - 1] * {"U": h[t - 2],
                                                "W": x[t - 1], "b": 1.0}[theta])} if t > 2
                                                    else {}))  # fmt: skip
        grads: dict[str, dict[int, Any]] = {k: {} for k in "VcUWb"}
        for t in range(T, 0, -1):
            e = error(p, t, yhat[t], y[t], f"dL[{t}]/dyhat[{t}]")
            grads["V"][t] = p.line(
                f"dL[{t}]/dV",
                e * h[t],
                t,
                G2=e * h[t - 1],
                G3=e * (W * x[t] + U * h[t - 1] + b),
                G4=h[t],
            )
            grads["c"][t] = p.line(f"dL[{t}]/dc", e, t, L7_c=-e)
            for theta in "UWb":
                d = full[theta][t]
                grads[theta][t] = p.line(
                    f"dL[{t}]/d{theta}",
                    e * V * d,
                    t,
                    G4_V=e * d,
                    G5=e * W * d,
                    G5_U=e * U * d,
                    G10_gradient=p.coarse(e * V) * d,
                    G8_g=e * V * d * 10,
                    L7_g=-e * V * d,
                )
        for theta in "VcUWb":
            s_ = sums(p, theta, [grads[theta][t] for t in range(1, T + 1)])
            update(p, theta, g[theta], eta, s_)

    return program


def deltas(g: G, p: Pad) -> None:
    T, W, U, V, b, c, eta = 3, g["W"], g["U"], g["V"], g["b"], g["c"], g["eta"]
    a, h, yhat, x, y = {}, {0: g["h[0]"]}, {}, {}, {}  # type: ignore[var-annotated]
    for t in range(1, T + 1):
        x[t], y[t] = g[f"x[{t}]"], g[f"y[{t}]"]
        a[t] = sum_line(p, t, W, x[t], U, h[t - 1], b, c, h[0])
        h[t] = squash(p, t, a[t], h[t - 1])
        yhat[t] = output(p, t, V, h[t], c, b, h[t - 1], W, U, f"yhat[{t}]")
        half_squares(p, t, yhat[t], y[t])
    total(p, T)
    da: dict[int, Any] = {}
    e: dict[int, Any] = {}
    after = None
    for t in range(T, 0, -1):
        e[t] = error(p, t, yhat[t], y[t], f"dL/dyhat[{t}]")
        if t == T:
            dh = p.line(f"dL/dh[{t}]", e[t] * V, t, R6=e[t] * W, R6_U=e[t] * U, G4=e[t])
        else:
            way = da[t + 1]
            dh = p.line(f"dL/dh[{t}]", e[t] * V + U * way, t, R1=e[t] * V, R8=U * way,
                R5=e[t] * V + way, R6=e[t] * V + W * way, R6_V=e[t] * V + V * way,
                        R10=e[t] * V + 2 * U * way, R4=e[t] * V + U * after, G4=e[t] + U * way,
                            G10=p.coarse(e[t] * V) + p.coarse(U * way))  # fmt: skip
        s = slope(p, t, h[t], a[t], h[t - 1], f"h'[{t}]")
        da[t] = p.line(
            f"dL/da[{t}]",
            dh * s,
            t,
            B1=dh,
            B9=dh * p.values.get(f"h'[{t + 1}]", s),
            B12=dh * (1 - np.tanh(dh) ** 2),
            G8=dh * s * 10,
            G9=p.cut(dh * s),
        )
        after = dh
    of: dict[str, list[Any]] = {}
    of["V"] = [
        p.line(f"dL/dV@{t}", e[t] * h[t], t, G2=e[t] * h[t - 1], G3=e[t] * a[t], G4=h[t])
        for t in range(1, T + 1)
    ]
    of["c"] = [e[t] for t in range(1, T + 1)]
    of["U"] = [
        p.line(
            f"dL/dU@{t}",
            da[t] * h[t - 1],
            t,
            G1=da[t] * h[t],
            G4=h[t - 1],
            X_delta=da.get(t + 1, da[t]) * h[t - 1],
        )
        for t in range(1, T + 1)
    ]
    of["W"] = [
        p.line(f"dL/dW@{t}", da[t] * x[t], t, G6=da[t] * x.get(t - 1, x[t]), G4=x[t])
        for t in range(1, T + 1)
    ]
    of["b"] = [da[t] for t in range(1, T + 1)]
    for theta in "VcUWb":
        update(p, theta, g[theta], eta, sums(p, theta, of[theta]))


def sum_line(p: Pad, t: int, W: Any, x: Any, U: Any, past: Any, b: Any, c: Any, first: Any) -> Any:
    return p.line(f"a[{t}]", W * x + U * past + b, t, F8=W * x + U * past + c, F9=W * x + U * past,
        F11=W * x + U * past - b, F12=W * x + b,
                  F13=U * x + W * past + b, F14=W * x + U * first + b,
                      G10=p.coarse(W * x) + p.coarse(U * past) + b)  # fmt: skip


def squash(p: Pad, t: int, a: Any, past: Any) -> Any:
    return p.line(
        f"h[{t}]",
        np.tanh(a),
        t,
        F1=a,
        F3=np.tan(a),
        F4=np.tanh(a * pi / 180),
        F5=sigmoid(a),
        F5_relu=relu(a),
        F17=np.tanh(a) * 1.003,
        G8=np.tanh(a) / 10,
        G9=p.cut(np.tanh(a)),
        **({"F18": past} if t > 1 else {}),
    )


def sentiment(g: G, p: Pad) -> None:
    T, W, U, V, b, c, eta = 3, g["W"], g["U"], g["V"], g["b"], g["c"], g["eta"]
    a, h, y = {}, {0: g["h[0]"]}, g["y[3]"]  # type: ignore[var-annotated]
    for t in range(1, T + 1):
        a[t] = sum_line(p, t, W, g[f"x[{t}]"], U, h[t - 1], b, c, h[0])
        h[t] = squash(p, t, a[t], h[t - 1])
    s = p.line(
        "s[3]", V * h[3] + c, 3, F8=V * h[3] + b, F9=V * h[3], R6=U * h[3] + c, G1=V * h[2] + c
    )
    q = p.line("yhat[3]", sigmoid(s), 3, F1=s, F5=np.tanh(s), F5_relu=relu(s))
    ln = y * np.log(q) + (1 - y) * np.log(1 - q)
    p.line("L[3]", -ln, 3, L13=ln, L12=-ln / np.log(10))
    e = p.line("dL/ds[3]", q - y, 3, L7=y - q, L10=(q - y) * q * (1 - q))
    da = {}
    way = None
    for t in range(T, 0, -1):
        if t == T:
            dh = p.line("dL/dh[3]", e * V, t, R6=e * U, G4=e)
        else:
            dh = p.line(
                f"dL/dh[{t}]",
                da[t + 1] * U,
                t,
                R5=da[t + 1],
                R6=da[t + 1] * W,
                R6_V=da[t + 1] * V,
                R4=way * U,
            )
        k = slope(p, t, h[t], a[t], h[t - 1], f"h'[{t}]")
        da[t] = p.line(
            f"dL/da[{t}]",
            dh * k,
            t,
            B1=dh,
            B9=dh * p.values.get(f"h'[{t + 1}]", k),
            B12=dh * (1 - np.tanh(dh) ** 2),
        )
        way = dh
    dV = p.line("dL/dV@3", e * h[3], 3, G2=e * h[2], G4=h[3])
    dU = [
        p.line(f"dL/dU@{t}", da[t] * h[t - 1], t, G1=da[t] * h[t], G4=h[t - 1])
        for t in range(1, T + 1)
    ]
    dW = [
        p.line(f"dL/dW@{t}", da[t] * g[f"x[{t}]"], t, G6=da[t] * g.get(f"x[{t - 1}]", g[f"x[{t}]"]))
        for t in range(1, T + 1)
    ]
    update(p, "V", V, eta, dV)
    update(p, "c", c, eta, e)
    update(p, "U", U, eta, sums(p, "U", dU))
    update(p, "W", W, eta, sums(p, "W", dW))
    update(p, "b", b, eta, sums(p, "b", [da[t] for t in range(1, T + 1)]))


def vectors(g: G, p: Pad) -> None:
    T, W, U, V, b, c, eta = 2, g["W"], g["U"], g["V"], g["b"], g["c"], g["eta"]
    a, h, yhat, x, y = {}, {0: g["h[0]"]}, {}, {}, {}  # type: ignore[var-annotated]
    for t in range(1, T + 1):
        x[t], y[t], past = g[f"x[{t}]"], g[f"y[{t}]"], h[t - 1]
        a[t] = p.line(f"a[{t}]", W @ x[t] + U @ past + b, t, F16=W.T @ x[t] + U @ past + b,
            F16_U=W @ x[t] + U.T @ past + b, F9=W @ x[t] + U @ past,
                      F11=W @ x[t] + U @ past - b, F12=W @ x[t] + b, F13=U @ x[t] + W @ past + b,
                          F14=W @ x[t] + U @ h[0] + b,
                              R11=np.diag(W) * x[t] + np.diag(U) * past + b)  # fmt: skip
        h[t] = squash(p, t, a[t], h[t - 1])
        yhat[t] = p.line(f"yhat[{t}]", V @ h[t] + c, t, F9=V @ h[t], G1=V @ past + c)
        half_squares(p, t, yhat[t], y[t])
    total(p, T)
    da: dict[int, Any] = {}
    e: dict[int, Any] = {}
    way: Any = None
    for t in range(T, 0, -1):
        e[t] = error(p, t, yhat[t], y[t], f"dL/dyhat[{t}]")
        if t == T:
            dh = p.line(f"dL/dh[{t}]", e[t] * V, t, G4=V, B1_e=V)
        else:
            n = da[t + 1]
            dh = p.line(f"dL/dh[{t}]", e[t] * V + U.T @ n, t, R1=e[t] * V, R8=U.T @ n,
                R5=e[t] * V + n, R6=e[t] * V + W.T @ n, X_transposed=e[t] * V + U @ n,
                        R11=e[t] * V + np.diag(U) * n, R10=e[t] * V + 2 * (U.T @ n),
                            R4=e[t] * V + U.T @ way)  # fmt: skip
        s = slope(p, t, h[t], a[t], h[t - 1], f"h'[{t}]")
        da[t] = p.line(
            f"dL/da[{t}]",
            dh * s,
            t,
            B1=dh,
            B9=dh * p.values.get(f"h'[{t + 1}]", s),
            B12=dh * (1 - np.tanh(dh) ** 2),
        )
        way = dh
    steps = range(1, T + 1)
    parts = {"V": [e[t] * h[t] for t in steps], "c": [e[t] for t in steps],
        "U": [np.outer(da[t], h[t - 1]) for t in steps],
             "W": [np.outer(da[t], x[t]) for t in steps], "b": [da[t] for t in steps]}  # fmt: skip
    crossed = {
        "U": sum(np.outer(h[t - 1], da[t]) for t in steps),
        "W": sum(np.outer(x[t], da[t]) for t in steps),
    }
    other = {
        "U": sum(np.outer(da[t], h[t]) for t in steps),
        "V": sum(e[t] * h[t - 1] for t in steps),
    }
    for theta in "VcUWb":
        q = [rounded(p.rounding, np.asarray(v)) for v in parts[theta]]
        more = ({"X_outer": crossed[theta]} if theta in crossed else {}) | (
            {"G1": other[theta]} if theta in other else {}
        )
        s_ = p.line(
            f"dL/d{theta}",
            q[0] + q[1],
            None,
            L2=(q[0] + q[1]) / 2,
            R9=q[1],
            R3=q[1],
            G12=q[0],
            **more,
        )
        update(p, theta, g[theta], eta, s_)


def lstm(g: G, p: Pad) -> None:
    h, c, x, y = {0: g["h[0]"]}, {0: g["c[0]"]}, {t: g[f"x[{t}]"] for t in (1, 2)}, g["y[2]"]
    f, i, o, k = {}, {}, {}, {}  # type: ignore[var-annotated]
    for t in (1, 2):
        z = {n: g[f"W_{n}"] * x[t] + g[f"U_{n}"] * h[t - 1] + g[f"b_{n}"] for n in "fiog"}
        bare = {n: z[n] - g[f"b_{n}"] for n in "fiog"}
        dry = {n: z[n] - g[f"U_{n}"] * h[t - 1] for n in "fiog"}
        for n, place in (("f", f), ("i", i), ("o", o)):
            place[t] = p.line(f"{n}[{t}]", sigmoid(z[n]), t, F1=z[n], F5=np.tanh(z[n]),
                F9=sigmoid(bare[n]), F12=sigmoid(dry[n]), F11=sigmoid(bare[n] - g[f"b_{n}"]),
                              F14=sigmoid(dry[n] + g[f"U_{n}"] * h[0]),
                                  F13=sigmoid(g[f"U_{n}"] * x[t] + g[f"W_{n}"] * h[t - 1] + g[
                                      f"b_{n}"]))  # fmt: skip
        k[t] = p.line(
            f"g[{t}]",
            np.tanh(z["g"]),
            t,
            F1=z["g"],
            F5=sigmoid(z["g"]),
            F9=np.tanh(bare["g"]),
            F12=np.tanh(dry["g"]),
            F3=np.tan(z["g"]),
            F4=np.tanh(z["g"] * pi / 180),
        )
        c[t] = p.line(f"c[{t}]", f[t] * c[t - 1] + i[t] * k[t], t,
            C1=i[t] * c[t - 1] + f[t] * k[t], C1_o=o[t] * c[t - 1] + i[t] * k[t],
                C3=c[t - 1] + i[t] * k[t],
                      C3_i=f[t] * c[t - 1] + k[t], F12=i[t] * k[t],
                          F14=f[t] * c[0] + i[t] * k[t])  # fmt: skip
        h[t] = p.line(
            f"h[{t}]",
            o[t] * np.tanh(c[t]),
            t,
            F1=o[t] * c[t],
            C3=np.tanh(c[t]),
            C1=f[t] * np.tanh(c[t]),
            F5=o[t] * sigmoid(c[t]),
        )
    V = g["V"]
    yhat = p.line("yhat[2]", V * h[2] + g["b_y"], 2, F9=V * h[2], G1=V * h[1] + g["b_y"])
    half_squares(p, 2, yhat, y)
    e = error(p, 2, yhat, y, "dL/dyhat[2]")
    dh = p.line("dL/dh[2]", e * V, 2, G4=e, L7_h=-e * V)
    dc: Any = None
    for t in (2, 1):
        if t == 1:
            terms = [p.values[f"dL/d{n}[2]"] * p.values[f"{n}'[2]"] * g[f"U_{n}"] for n in "fiog"]
            bare_ = [p.values[f"dL/d{n}[2]"] * g[f"U_{n}"] for n in "fiog"]
            dh = p.line("dL/dh[1]", sum(terms), 1, R12_o=terms[2], R12_f=sum(terms[1:]),
                B1=sum(bare_), B1_one=sum(terms[1:]) + bare_[0],
                    R5=sum(p.values[f"dL/d{n}[2]"] * p.values[f"{n}'[2]"] for n in "fiog"),
                        R6=sum(p.values[f"dL/d{n}[2]"] * p.values[f"{n}'[2]"] * g[f"W_{n}"]
                            for n in "fiog"))  # fmt: skip
        local = dh * o[t] * (1 - np.tanh(c[t]) ** 2)
        if t == 2:
            dc = p.line(
                "dL/dc[2]",
                local,
                2,
                B1=dh * o[t],
                C3=dh * (1 - np.tanh(c[t]) ** 2),
                B2=dh * o[t] * (1 - np.tanh(np.tanh(c[t])) ** 2),
                B4=dh * o[t] * (1 - c[t] ** 2),
            )
        else:
            way = dc * f[2]
            dc = p.line(
                "dL/dc[1]",
                local + way,
                1,
                R1=local,
                R8=way,
                R10=local + 2 * way,
                C3=local + dc,
                C1=local + dc * i[2],
                B1=dh * o[t] + way,
                R6_f=local + dc * f[1],
            )
        p.line(f"dL/dg[{t}]", dc * i[t], t, C1=dc * f[t], C3=dc, C1_o=dc * o[t])
        p.line(
            f"dL/do[{t}]",
            dh * np.tanh(c[t]),
            t,
            F1=dh * c[t],
            G4=np.tanh(c[t]),
            B13_o=dc * np.tanh(c[t]),
        )
        p.line(f"dL/di[{t}]", dc * k[t], t, K2=dc * c[t - 1], G4=dc)
        p.line(f"dL/df[{t}]", dc * c[t - 1], t, K1=dc * c[t], K2=dc * k[t])
        for n, place in (("f", f), ("i", i), ("o", o)):
            v = place[t]
            p.line(
                f"{n}'[{t}]",
                v * (1 - v),
                t,
                B13_tanh=1 - v * v,
                B14=v,
                B14_one=1 - v,
                B2_sigmoid=sigmoid(v) * (1 - sigmoid(v)),
            )
        slope(p, t, k[t], np.arctanh(k[t]), 0.0, f"g'[{t}]")
    for n in "fiog":
        d = {t: p.values[f"dL/d{n}[{t}]"] * p.values[f"{n}'[{t}]"] for t in (1, 2)}
        bare_2 = {t: p.values[f"dL/d{n}[{t}]"] for t in (1, 2)}
        r = {t: rounded(p.rounding, np.asarray(d[t] * h[t - 1])) for t in (1, 2)}
        w = {t: rounded(p.rounding, np.asarray(d[t] * x[t])) for t in (1, 2)}
        p.line(
            f"dL/dU_{n}",
            r[1] + r[2],
            None,
            R9=r[2],
            G12=r[1],
            B1_sum=bare_2[1] * h[0] + bare_2[2] * h[1],
            G1=d[1] * h[1] + d[2] * h[2],
        )
        p.line(
            f"dL/dW_{n}",
            w[1] + w[2],
            None,
            R9=w[2],
            G12=w[1],
            B1_sum=bare_2[1] * x[1] + bare_2[2] * x[2],
        )
        p.line(
            f"dL/db_{n}",
            rounded(p.rounding, np.asarray(d[1])) + rounded(p.rounding, np.asarray(d[2])),
            None,
            R9=d[2],
            G12=d[1],
            B1_sum=bare_2[1] + bare_2[2],
        )


def gru(g: G, p: Pad) -> None:
    h, x, y, V = {0: g["h[0]"]}, {t: g[f"x[{t}]"] for t in (1, 2)}, g["y[2]"], g["V"]
    z, r, n = {}, {}, {}  # type: ignore[var-annotated]
    for t in (1, 2):
        past = h[t - 1]
        for q, place in (("z", z), ("r", r)):
            W, U, b = g[f"W_{q}"], g[f"U_{q}"], g[f"b_{q}"]
            u = W * x[t] + U * past + b
            place[t] = p.line(
                f"{q}[{t}]",
                sigmoid(u),
                t,
                F1=u,
                F5=np.tanh(u),
                F9=sigmoid(u - b),
                F12=sigmoid(W * x[t] + b),
                F11=sigmoid(u - 2 * b),
                F13=sigmoid(U * x[t] + W * past + b),
                F14=sigmoid(W * x[t] + U * h[0] + b),
            )
        W, U, b = g["W_n"], g["U_n"], g["b_n"]
        u = W * x[t] + U * r[t] * past + b
        n[t] = p.line(
            f"n[{t}]",
            np.tanh(u),
            t,
            F1=u,
            F5=sigmoid(u),
            C3=np.tanh(W * x[t] + U * past + b),
            C1=np.tanh(W * x[t] + U * z[t] * past + b),
            F9=np.tanh(u - b),
            F12=np.tanh(W * x[t] + b),
            F3=np.tan(u),
        )
        h[t] = p.line(
            f"h[{t}]",
            (1 - z[t]) * past + z[t] * n[t],
            t,
            C2=z[t] * past + (1 - z[t]) * n[t],
            C1=(1 - r[t]) * past + r[t] * n[t],
            F12=z[t] * n[t],
            C3=past + z[t] * n[t],
            F14=(1 - z[t]) * h[0] + z[t] * n[t],
        )
    yhat = p.line("yhat[2]", V * h[2] + g["c"], 2, F9=V * h[2], G1=V * h[1] + g["c"])
    half_squares(p, 2, yhat, y)
    e = error(p, 2, yhat, y, "dL/dyhat[2]")
    dh = p.line("dL/dh[2]", e * V, 2, G4=e)
    for t in (2, 1):
        past, U = h[t - 1], g["U_n"]
        if t == 1:
            dz, dr, dn = (p.values[f"dL/d{q}[2]"] for q in "zrn")
            sz, sr, sn = (p.values[f"{q}'[2]"] for q in "zrn")
            terms = [
                dz * sz * g["U_z"],
                dr * sr * g["U_r"],
                dn * sn * g["U_n"] * r[2],
                dh * (1 - z[2]),
            ]
            dh = p.line("dL/dh[1]", sum(terms), 1, R1=terms[3], R12_z=sum(terms[1:]),
                R12_direct=sum(terms[:3]),
                    B1=dz * g["U_z"] + dr * g["U_r"] + dn * g["U_n"] * r[2] + terms[3],
                        C3=terms[0] + terms[1] + dn * sn * g["U_n"] + terms[3],
                        C2=sum(terms[:3]) + dh * z[2], R12_zr=terms[2] + terms[3],
                            R6=dz * sz * g["W_z"] + dr * sr * g["W_r"] + dn * sn * g["W_n"] * r[
                                2] + terms[3])  # fmt: skip
        dn = p.line(f"dL/dn[{t}]", dh * z[t], t, C3=dh, C2=dh * (1 - z[t]), C1=dh * r[t])
        sn = slope(p, t, n[t], np.arctanh(n[t]), 0.0, f"n'[{t}]")
        p.line(
            f"dL/dr[{t}]",
            dn * sn * U * past,
            t,
            B1=dn * U * past,
            R5=dn * sn * past,
            G4=dn * sn * U,
            G1=dn * sn * U * h[t],
        )
        p.line(
            f"dL/dz[{t}]",
            dh * (n[t] - past),
            t,
            L7_z=dh * (past - n[t]),
            R12_h=dh * n[t],
            R12_n=-dh * past,
            X_plus=dh * (n[t] + past),
        )
        for q, place in (("z", z), ("r", r)):
            v = place[t]
            p.line(f"{q}'[{t}]", v * (1 - v), t, B13_tanh=1 - v * v, B14=v, B14_one=1 - v)


def neuron(g: G, p: Pad) -> None:
    W, x, b, y, eta = g["W"], g["x[1]"], g["b"], g["y[1]"], g["eta"]
    s = p.line("s[1]", W @ x + b, 1, F9=W @ x, F11=W @ x - b)
    q = p.line(
        "yhat[1]", sigmoid(s), 1, F1=s, F5=np.tanh(s), F5_relu=relu(s), F17=sigmoid(s) * 1.003
    )
    half_squares(p, 1, q, y)
    e = error(p, 1, q, y, "dL/dyhat[1]")
    k = p.line(
        "yhat'[1]",
        q * (1 - q),
        1,
        B13_tanh=1 - q * q,
        B14=q,
        B14_one=1 - q,
        B2_sigmoid=sigmoid(q) * (1 - sigmoid(q)),
    )
    ds = p.line("dL/ds[1]", e * k, 1, B1=e, G4=k)
    dW = p.line("dL/dW@1", ds * x, 1, G4=x, G4_x=np.array([ds, ds]), R6_W=ds * W)
    update(p, "W", W, eta, dW)
    update(p, "b", b, eta, ds)


def perceptron(g: G, p: Pad) -> None:
    W, V, x, b, c, y, eta = g["W"], g["V"], g["x[1]"], g["b"], g["c"], g["y[1]"], g["eta"]
    a = p.line(
        "a[1]",
        W @ x + b,
        1,
        F9=W @ x,
        F11=W @ x - b,
        F16=W.T @ x + b,
        F8=W @ x + c,
        R6=V @ x + b,
        R11=np.diag(W) * x + b,
    )
    h = p.line("h[1]", sigmoid(a), 1, F1=a, F5=np.tanh(a), F5_relu=relu(a))
    s = p.line(
        "s[1]", V @ h + c, 1, F9=V @ h, F11=V @ h - c, F16=V.T @ h + c, F8=V @ h + b, R6=W @ h + c
    )
    q = p.line("yhat[1]", sigmoid(s), 1, F1=s, F5=np.tanh(s))
    e2 = (y - q) ** 2
    p.line("L[1]", e2.sum() / 2, 1, L1=e2.sum(), L11=(y - q).sum() / 2, L2_loss=e2.mean() / 2)
    e = error(p, 1, q, y, "dL/dyhat[1]")
    k = p.line("yhat'[1]", q * (1 - q), 1, B13_tanh=1 - q * q, B14=q, B14_one=1 - q)
    ds = p.line("dL/ds[1]", e * k, 1, B1=e, G4=k)
    dh = p.line(
        "dL/dh[1]",
        V.T @ ds,
        1,
        X_transposed=V @ ds,
        R6=W.T @ ds,
        R11=np.diag(V) * ds,
        R5=ds,
        U6_V=(V - eta * np.outer(ds, h)).T @ ds,
    )
    k1 = p.line("h'[1]", h * (1 - h), 1, B13_tanh=1 - h * h, B14=h, B14_one=1 - h)
    da = p.line("dL/da[1]", dh * k1, 1, B1=dh)
    gV, gW = rounded(p.rounding, np.outer(ds, h)), rounded(p.rounding, np.outer(da, x))
    update_matrix(p, "V_new", V, eta, gV)
    update(p, "c", c, eta, ds)
    update_matrix(p, "W_new", W, eta, gW)
    update(p, "b", b, eta, da)


def letters(g: G, p: Pad) -> None:
    """Two steps of a character model; the notation of the bank writes W_xh, W_hh, W_hy, b_h,
    b_y."""
    W, U, V, b, c = g["W"], g["U"], g["V"], g["b"], g["c"]
    h, yhat = {0: g["h[0]"]}, {}  # type: ignore[var-annotated]
    for t in (1, 2):
        x, y = g[f"x[{t}]"], g[f"y[{t}]"]
        a = p.line(
            f"a[{t}]",
            W @ x + U @ h[t - 1] + b,
            t,
            F9=W @ x + U @ h[t - 1],
            F11=W @ x + U @ h[t - 1] - b,
            F12=W @ x + b,
            F16_U=W @ x + U.T @ h[t - 1] + b,
        )
        h[t] = squash(p, t, a, h[t - 1])
        s = p.line(f"s[{t}]", V @ h[t] + c, t, F9=V @ h[t], F11=V @ h[t] - c, G1=V @ h[t - 1] + c)
        yhat[t] = p.line(
            f"yhat[{t}]", softmax(s), t, P1=np.exp(s), P2=s / s.sum(), P3=sigmoid(s), F1=s
        )
        q = (y * np.log(yhat[t])).sum()
        p.line(f"L[{t}]", -q, t, L13=q, L12=-q / np.log(10))
    total(p, 2)
    da = {}
    for t in (2, 1):
        y, q = g[f"y[{t}]"], yhat[t]
        ds = p.line(f"dL/ds[{t}]", q - y, t, L7=y - q, L10=(q - y) * q * (1 - q))
        direct = V.T @ ds
        if t == 2:
            dh = p.line("dL/dh[2]", direct, 2)
        else:
            dh = p.line(
                "dL/dh[1]",
                direct + U.T @ da[2],
                1,
                R1=direct,
                R8=U.T @ da[2],
                X_transposed=direct + U @ da[2],
                R11=direct + np.diag(U) * da[2],
                R5=direct + da[2],
                R10=direct + 2 * U.T @ da[2],
            )
        k = slope(p, t, h[t], np.arctanh(np.clip(h[t], -0.9999, 0.9999)), h[t - 1], f"h'[{t}]")
        da[t] = p.line(
            f"dL/da[{t}]",
            dh * k,
            t,
            B1=dh,
            B12=dh * (1 - np.tanh(dh) ** 2),
            B9=dh * p.values.get("h'[2]", k),
        )
    ds_ = {t: p.values[f"dL/ds[{t}]"] for t in (1, 2)}
    parts = {"V": {t: np.outer(ds_[t], h[t]) for t in (1, 2)}, "c": ds_,
        "U": {t: np.outer(da[t], h[t - 1]) for t in (1, 2)},
             "W": {t: np.outer(da[t], g[f"x[{t}]"]) for t in (1, 2)}, "b": da}  # fmt: skip
    for theta, v in parts.items():
        q = {t: rounded(p.rounding, np.asarray(v[t])) for t in (1, 2)}
        p.line(f"dL/d{theta}", q[1] + q[2], None, R9=q[2], G12=q[1], L2=(q[1] + q[2]) / 2)


def adam(g: G, p: Pad) -> None:
    x, y, eta, b1, b2, eps = g["x[1]"], g["y[1]"], g["eta"], g["beta_1"], g["beta_2"], g["epsilon"]
    theta = {"W": g["W"], "b": g["b"]}
    m, v = {"W": g["m_W#0"], "b": g["m_b#0"]}, {"W": g["v_W#0"], "b": g["v_b#0"]}
    for k in (1, 2):
        q = p.line(
            f"yhat[1]#{k}",
            theta["W"] * x + theta["b"],
            k,
            F9=theta["W"] * x,
            F11=theta["W"] * x - theta["b"],
        )
        e = y - q
        p.line(f"L[1]#{k}", e * e / 2, k, L1=e * e, L11=e / 2)
        d = p.line(f"dL/dyhat[1]#{k}", q - y, k, L7=y - q, L5=2 * (q - y), L6=(q - y) / 2)
        for n in "Wb":
            grad = rounded(p.rounding, np.asarray(d * x)) if n == "W" else d
            m[n] = p.line(
                f"m_{n}#{k}",
                b1 * m[n] + (1 - b1) * grad,
                k,
                O5=b1 * m[n] + grad,
                O6=(1 - b1) * m[n] + b1 * grad,
                **({"O1": (1 - b1) * grad} if k > 1 else {}),
            )
            v[n] = p.line(
                f"v_{n}#{k}",
                b2 * v[n] + (1 - b2) * grad**2,
                k,
                O4=b2 * v[n] + (1 - b2) * grad,
                O5=b2 * v[n] + grad**2,
                O6=(1 - b2) * v[n] + b2 * grad**2,
                **({"O1": (1 - b2) * grad**2} if k > 1 else {}),
            )
            mh = p.line(
                f"mhat_{n}#{k}",
                m[n] / (1 - b1**k),
                k,
                O2=m[n],
                **({"O9": m[n] / (1 - b1)} if k > 1 else {}),
            )
            vh = p.line(
                f"vhat_{n}#{k}",
                v[n] / (1 - b2**k),
                k,
                O2=v[n],
                **({"O9": v[n] / (1 - b2)} if k > 1 else {}),
            )
            theta[n] = p.line(
                f"{n}_new#{k}",
                theta[n] - eta * mh / (np.sqrt(vh) + eps),
                k,
                U1=theta[n] + eta * mh / (np.sqrt(vh) + eps),
                O3=theta[n] - eta * mh / (vh + eps),
                U2=theta[n] - mh / (np.sqrt(vh) + eps),
                U4=-eta * mh / (np.sqrt(vh) + eps),
            )


def momentum(g: G, p: Pad) -> None:
    eta, mu, T = g["eta"], g["mu"], 3
    theta, m = {"W": g["W"], "b": g["b"]}, {"W": g["m_W#0"], "b": g["m_b#0"]}
    for k in (1, 2):
        d, L = {}, []
        for t in range(1, T + 1):
            x, y = g[f"x[{t}]"], g[f"y[{t}]"]
            q = p.line(
                f"yhat[{t}]#{k}",
                theta["W"] * x + theta["b"],
                k,
                F9=theta["W"] * x,
                F11=theta["W"] * x - theta["b"],
            )
            L.append(p.line(f"L[{t}]#{k}", (y - q) ** 2 / 2, k, L1=(y - q) ** 2, L11=(y - q) / 2))
            d[t] = rounded(p.rounding, np.asarray(-(y - q) / T))
        p.line(f"L#{k}", sum(L) / T, k, L2_sum=sum(L), L4=L[-1] / T)
        for n in "Wb":
            parts = [
                rounded(p.rounding, np.asarray(d[t] * g[f"x[{t}]"])) if n == "W" else d[t]
                for t in range(1, T + 1)
            ]
            s = sum(parts)
            grad = p.line(
                f"dL/d{n}#{k}",
                s,
                k,
                L7=-s,
                R9=parts[-1],
                G12=parts[0],
                R3=sum(parts[1:]),
                L2_sum=3 * s,
                L5=2 * s,
            )
            m[n] = p.line(f"m_{n}#{k}", mu * m[n] + grad, k, **({"O1": grad} if k > 1 else {}))
            theta[n] = p.line(
                f"{n}_new#{k}",
                theta[n] - eta * m[n],
                k,
                U1=theta[n] + eta * m[n],
                U2=theta[n] - m[n],
                U3=theta[n] - eta * m[n] / 10,
                U4=-eta * m[n],
                **({"O1": theta[n] - eta * grad} if k > 1 else {}),
            )


def one_step(g: G, p: Pad) -> None:
    U, V, h, a, after = g["U"], g["V"], g["h[2]"], g["a[2]"], g["dL/da[3]"]
    e = error(p, 2, g["yhat[2]"], g["y[2]"], "dL/dyhat[2]")
    n = U.T @ after
    dh = p.line(
        "dL/dh[2]",
        e * V + n,
        2,
        R1=e * V,
        R8=n,
        R5=e * V + after,
        X_transposed=e * V + U @ after,
        R11=e * V + np.diag(U) * after,
        R10=e * V + 2 * n,
    )
    s = slope(p, 2, h, a, g["h[1]"], "h'[2]")
    da = p.line("dL/da[2]", dh * s, 2, B1=dh, B12=dh * (1 - np.tanh(dh) ** 2))
    p.line("dL/dV@2", e * h, 2, G2=e * g["h[1]"], G4=h)
    p.line(
        "dL/dU@2",
        np.outer(da, g["h[1]"]),
        2,
        G1=np.outer(da, h),
        X_outer=np.outer(g["h[1]"], da),
        X_delta=np.outer(after, g["h[1]"]),
    )
    p.line(
        "dL/dW@2",
        np.outer(da, g["x[2]"]),
        2,
        X_outer=np.outer(g["x[2]"], da),
        X_delta=np.outer(after, g["x[2]"]),
    )


def by_argument() -> Bank:
    text = (folder("question_banks") / "bptt_scalar.yaml").read_text()
    return parse_bank(text.replace("slope: output ", "slope: argument "))


PROGRAMS: dict[str, tuple[Callable[[], Bank], Program]] = {
    "bptt_scalar": (lambda: shipped("bptt_scalar"), elman_total(False)),
    "bptt_scalar, slope by argument": (by_argument, elman_total(True)),
    "deltas": (lambda: shipped("deltas"), deltas),
    "bptt_vector": (lambda: shipped("bptt_vector"), vectors),
    "sentiment": (lambda: shipped("sentiment"), sentiment),
    "lstm_step": (lambda: shipped("lstm_step"), lstm),
    "gru_step": (lambda: shipped("gru_step"), gru),
    "one_neuron": (lambda: shipped("one_neuron"), neuron),
    "perceptron": (lambda: shipped("perceptron"), perceptron),
    "hello": (lambda: shipped("hello"), letters),
    "one_step": (lambda: shipped("one_step"), one_step),
    "adam_two_steps": (lambda: shipped("adam_two_steps"), adam),
    "momentum_epochs": (lambda: shipped("momentum_epochs"), momentum),
}


def written(bank: Bank, values: Mapping[str, Array]) -> dict[str, str]:
    """The sheet: every asked box of which the program has a number."""
    sheet = {}
    for box in bank.boxes:
        value = values.get(box.quantity)
        if value is not None and np.isfinite(value).all():
            number = float(np.asarray(value).reshape(-1)[box.entry])
            sheet[box.name] = text(number, bank.rounding)
    return sheet


def text(number: float, rounding: Rounding) -> str:
    places = rounding.digits
    if rounding.kind == "significant":
        places = max(
            0, rounding.digits - 1 - (int(np.floor(np.log10(abs(number)) + 1e-12)) if number else 0)
        )
    found = f"{number:.{places}f}"
    return found if found.strip("-0.") else found.removeprefix("-")


@dataclass
class Score:
    made: int = 0
    found: int = 0
    first: int = 0
    second: int = 0
    instead: Counter[str] = field(default_factory=Counter)
    example: str = ""


def students(
    bank: Bank, program: Program, count: int, generator: np.random.Generator
) -> list[tuple[str, dict[str, float], dict[str, str], int]]:
    """(mistake, lines with it, sheet, variant) of every mistake of the program, at every step
    and at each alone, for some variants."""
    givens, asked = arrays_of(bank, variants_of(bank, count)), set(bank.asked)
    found = []
    with np.errstate(all="ignore"):
        for n in range(count):
            numbers = {k: v[n] if v[n].shape else float(v[n]) for k, v in givens.items()}
            honest = Pad(bank.rounding)
            program(numbers, honest)
            for key, steps in honest.seen.items():
                for step in {None, *sorted(t for t in steps if t is not None)}:
                    pad = Pad(bank.rounding, key, step)
                    program(numbers, pad)
                    if asked & set(pad.struck):
                        found.append(
                            (
                                key,
                                {q: off for q, off in pad.struck.items() if q in asked},
                                written(bank, pad.values),
                                n,
                            )
                        )
    return found


def honest_sheets(bank: Bank, program: Program, count: int) -> list[dict[str, str]]:
    """The program without a mistake, to be sure that it is right."""
    givens = arrays_of(bank, variants_of(bank, count))
    sheets = []
    for n in range(count):
        pad = Pad(bank.rounding)
        with np.errstate(all="ignore"):
            program({k: v[n] if v[n].shape else float(v[n]) for k, v in givens.items()}, pad)
        sheets.append(written(bank, pad.values))
    return sheets


def named(
    bank: Bank, program: Program, count: int, seed: int = 0, most: int = 100_000
) -> dict[str, Score]:
    """How each mistake of a program fares."""
    givens = arrays_of(bank, variants_of(bank, count))
    generator = np.random.default_rng(seed)
    diagnosis = diagnosis_of(bank) if bank.source.endswith(".yaml") else Diagnosis(bank)
    right = mark(bank, givens, honest_sheets(bank, program, count), diagnosis)
    wrong = [
        (r.box, r.typed, r.low, r.high)
        for n in range(count)
        for r in right.results(n)
        if r.verdict not in ("correct", "blank")
    ]
    assert not wrong, f"the program itself is refused: {wrong[:3]}"
    made = students(bank, program, count, generator)
    if len(made) > most:
        made = [made[i] for i in generator.permutation(len(made))[:most]]
    rows = np.array([n for *_, n in made], dtype=np.int64)
    marked = mark(
        bank, {k: v[rows] for k, v in givens.items()}, [sheet for _, _, sheet, _ in made], diagnosis
    )
    scores: dict[str, Score] = {}
    order = list(bank.graph.quantities)
    for k, (key, struck, _, _) in enumerate(made):
        first = next((row for row in marked.results(k) if row.verdict not in RIGHT), None)
        if first is None and max(struck.values()) <= WITHIN:
            continue  # no more than what rounding may do: nobody could tell
        plain = [q for q in order if struck.get(q, 0) > WITHIN]
        root = (
            plain[0]
            if plain
            else (
                first.quantity
                if first and first.quantity in struck
                else min(struck, key=order.index)
            )
        )
        score = scores.setdefault(key, Score())
        score.made += 1
        if first is None or (
            first.quantity != root
            and not (first.quantity in struck and order.index(first.quantity) < order.index(root))
        ):
            score.instead[f"found at {first.quantity if first else 'no box'} for {root}"] += 1
            continue
        score.found += 1
        ids = [e.id for e in first.explanations]
        fitting = accepted(key)
        score.first += bool(set(ids[:1]) & set(fitting))
        score.second += bool(set(ids[:2]) & set(fitting))
        if not set(ids[:2]) & set(fitting):
            score.instead[f"{'/'.join(ids[:3]) or first.verdict} at {root}"] += 1
            score.example = score.example or f"{root} = {first.typed}"
    return scores


def shares_of(scores: list[Score]) -> str:
    made = sum(s.made for s in scores)
    parts = {"root found": "found", "named first": "first", "first two": "second"}
    shares = {says: sum(getattr(s, part) for s in scores) / made for says, part in parts.items()}
    return f"{made:5} sheets, " + ", ".join(
        f"{says} {share:6.1%}" for says, share in shares.items()
    )


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--bank", action="append", default=[])
    parser.add_argument("--students", type=int, default=6, help="variants for each mistake")
    parser.add_argument("--json", action="store_true")
    parser.add_argument(
        "--all",
        action="store_true",
        help="print all mistakes, not only those that are not always named",
    )
    chosen = parser.parse_args()
    whole = Score()
    table: dict[str, Any] = {}
    for name, (make, program) in PROGRAMS.items():
        if chosen.bank and name not in chosen.bank:
            continue
        scores = named(make(), program, chosen.students)
        counted = [s for key, s in scores.items() if key not in EXTRA]
        for part in ("made", "found", "first", "second"):
            setattr(whole, part, getattr(whole, part) + sum(getattr(s, part) for s in counted))
        table[name] = {
            key: [s.made, s.found, s.first, s.second, dict(s.instead)] for key, s in scores.items()
        }
        if chosen.json:
            continue
        print(f"{name}: {shares_of(counted)}", flush=True)
        for key, s in sorted(scores.items()):
            if chosen.all or s.second < s.made:
                says = "; ".join(f"{k} x{v}" for k, v in s.instead.most_common(3))
                print(f"    {key + ' (extra)' * (key in EXTRA):13} {shares_of([s])}   {says}")
    if chosen.json:
        print(json.dumps(table, indent=1))
    else:
        print(f"all: {shares_of([whole])}; goal {GOAL:.0%}")
    return int(whole.second < GOAL * whole.made)


if __name__ == "__main__":
    sys.exit(main())
