"""Makes fanova.oracle.json: trees of scikit-learn with their variance taken apart, and what a forest of them says.

    python3 -m venv /tmp/oracle && /tmp/oracle/bin/pip install scikit-learn optuna
    /tmp/oracle/bin/python test/oracles/fanova.py

The variance of a tree is summed over all cells of the grid that its thresholds make, in fractions. Optuna's fANOVA must
agree with the marginal variances, or nothing is written.
"""

import itertools
import json
import pathlib
from fractions import Fraction

import numpy
from optuna.importance._fanova._tree import _FanovaTree
from sklearn.ensemble import RandomForestRegressor

ROWS = 120
TREES = 32
LEAF_MIN = 3


def nodes_of(tree):
    """A tree as nested lists: [axis, threshold, low, high], or a number for a leaf."""

    def walk(node):
        if tree.children_left[node] < 0:
            return float(tree.value[node][0][0])
        low, high = walk(tree.children_left[node]), walk(tree.children_right[node])
        return [int(tree.feature[node]), float(tree.threshold[node]), low, high]

    return walk(0)


def predict(node, point):
    while isinstance(node, list):
        axis, at, low, high = node
        node = low if point[axis] <= at else high
    return Fraction(node)


def thresholds(node, axis):
    if not isinstance(node, list):
        return set()
    own = {node[1]} if node[0] == axis else set()
    return own | thresholds(node[2], axis) | thresholds(node[3], axis)


def taken_apart(node, d):
    """V, every V_j and every V_jk by the definitions."""
    edges = [[0.0, *sorted(thresholds(node, axis)), 1.0] for axis in range(d)]
    shares = [[Fraction(b) - Fraction(a) for a, b in itertools.pairwise(e)] for e in edges]
    # A cell's upper edge belongs to it.
    grid = list(itertools.product(*[range(len(s)) for s in shares]))
    f = {cell: predict(node, [edges[a][c + 1] for a, c in enumerate(cell)]) for cell in grid}

    def share(cell, axes):
        product = Fraction(1)
        for axis in axes:
            product *= shares[axis][cell[axis]]
        return product

    everything = range(d)
    mean = sum(f[cell] * share(cell, everything) for cell in grid)

    def variance(axes):
        others = [axis for axis in everything if axis not in axes]
        marginals = {}
        for cell in grid:
            key = tuple(cell[axis] for axis in axes)
            marginals[key] = marginals.get(key, 0) + f[cell] * share(cell, others)
        total = Fraction(0)
        for key, value in marginals.items():
            weight = Fraction(1)
            for axis, c in zip(axes, key, strict=True):
                weight *= shares[axis][c]
            total += weight * (value - mean) ** 2
        return total

    single = [variance([axis]) for axis in everything]
    pairs = {
        (j, k): variance([j, k]) - single[j] - single[k]
        for j, k in itertools.combinations(everything, 2)
    }
    return variance(list(everything)), single, pairs


def objective(x):
    return 3 * x[:, 0] + x[:, 1] ** 2 + 2 * x[:, 0] * x[:, 2]


random = numpy.random.RandomState(7)
x = numpy.round(random.uniform(size=(ROWS, 3)), 3)
y = objective(x)

small = RandomForestRegressor(n_estimators=3, max_leaf_nodes=9, random_state=1).fit(x, y)
trees = []
for estimator in small.estimators_:
    tree = estimator.tree_
    root = nodes_of(tree)
    total, single, pairs = taken_apart(root, 3)
    other = _FanovaTree(tree, numpy.array([[0.0, 1.0]] * 3))
    assert abs(other.variance - total) < 1e-9, (other.variance, float(total))
    for axis, value in enumerate(single):
        found = other.get_marginal_variance(numpy.array([axis]))
        assert abs(found - value) < 1e-9, (axis, found, float(value))
    for (j, k), value in pairs.items():
        found = other.get_marginal_variance(numpy.array([j, k])) - float(single[j] + single[k])
        assert abs(found - value) < 1e-9, (j, k, found, float(value))
    trees.append(
        {
            # Of each node, the root first: for a leaf low and high are -1.
            "axis": tree.feature.tolist(),
            "at": tree.threshold.tolist(),
            "low": tree.children_left.tolist(),
            "high": tree.children_right.tolist(),
            "value": tree.value[:, 0, 0].tolist(),
            "total": float(total),
            "single": [float(v) for v in single],
            "pairs": [{"axes": list(axes), "variance": float(v)} for axes, v in pairs.items()],
        }
    )

forest = RandomForestRegressor(n_estimators=TREES, min_samples_leaf=LEAF_MIN, random_state=1)
forest.fit(x, y)
parts = []
for estimator in forest.estimators_:
    other = _FanovaTree(estimator.tree_, numpy.array([[0.0, 1.0]] * 3))
    single = [other.get_marginal_variance(numpy.array([axis])) for axis in range(3)]
    parts.append([float(v / other.variance) for v in single])

out = {
    "trees": trees,
    "forest": {
        "x": x.tolist(),
        "y": y.tolist(),
        "shares": numpy.mean(parts, axis=0).tolist(),
    },
}
path = pathlib.Path(__file__).with_name("fanova.oracle.json")
path.write_text(json.dumps(out, indent=1) + "\n")
