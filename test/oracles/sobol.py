"""Makes sobol.oracle.json: the plain Sobol sequence as SciPy yields it.

    python3 -m venv /tmp/oracle && /tmp/oracle/bin/pip install scipy
    /tmp/oracle/bin/python test/oracles/sobol.py

directions[d][k] is the 32-bit direction number of bit k. leading[d] holds the leading eight bits of the first 256 points'
coordinate d, two hexadecimal digits each: the other bits of those points are zero.

With --table it writes lib/numerics/joe-kuo.ts instead, from the table that SciPy carries: the set new-joe-kuo-6.21201.
"""

import importlib.resources
import json
import pathlib
import sys

import numpy as np
from scipy.stats import qmc

DIMENSIONS = 128
POINTS = 256
BITS = 32
FOLDER = pathlib.Path(__file__).parent

HEADER = '''/**
 * The direction numbers of Sobol points: for each dimension after the first its primitive
 * polynomial, as bits, and then the initial numbers m_1, m_2, …, as many as its degree.
 * test/oracles/sobol.py writes this file.
 *
 * Source: S. Joe, F. Kuo, "Constructing Sobol sequences with better two-dimensional projections",
 * SIAM J. Sci. Comput. 30 (2008), the set new-joe-kuo-6.
 *
 * The numbers come under this licence:
 *
 * Copyright (c) 2008, Frances Y. Kuo and Stephen Joe
 * All rights reserved.
 *
 * Redistribution and use in source and binary forms, with or without modification, are permitted
 * provided that the following conditions are met:
 *
 * - Redistributions of source code must retain the above copyright notice, this list of conditions
 *   and the following disclaimer.
 * - Redistributions in binary form must reproduce the above copyright notice, this list of
 *   conditions and the following disclaimer in the documentation and/or other materials provided
 *   with the distribution.
 * - Neither the names of the copyright holders nor the names of the University of New South Wales
 *   and the University of Waikato and its contributors may be used to endorse or promote products
 *   derived from this software without specific prior written permission.
 *
 * THIS SOFTWARE IS PROVIDED BY THE COPYRIGHT HOLDERS "AS IS" AND ANY EXPRESS OR IMPLIED WARRANTIES,
 * INCLUDING, BUT NOT LIMITED TO, THE IMPLIED WARRANTIES OF MERCHANTABILITY AND FITNESS FOR A
 * PARTICULAR PURPOSE ARE DISCLAIMED. IN NO EVENT SHALL THE COPYRIGHT HOLDERS BE LIABLE FOR ANY
 * DIRECT, INDIRECT, INCIDENTAL, SPECIAL, EXEMPLARY, OR CONSEQUENTIAL DAMAGES (INCLUDING, BUT NOT
 * LIMITED TO, PROCUREMENT OF SUBSTITUTE GOODS OR SERVICES; LOSS OF USE, DATA, OR PROFITS; OR
 * BUSINESS INTERRUPTION) HOWEVER CAUSED AND ON ANY THEORY OF LIABILITY, WHETHER IN CONTRACT, STRICT
 * LIABILITY, OR TORT (INCLUDING NEGLIGENCE OR OTHERWISE) ARISING IN ANY WAY OUT OF THE USE OF THIS
 * SOFTWARE, EVEN IF ADVISED OF THE POSSIBILITY OF SUCH DAMAGE.
 *
 * @license BSD-3-Clause
 */
'''


def table():
    with importlib.resources.files("scipy.stats").joinpath("_sobol_direction_numbers.npz").open("rb") as file:
        data = np.load(file)
        polynomials, initial = data["poly"], data["vinit"]
    rows = []
    for dimension in range(1, DIMENSIONS):
        polynomial = int(polynomials[dimension])
        degree = polynomial.bit_length() - 1
        rows.append(" ".join(str(int(n)) for n in [polynomial, *initial[dimension][:degree]]))
    lines = "\n".join(rows)
    (FOLDER.parents[1] / "lib/numerics/joe-kuo.ts").write_text(f"{HEADER}export const JOE_KUO = `\n{lines}\n`;\n")


def main():
    sequence = qmc.Sobol(DIMENSIONS, scramble=False, bits=BITS)
    directions = [[int(v) for v in row] for row in sequence._sv]
    points = sequence.random(POINTS)
    leading = [bytes(int(x * 256) for x in column).hex() for column in points.T]
    assert all(x * 256 == int(x * 256) for x in points.flat)
    path = FOLDER / "sobol.oracle.json"
    path.write_text(json.dumps({"directions": directions, "leading": leading}, separators=(",", ":")).replace("],[", "],\n[") + "\n")
    print(f"{path.name}: {DIMENSIONS} dimensions")


table() if "--table" in sys.argv else main()
