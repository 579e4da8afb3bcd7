// Prints the values that a new service hands out for a polyaxonfile (JSON) from standard input: the same ones in every
// process, whatever was there before.
import { text } from 'node:stream/consumers';
import { startService } from './service.ts';

const service = await startService();
const { id } = await service.done('createGroup', { json: JSON.parse(await text(process.stdin)) });
const { experiments } = await service.of(id).suggest({ count: 100 });
console.log(JSON.stringify(experiments.map(({ values }) => values)));
await service.close();
