// Trains a network with one hidden layer on the handwritten digits by mini-batch gradient descent.
// The same flags print the same lines, to the last digit, on the same version of Node.
//
//   node examples/digits/train.mjs --lr 0.05 --momentum 0.9 --hidden 128 --epochs 18
//
// Every epoch prints one line that the agent forwards: the loss and accuracy on the validation set.
// The held-out set is looked at once, at the end, and no search should go by it.
// On SIGTERM the training ends after the epoch it is in (a fraction of a second) with the same last
// lines, but with the exit code 143 of a process that was told to stop.
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { gunzipSync } from 'node:zlib';

const PIXELS = 64;
const CLASSES = 10;
const SPLIT_SEED = 20;
const TRAINING = 1000;
const VALIDATION = 397; // the 400 that are left are held out

const FLAGS = {
  lr: { type: 'string', default: '0.05' },
  momentum: { type: 'string', default: '0.9' },
  hidden: { type: 'string', default: '64' },
  l2: { type: 'string', default: '0.0001' },
  'batch-size': { type: 'string', default: '32' },
  epochs: { type: 'string', default: '18' },
  activation: { type: 'string', default: 'relu' },
  seed: { type: 'string', default: '0' },
  'checkpoint-dir': { type: 'string' },
};

/** Each activation, and its slope as a function of its own output. */
const ACTIVATIONS = {
  relu: { output: (z) => (z > 0 ? z : 0), slope: (a) => (a > 0 ? 1 : 0) },
  tanh: { output: Math.tanh, slope: (a) => 1 - a * a },
  sigmoid: { output: (z) => 1 / (1 + Math.exp(-z)), slope: (a) => a * (1 - a) },
};

/** Random numbers in [0, 1) that depend on the seeds alone (the generator is mulberry32). */
function generator(...seeds) {
  let state = seeds.reduce((mixed, seed) => Math.imul(mixed ^ seed, 0x9e3779b1) + 1, 0);
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

function shuffle(items, random) {
  for (let i = items.length - 1; i > 0; i -= 1) {
    const j = Math.floor(random() * (i + 1));
    [items[i], items[j]] = [items[j], items[i]];
  }
  return items;
}

/** The three sets, the same in every run: lists of { pixels (64 numbers from 0 to 1), label }. */
function readDigits() {
  const file = readFileSync(new URL('digits.csv.gz', import.meta.url));
  const digits = gunzipSync(file)
    .toString()
    .trim()
    .split('\n')
    .map((line) => line.split(',').map(Number))
    .map((row) => ({ pixels: row.slice(0, PIXELS).map((p) => p / 16), label: row[PIXELS] }));
  shuffle(digits, generator(SPLIT_SEED));
  return {
    training: digits.slice(0, TRAINING),
    validation: digits.slice(TRAINING, TRAINING + VALIDATION),
    heldOut: digits.slice(TRAINING + VALIDATION),
  };
}

/**
 * A network with one hidden layer. All its weights lie in one array of `size` numbers, which the
 * caller owns: [hidden × 64 | hidden | 10 × hidden | 10], weights and biases of either layer.
 */
function createNetwork(hidden, activation) {
  const hiddenBias = hidden * PIXELS;
  const output = hiddenBias + hidden;
  const outputBias = output + CLASSES * hidden;
  const size = outputBias + CLASSES;
  const units = new Float64Array(hidden);
  const errors = new Float64Array(hidden);
  const probabilities = new Float64Array(CLASSES);

  /** Random weights of the size that Glorot and Bengio (2010) recommend; biases start at 0. */
  function initialWeights(random) {
    const weights = new Float64Array(size);
    const fill = (start, end, bound) => {
      for (let i = start; i < end; i += 1) weights[i] = bound * (2 * random() - 1);
    };
    fill(0, hiddenBias, Math.sqrt(6 / (PIXELS + hidden)));
    fill(output, outputBias, Math.sqrt(6 / (hidden + CLASSES)));
    return weights;
  }

  /** Returns the cross-entropy and the guess for one digit; keeps what `addGradient` needs. */
  function classify(weights, { pixels, label }) {
    for (let j = 0; j < hidden; j += 1) {
      let z = weights[hiddenBias + j];
      for (let i = 0, w = j * PIXELS; i < PIXELS; i += 1, w += 1) z += weights[w] * pixels[i];
      units[j] = activation.output(z);
    }
    let highest = Number.NEGATIVE_INFINITY;
    let guess = -1; // stays -1, a wrong guess, once the weights have diverged to NaN
    for (let k = 0; k < CLASSES; k += 1) {
      let z = weights[outputBias + k];
      for (let j = 0, w = output + k * hidden; j < hidden; j += 1, w += 1) {
        z += weights[w] * units[j];
      }
      probabilities[k] = z;
      if (z > highest) {
        highest = z;
        guess = k;
      }
    }
    const ofLabel = probabilities[label] - highest;
    let sum = 0;
    for (let k = 0; k < CLASSES; k += 1) {
      probabilities[k] = Math.exp(probabilities[k] - highest);
      sum += probabilities[k];
    }
    for (let k = 0; k < CLASSES; k += 1) probabilities[k] /= sum;
    return { loss: Math.log(sum) - ofLabel, guess };
  }

  /** Adds one digit's gradient of the loss to `gradient` (back-propagation). */
  function addGradient(weights, digit, gradient) {
    classify(weights, digit);
    errors.fill(0);
    for (let k = 0; k < CLASSES; k += 1) {
      const error = probabilities[k] - (k === digit.label ? 1 : 0);
      gradient[outputBias + k] += error;
      for (let j = 0, w = output + k * hidden; j < hidden; j += 1, w += 1) {
        gradient[w] += error * units[j];
        errors[j] += error * weights[w];
      }
    }
    for (let j = 0; j < hidden; j += 1) {
      const error = errors[j] * activation.slope(units[j]);
      gradient[hiddenBias + j] += error;
      for (let i = 0, w = j * PIXELS; i < PIXELS; i += 1, w += 1) {
        gradient[w] += error * digit.pixels[i];
      }
    }
  }

  return { size, initialWeights, classify, addGradient };
}

/** One pass over the training set in a random order: changes weights and velocity in place. */
function trainEpoch(network, state, { training, random, lr, momentum, l2, batchSize }) {
  const { weights, velocity } = state;
  const gradient = new Float64Array(network.size);
  const order = shuffle([...training], random);
  for (let start = 0; start < order.length; start += batchSize) {
    const batch = order.slice(start, start + batchSize);
    gradient.fill(0);
    for (const digit of batch) network.addGradient(weights, digit, gradient);
    for (let w = 0; w < weights.length; w += 1) {
      velocity[w] = momentum * velocity[w] - lr * (gradient[w] / batch.length + l2 * weights[w]);
      weights[w] += velocity[w];
    }
  }
}

/** Mean cross-entropy and share of right guesses. */
function evaluate(network, weights, digits) {
  let loss = 0;
  let right = 0;
  for (const digit of digits) {
    const outcome = network.classify(weights, digit);
    loss += outcome.loss / digits.length;
    right += outcome.guess === digit.label ? 1 : 0;
  }
  return { loss, accuracy: right / digits.length };
}

/** Prints a line for the agent, numbers with six digits; NaN and Infinity, unknown to JSON, as strings. */
function report(values) {
  const wire = (_key, value) => {
    if (typeof value !== 'number') return value;
    return Number.isFinite(value) ? Number(value.toPrecision(6)) : String(value);
  };
  process.stdout.write(`rungwise ${JSON.stringify(values, wire)}\n`);
}

/** Goes on from a checkpoint's weights, or begins at epoch 0 with random ones. */
function initialState(network, path, seed) {
  if (!path) {
    const weights = network.initialWeights(generator(seed));
    return { epoch: 0, weights, velocity: new Float64Array(network.size) };
  }
  const saved = JSON.parse(readFileSync(path, 'utf8'));
  if (saved.weights.length !== network.size) throw new Error(`${path}: another size of network`);
  return {
    epoch: saved.epoch,
    weights: Float64Array.from(saved.weights),
    velocity: Float64Array.from(saved.velocity),
  };
}

/** Writes the state beside its final name first, so that no reader meets half a file. */
function saveCheckpoint(folder, { epoch, weights, velocity }) {
  const { RUNGWISE_GROUP: group = 'local', RUNGWISE_EXPERIMENT: number = '0' } = process.env;
  const path = join(folder, `${group}-${number}.json`);
  mkdirSync(folder, { recursive: true });
  writeFileSync(
    `${path}.part`,
    JSON.stringify({ epoch, weights: [...weights], velocity: [...velocity] }),
  );
  renameSync(`${path}.part`, path);
  return path;
}

/** The flags as numbers, each checked: a search should hear of a wrong one, not train with NaN. */
function readFlags() {
  const { values: flags } = parseArgs({ options: FLAGS });
  const number = (name, { least = 0, whole = false } = {}) => {
    const value = Number(flags[name]);
    if (!(value >= least) || (whole && !Number.isInteger(value))) {
      throw new Error(`--${name} ${flags[name]}: not a ${whole ? 'whole ' : ''}number >= ${least}`);
    }
    return value;
  };
  const activation = ACTIVATIONS[flags.activation];
  if (!activation) {
    throw new Error(`--activation ${flags.activation}: not one of ${Object.keys(ACTIVATIONS)}`);
  }
  return {
    lr: number('lr'),
    momentum: number('momentum'),
    hidden: number('hidden', { least: 1, whole: true }),
    l2: number('l2'),
    batchSize: number('batch-size', { least: 1, whole: true }),
    epochs: number('epochs', { least: 1, whole: true }),
    seed: number('seed', { whole: true }),
    activation,
    checkpointFolder: flags['checkpoint-dir'],
  };
}

const flags = readFlags();
const { training, validation, heldOut } = readDigits();
const network = createNetwork(flags.hidden, flags.activation);
const state = initialState(network, process.env.RUNGWISE_RESUME_FROM, flags.seed);
const reportEpoch = () => {
  const { loss, accuracy } = evaluate(network, state.weights, validation);
  report({ loss, accuracy, step: state.epoch });
  return loss;
};

let toldToStop = false;
process.once('SIGTERM', () => {
  toldToStop = true;
  process.exitCode = 143;
});

if (state.epoch >= flags.epochs) reportEpoch();
while (state.epoch < flags.epochs && !toldToStop) {
  // Keyed by the epoch, so that a resumed training sees the same batches as one that never paused.
  const random = generator(flags.seed, state.epoch + 1);
  trainEpoch(network, state, { ...flags, training, random });
  state.epoch += 1;
  const loss = reportEpoch();
  await setImmediate(); // lets a SIGTERM in, and the line out where pipes are asynchronous
  if (!Number.isFinite(loss)) break; // diverged: no later epoch can mend it
}
if (flags.checkpointFolder && state.weights.every(Number.isFinite)) {
  report({ checkpoint: saveCheckpoint(flags.checkpointFolder, state) });
}
report({ test_accuracy: evaluate(network, state.weights, heldOut).accuracy, step: state.epoch });
