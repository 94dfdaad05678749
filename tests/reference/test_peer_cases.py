"""Numbers out of other projects' own tests of Adam, replayed against the reference.

`peer_cases.json` has the source of each case (repository, path, test, commit), the convention that
it states, its inputs and its expected numbers. Literal numbers are compared with the tolerance of
their test. Where a test computes its expectation, the numbers are an evaluation of its formula in
float64 and must agree to 1 in 10^9.
"""

import json
from pathlib import Path

import autograd.numpy as np
import pytest
from autograd import grad

from adamref import Adam, AdamConfig, Convention

CASES = json.loads((Path(__file__).parent / "peer_cases.json").read_text())


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def mlp(p, data):
    hidden = sigmoid(np.array(data["X"]) @ p["0.weight"].reshape(3, 2).T + p["0.bias"])
    return np.sum(sigmoid(hidden @ p["2.weight"].reshape(1, 3).T + p["2.bias"]))


def tiny_net(p, data):
    hidden = np.maximum(p["x"] @ p["W"].reshape(4, 4), 0)
    mask = np.array(data["m"])
    return np.sum(mask * (hidden - np.log(np.sum(np.exp(hidden)))) + mask)


LOSSES = {
    "affine_diag": lambda p, d: sum(
        np.sum((np.array(d["a"][k]) * p[k] / 2 + d["b"].get(k, 0)) * p[k]) for k in d["a"]
    ),
    "mlp_2_3_1_sigmoid_sum": mlp,
    "tinygrad_tinynet": tiny_net,
    "tinygrad_teenynet": lambda p, d: np.sum(p["x"] * p["W"].reshape(4, 4)),
    "sin": lambda p, d: np.sum(np.sin(p["x"])),
    "exp_x_over_10": lambda p, d: np.sum(np.exp(p["x"] / 10)),
    "square": lambda p, d: np.sum(p["x"] ** 2),
    "sin0_plus_cos1": lambda p, d: np.sin(p["x"][0]) + np.cos(p["x"][1]),
    "exp0_over_3_times_tanh1": lambda p, d: np.exp(p["x"][0] / 3) * np.tanh(p["x"][1]),
    "sum_of_squares": lambda p, d: np.sum(p["x"] ** 2),
}


def gradients(case, params, step):
    """The gradients of one step: given, one for each step, or of a loss."""
    given = case["gradients"]
    if given["kind"] == "constant":
        return {name: np.array(g) for name, g in given["values"].items()}
    if given["kind"] == "per_step":
        return {name: np.array(steps[step]) for name, steps in given["values"].items()}
    data = given.get("data", {})
    loss = LOSSES[data["f"] if "f" in data else given["rule_id"]]
    every = loss_gradient(loss, params, data)
    grads = {name: every[name] for name in params if name in data.get("a", params)}
    # Parameters that the loss does not have get no gradient.
    return {name: grads.get(name) for name in params}


def loss_gradient(loss, params, data):
    return grad(lambda p: loss(p, data))(params)


def adam(case, params):
    """The reference under the convention that the case states."""
    c = case["config"]
    bias = "both" if c.get("bias_correction", True) else "none"
    convention = Convention(
        epsilon={"before_bias_correction": "hat", "after_bias_correction": "outside"}[
            c["eps_placement"]
        ],
        bias_correction=bias,
        amsgrad={"corrected_v": "max_corrected"}.get(c.get("amsgrad_max_of"), "max_raw"),
        amsgrad_bias_correction=bias,
        weight_decay="l2" if c.get("decay_kind") == "l2_in_gradient" else "decoupled",
        decay_scale="one" if c.get("decay_kind") == "decoupled_wd_only" else "lr",
        maximize="before_l2",
        clip="cumulative",
    )
    config = AdamConfig(
        learning_rate=c["lr"],
        beta1=c.get("beta1", 0.9),
        beta2=c.get("beta2", 0.999),
        epsilon=c.get("eps", 1e-8),
        weight_decay=c.get("weight_decay", 0.0),
        amsgrad=c.get("amsgrad", False),
        maximize=c.get("maximize", False),
        clipvalue=c.get("clip", {}).get("limit"),
    )
    reference = Adam(list(params.values()), config, convention)
    if "initial_slots" in case:
        slots = {
            slot: [np.array(arrays[name]) for name in params]
            for slot, arrays in case["initial_slots"].items()
        }
        reference.load(list(params.values()), slots, [c.get("t0", 0) for _ in params])
    return reference


def replay(case):
    """Yield every expected array with the array that the reference has in its place."""
    params = {name: np.array(values, float) for name, values in case["initial"].items()}
    reference = adam(case, params)
    expected = {entry["after_step"]: entry for entry in case["expected"]}
    decay = case["config"].get("lr_schedule", {}).get("decay", 0.0)
    for step in range(case["steps"]):
        grads = gradients(case, params, step)
        moved = reference.step(
            [grads[name] for name in params], case["config"]["lr"] / (1 + decay * step)
        )
        params = dict(zip(params, moved, strict=True))
        slots = {
            slot: dict(zip(params, arrays, strict=True))
            for slot, arrays in reference.slots().items()
        }
        for of, arrays in (expected.get(step + 1) or {}).items():
            if of != "after_step":
                held = params if of == "params" else slots[of]
                yield from ((of, held[name], np.array(values)) for name, values in arrays.items())


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_the_reference_has_the_numbers_of_the_peer(case):
    literal = case["expected_by"].startswith("literal")
    rtol, atol = case["tolerance"].values() if literal else (1e-9, 1e-12)
    compared = 0
    for of, got, want in replay(case):
        assert np.allclose(got, want, rtol=rtol, atol=atol), (of, got, want)
        compared += want.size
    assert compared


def test_every_case_says_where_it_comes_from():
    assert all(case["source"]["repo"] and case["source"]["path"] for case in CASES)
    assert len(CASES) >= 45
