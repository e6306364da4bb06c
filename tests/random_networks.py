"""Random networks as text of banks, and what they give by PyTorch: an evaluator of the text that
shares nothing with ours."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from random import Random

SHAPES = {
    "x": ["input"],
    "h": ["hidden"],
    "y": [],
    "W": ["hidden", "input"],
    "U": ["hidden", "hidden"],
    "b": ["hidden"],
    "J": ["hidden", "hidden+input"],
    "r": ["hidden"],
    "c": [],
    "k": [],
    "lam": [],
    "α": [],
}
PARAMETERS = ("r", "c", "U", "W", "J", "b", "k", "α")
CONSTANTS = {
    "eta": "0.05",
    "mu": "0.9",
    "rho": "0.9",
    "beta_1": "0.9",
    "beta_2": "0.99",
    "epsilon": "0.00000001",
    "theta": "0.3",
}
OPTIMISERS = {
    "gradient_descent": ("eta",),
    "momentum": ("eta", "mu"),
    "nesterov": ("eta", "mu"),
    "adagrad": ("eta", "epsilon"),
    "rmsprop": ("eta", "rho", "epsilon"),
    "adam": ("eta", "beta_1", "beta_2", "epsilon"),
    "clip_norm": ("eta", "theta"),
    "clip_value": ("eta", "theta"),
}
OUTER = (
    "tanh({})",
    "sigmoid({})",
    "sin({})",
    "cos({})",
    "relu({})",
    "exp(-{})",
    "sqrt(1 + ({})**2)",
    "{}",
    "{}",
    "log(2 + sin({}))",
)
TERMS = (
    "W @ x[t]",
    "U @ h[t-1]",
    "b",
    "U.T @ h[t-1]",
    "(U**2) @ h[t-1]",
    "k * h[t-1]",
    "J @ concat(h[t-1], x[t])",
    "b * h[t-1]",
    "h[t-1] / (2 + b**2)",
    "(b @ h[t-1]) * r",
    "like(α, b)",
    "k / (2 + h[t-1]**2)",
    "outer(b, r) @ h[t-1]",
    "W @ x[t] * r",
)
BENT = (
    "clip({}, 0.7)",
    "minimum({}, b)",
    "maximum({}, 0.1)",
    "minimum({}, k)",
    "maximum(r, {})",
    "clip({}, α**2)",
)
STEP_LOSSES = (
    "0.5*(y[t] - yhat[t])**2",
    "log(exp(y[t] - yhat[t]) + exp(yhat[t] - y[t]))",
    "k*(y[t] - yhat[t])**2",
    "0.5*(y[t] - yhat[t])**2 + lam*sum(b**2)",
    "sin(yhat[t]) * y[t]",
    "(y[t] - yhat[t])**2 * α**2",
    "mean((like(y[t], h[t]) - h[t])**2)",
    "yhat[t] * r @ h[t]",
)
LOSSES = (
    "sum_t(L[t])",
    "mean_t(L[t]) + lam*(k**2 + sum(b**2))",
    "k * sum_t(L[t])",
    "sum_t(L[t]) * exp(α)",
    "L[1] * L[{T}] + k",
    "E + R**2\nE = sum_t(L[t])\nR = k * mean(b) + α",
    "sqrt(1 + sum_t(L[t])**2)",
    "last_t(L[t]) + sum(h[{T}]**2)",
    "sum(h[{T}] * b) + k * k",
    "mean_t(L[t]) + 0.5*sum(W**2)",
    "yhat[{T}] * α",
    "L[{T}] / (2 + k**2)",
    "sum_t(α * L[t]) - sum(U @ h[{T}])",
    "0.5 * k**2 + sum_t(tanh(L[t]))",
    "minimum(sum_t(L[t]), 3 + k)",
)


@dataclass(frozen=True)
class Network:
    """A bank's text, and what the independent evaluator needs of it."""

    text: str
    equations: str
    optimiser: str
    steps: int
    window: int | None
    updates: int


def network(seed: int) -> Network:
    """A random network with loss, regulariser, optimiser, window and shapes, as a bank."""
    draw = Random(seed)
    style = draw.choice(("total", "delta"))
    hidden, inputs = (1, 1) if style == "total" else (draw.randint(1, 3), draw.randint(1, 2))
    steps, updates = draw.randint(1, 4), draw.choice((1, 1, 1, 2))
    window = draw.choice((None, None, None, 2))
    equations = _equations(draw, steps)
    optimiser = draw.choice(tuple(OPTIMISERS))
    used = set(re.findall(r"[A-Za-zα]\w*", equations.replace("L[t]", "")))
    parameters = [p for p in PARAMETERS if p in used and draw.random() < 0.9]
    states = ["h"] if "h[t-1]" in equations else []
    learned, asked = (states if draw.random() < 0.3 else []), []
    if draw.random() < 0.3:
        asked = ["x"] if "x[t]" in equations else []
    asked += [s for s in states if s not in learned and draw.random() < 0.3]
    shapes = ", ".join(f"{name}: [{', '.join(dims)}]" for name, dims in SHAPES.items())
    names = [
        each
        for name in SHAPES
        if name in used
        for each in ([f"{name}[{t}]" for t in range(1, steps + 1)] if name in "xy" else [name])
    ]
    givens = {
        name: _numbers(draw, SHAPES[name.partition("[")[0]], hidden, inputs) for name in names
    }
    givens |= {name: CONSTANTS[name] for name in OPTIMISERS[optimiser]}
    body = "\n".join(f"    {line}" for line in equations.splitlines())
    text = (
        f"title: t\nid: t\nstyle: {style}\nsteps: {steps}\nask: [all]\nrounding: {{decimals:"
        f" 9}}\nmodel:\n  equations: |\n{body}\n  parameters: [{', '.join(parameters + learned)}]\n"
        f"  gradients: [{', '.join(asked)}]\n  shapes: {{{shapes}}}\n  sizes: {{hidden: {hidden},"
        f" input: {inputs}}}\n  optimiser: {optimiser}\n  updates: {updates}\n"
        + (f"  window: {window}\n" if window else "")
        + "givens:\n"
        + "".join(f"  {k}: {v}\n" for k, v in givens.items())
    )
    return Network(text, equations, optimiser, steps, window, updates)


def _equations(draw: Random, steps: int) -> str:
    """One to three equations of a state, a prediction, the loss of a step, the loss."""
    lines, known = [], []
    for name in ("a", "g")[: draw.randint(0, 2)]:
        lines.append(f"{name}[t] = {_vector(draw, known)}")
        known.append(f"{name}[t]")
    lines.append(f"h[t] = {_vector(draw, known)}")
    lines.append(
        draw.choice(
            ("yhat[t] = r @ h[t] + c", "yhat[t] = sum(h[t])", "yhat[t] = tanh(r @ h[t]) * k")
        )
    )
    lines.append(f"L[t] = {draw.choice(STEP_LOSSES)}")
    lines += f"L = {draw.choice(LOSSES).format(T=steps)}".split("\n")
    return "\n".join(lines)


def _vector(draw: Random, known: list[str]) -> str:
    """An expression in the shape of the state."""
    terms = draw.sample(TERMS, draw.randint(1, 3)) + [name for name in known if draw.random() < 0.7]
    text = " + ".join(terms)
    if draw.random() < 0.2:
        text = draw.choice(BENT).format(text)
    if draw.random() < 0.2 and known:
        return f"{draw.choice(OUTER).format(text)} * {draw.choice(known)}"
    return draw.choice(OUTER).format(f"({text})" if draw.random() < 0.5 else text)


def _numbers(draw: Random, dims: list[str], hidden: int, inputs: int) -> str:
    sizes = {"hidden": hidden, "input": inputs, "hidden+input": hidden + inputs}

    def numbers(shape: list[int]) -> str:
        if not shape:
            return f"{draw.choice((-1, 1)) * draw.randint(11, 97) / 100}"
        return "[" + ", ".join(numbers(shape[1:]) for _ in range(shape[0])) + "]"

    return numbers([sizes[d] for d in dims if sizes[d] > 1])


class Evaluator:
    """The equations over tensors, from the text alone; reads of an earlier chunk carry no
    gradient."""

    def __init__(self, torch, equations: str, steps: int, window: int | None, givens: dict) -> None:
        self.torch, self.steps, self.window, self.values = torch, steps, window, dict(givens)
        self.rows = {}
        for line in equations.splitlines():
            left, right = line.split("=", 1)
            self.rows[left.strip()] = ast.parse(right.strip(), mode="eval").body

    def value(self, name: str, at: int | None = None, t: int | None = None):
        key = name if at is None else f"{name}[{at}]"
        if key in self.values and not (
            at is not None and f"{name}[t]" in self.rows and 1 <= at <= self.steps
        ):
            return self.values[key]
        if key not in self.values:
            if at is None and name not in self.rows:
                return self.torch.tensor(0.0, dtype=self.torch.float64)  # read for its shape only
            row = self.rows[name] if at is None else self.rows[f"{name}[t]"]
            found = self.read(row, at) * 1  # a tensor of its own
            if found.requires_grad:
                found.retain_grad()
            self.values[key] = found
        found = self.values[key]
        far = self.window and t and at and (t - 1) // self.window != (at - 1) // self.window
        return found.detach() if far else found

    def read(self, node, t):
        torch = self.torch
        match node:
            case ast.Constant(value=number):
                return torch.tensor(float(number), dtype=torch.float64)
            case ast.Name(id=name):
                return self.value("alpha" if name == "α" else name)
            case ast.Subscript(value=ast.Name(id=name), slice=index):
                at = eval(ast.unparse(index), {"t": t})
                return self.value(name, at, t)
            case ast.UnaryOp(operand=inner):
                return -self.read(inner, t)
            case ast.Attribute(value=inner):
                found = self.read(inner, t)
                return found.T if found.ndim == 2 else found
            case ast.BinOp(left=left, op=op, right=right):
                return self.binary(op, self.read(left, t), self.read(right, t))
            case ast.Call(func=ast.Name(id=name), args=args):
                return self.call(name, args, t)
        raise AssertionError(ast.dump(node))

    def binary(self, op, a, b):
        match op:
            case ast.Add():
                return a + b
            case ast.Sub():
                return a - b
            case ast.Mult():
                return a * b
            case ast.Div():
                return a / b
            case ast.Pow():
                return a**b
        return a * b if 0 in (a.ndim, b.ndim) else a @ b

    def call(self, name, args, t):
        torch = self.torch
        if name == "last_t":
            return self.read(args[0], self.steps)
        if name in ("sum_t", "mean_t"):
            total = sum(self.read(args[0], s) for s in range(1, self.steps + 1))
            return total / (self.steps if name == "mean_t" else 1)
        found = [self.read(arg, t) for arg in args]
        rules = {
            "sum": lambda v: v.sum(),
            "mean": lambda v: v.mean(),
            "like": lambda s, v: s * torch.ones_like(v),
            "outer": lambda a, b: a * b if 0 in (a.ndim, b.ndim) else torch.outer(a, b),
            "concat": lambda a, b: torch.cat([torch.atleast_1d(a), torch.atleast_1d(b)]),
            "clip": lambda v, limit: torch.maximum(
                torch.minimum(v, limit * torch.ones_like(v)), -limit * torch.ones_like(v)
            ),
            "minimum": lambda a, b: torch.minimum(*torch.broadcast_tensors(a, b)),
            "maximum": lambda a, b: torch.maximum(*torch.broadcast_tensors(a, b)),
        }
        return (rules.get(name) or getattr(torch, name))(*found)
