import { readFileSync } from 'node:fs';
import type { Hptuning } from '../../lib/domain/hptuning.ts';
import { propose } from '../../lib/optimizers/bayes/propose.ts';
import type { View } from '../../lib/optimizers/bayes/view.ts';

/** The first suggestion of a process: reads document and view from standard input, prints its processor time in ms. */
const { hptuning, view }: { hptuning: Hptuning; view: View } = JSON.parse(readFileSync(0, 'utf8'));
if (propose(hptuning, view).length !== 1) throw new Error('no suggestion');
const { user, system } = process.cpuUsage();
console.log((user + system) / 1000);
