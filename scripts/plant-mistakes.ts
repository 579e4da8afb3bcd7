/**
 * npm run simulate:mistakes: plants one mistake at a time into a copy of the service and lets the simulator look for it.
 * Prints a table of which was found by which history; exits with 1 where one was not.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

interface PlantedMistake {
  readonly name: string;
  readonly file: string;
  /** Text that stands once in the file, and what the mistake makes of it. */
  readonly find: string;
  readonly replace: string;
}

const MISTAKES: readonly PlantedMistake[] = [
  {
    name: 'count an end without taking it out of the set',
    file: 'lib/domain/moves.ts',
    find: '    places: head.places.filter((place) => place.n !== ending.number),',
    replace: '    places: head.places,',
  },
  {
    name: 'replace the head without comparing its revision',
    file: 'lib/service/head.ts',
    find: 'put({ key, body, expect: rev, due })',
    replace: 'put({ key, body, expect: (await ports.store.get(key))?.rev ?? rev, due })',
  },
  {
    name: 'let one more run than the concurrency',
    file: 'lib/service/fill.ts',
    find: 'next.places.length < concurrency',
    replace: 'next.places.length <= concurrency',
  },
  {
    name: 'take an experiment whose lease is live',
    file: 'lib/service/suggest.ts',
    find: "  const free = statusAt(item.body, round.now) === 'queued';",
    replace: '  const free = true;',
  },
  {
    name: 'accept reports of earlier attempts',
    file: 'lib/service/report.ts',
    find: '  if (proved === attempt) return null;',
    replace: '  if (proved !== null) return null;',
  },
  {
    name: 'free the place of an experiment whose lease has lapsed',
    file: 'lib/service/reconcile.ts',
    find: '  const again = withPlace(told, { ...current, r: 1, ...(reason === undefined ? {} : { o: 1 }) });',
    replace:
      '  const again = { ...told, places: told.places.filter(({ n }) => n !== place.n), queued: [...told.queued, { n: place.n, a: current.a, ...(place.i === undefined ? {} : { i: place.i }) }] };',
  },
  {
    name: 'close a rung before its last experiment has ended',
    file: 'lib/service/rungs.ts',
    find: 'if (open.unwritten !== undefined || head.places.some(own) || head.queued.some(own)) return false;',
    replace: 'if (open.unwritten !== undefined || head.queued.some(own)) return false;',
  },
  {
    name: 'rank a rung in the order of arrival where values are equal or not',
    file: 'lib/service/rungs.ts',
    find: '  const slots = promote(results, metric.optimization, ',
    replace:
      '  const slots = ((ended: readonly Ended[], _by: string, take: number) => ended.slice(0, take).map(({ slot }) => slot))(results, metric.optimization, ',
  },
  {
    name: 'give the next rung random numbers for parents',
    file: 'lib/service/rungs.ts',
    find: 'promoted.push([parent.number, from === null ? slot : from[1]]);',
    replace:
      'promoted.push([parent.number, from === null ? Math.floor(Math.random() * open.start) : from[1]]);',
  },
  {
    name: 'forget that a rung waits once its poke was sent',
    file: 'lib/service/ahead.ts',
    find: '    (promotion !== null && isRungDue(head, promotion)) ||',
    replace: '',
  },
  {
    name: 'number the experiments of a rung at every delivery',
    file: 'lib/service/rungs.ts',
    find: '  const rest = head.rungs.filter((one) => one !== open);',
    replace:
      '  const rest = Math.random() < 0.5 ? head.rungs : head.rungs.filter((one) => one !== open);',
  },
  {
    name: 'never look for ends that a crash left uncounted',
    file: 'lib/service/reconcile.ts',
    find: '    next = reconcile(next, await retire(ports, head, found, item), definition, now);\n  }\n  return',
    replace:
      '    const state = await retire(ports, head, found, item);\n    if (!isEnd(state.status)) next = reconcile(next, state, definition, now);\n  }\n  return',
  },
  {
    name: 'never write an experiment whose hand-out was interrupted',
    file: 'lib/service/reconcile.ts',
    find: '      item = await restore(ports, one, { ...found, item });\n      if (item === null) continue;',
    replace: '      continue;',
  },
  {
    name: 'hand out a suggestion however old its view is',
    file: 'lib/service/ahead.ts',
    find: '  aheadCount(head) > 0 && lag(head) <= activePlaces(head).length;',
    replace: '  aheadCount(head) > 0;',
  },
  {
    name: 'keep suggestions that do not know what the caller has added',
    file: 'lib/service/ahead.ts',
    find: 'export function withoutAhead({ ahead: _ahead, ...head }: GroupHead): GroupHead {\n  return head;',
    replace: 'export function withoutAhead(head: GroupHead): GroupHead {\n  return head;',
  },
  {
    name: 'compute suggestions without what is being tried',
    file: 'lib/service/ahead.ts',
    find: '    pending: pendingOf(definition, learnt, pending),',
    replace: '    pending: [],',
  },
  {
    name: 'forget what a bracket has begun with',
    file: 'lib/service/ahead.ts',
    find: '  return { begun: [...ended, ...open].map(({ values }) => values) };',
    replace: '  return { begun: [...ended, ...open].slice(0, 0).map(({ values }) => values) };',
  },
  {
    name: 'go on with the values of a draw where they were computed',
    file: 'lib/service/given.ts',
    find: '    isComputed && parent !== null',
    replace: '    !isComputed && parent !== null',
  },
  {
    name: 'name a batch by its first index alone',
    file: 'lib/service/ahead.ts',
    find: "  const id = [from, results, head.nextNumber].join('.');",
    replace: "  const id = [from, 0, 0].join('.');",
  },
  {
    name: 'take a batch although suggestions were handed out meanwhile',
    file: 'lib/service/ahead.ts',
    find: '  if (ownCount(head) !== own || computedFrom(head, definition) !== batch.from) return head;',
    replace: '  if (ownCount(head) !== own) return head;',
  },
  {
    name: 'remove a batch that was handed out',
    file: 'lib/service/ahead.ts',
    find: 'after !== null && after.nextFresh <= replaced.from;',
    replace: 'after !== null;',
  },
  {
    name: 'call back who was overtaken',
    file: 'lib/optimizers/halving.ts',
    find: '        if (out !== undefined) rest.push(out);',
    replace:
      '        if (out !== undefined) {\n          rest.push(out);\n          open.delete(keyOf(rung + 1, out.slot));\n        }',
  },
  {
    name: 'keep results that were never stored',
    file: 'lib/service/halving.ts',
    find: '    addAll(own, halving, rows.slice(head.resultsFlushed - from));',
    replace: '    addAll(kept.halving, halving, rows.slice(head.resultsFlushed - from));',
  },
  {
    name: 'let an experiment go on once more while it has a place',
    file: 'lib/service/halving.ts',
    find: '    .filter(([index]) => !placed.has(index));',
    replace: '    .filter(([index]) => !placed.has(-index));',
  },
  {
    name: 'forget from whom an experiment goes on',
    file: 'lib/service/suggest.ts',
    find: 'batch: place.b, parent: place.f, at: now',
    replace: 'batch: place.b, at: now',
  },
  {
    name: 'move events into a chunk before they are committed',
    file: 'lib/service/head.ts',
    find: 'await flush(ports, eventsKey(group, old.eventsFlushed), old.events)',
    replace: 'await flush(ports, eventsKey(group, old.eventsFlushed), next.events)',
  },
  {
    name: 'do not tell that a lost lease was taken again',
    file: 'lib/service/reconcile.ts',
    find: '    ...(started || retaken ? [starting(',
    replace: '    ...(started ? [starting(',
  },
  {
    name: 'do not tell that the space holds fewer points',
    file: 'lib/domain/moves.ts',
    find: "    : logged(\n        { ...head, planned, fresh },\n        { type: 'group.planned_changed', at, data: { planned, fresh } },\n      );",
    replace: '    : { ...head, planned, fresh };',
  },
  {
    name: 'push to nobody',
    file: 'lib/service/push.ts',
    find: '  webhooks.audience.forget();\n  return takesIt();',
    replace: '  return true;',
  },
  {
    name: 'forget a group whose launcher came late',
    file: 'lib/service/webhooks/catch-up.ts',
    find: "        await notePush(ports, group, 'due');",
    replace: "        await notePush(ports, group, 'unheard');",
  },
  {
    name: 'leave what is to be pushed to a poke alone',
    file: 'lib/service/head.ts',
    find: "    push === 'due' ? head.updatedAt : [],",
    replace: '    [],',
  },
  {
    name: 'push again at once what was given back',
    file: 'lib/service/push.ts',
    find: 'r === 1 && t <= now;',
    replace: 'r === 1 && t >= 0;',
  },
  {
    name: 'push without the lease',
    file: 'lib/service/webhooks/tell.ts',
    find: '    const withLeases = isPushed(definition);',
    replace: '    const withLeases = false;',
  },
  {
    name: 'forget what webhooks have yet to be told once its poke was sent',
    file: 'lib/service/head.ts',
    find: '    untold === undefined ? [] : untold.at + UNTOLD_MS,',
    replace: '    [],',
  },
  {
    name: 'send a delivery once, whether it arrives or not',
    file: 'lib/domain/delivery.ts',
    find: '  const nextAt = retryAt(round, now, random);',
    replace:
      '  const nextAt = retryAt(round, now, random) === null ? null : Number.MAX_SAFE_INTEGER;',
  },
];

const ROOT = join(import.meta.dirname, '..');
const COPIED = ['lib', 'functions', 'cli', 'test', 'scripts', 'package.json', 'tsconfig.json'];
const HISTORIES = '400';

/** The first history that the simulator reports as broken, and what it says; null where it reports none. */
function look(mistake: PlantedMistake): { readonly seed: string; readonly words: string } | null {
  const folder = mkdtempSync(join(tmpdir(), 'rungwise-mistake-'));
  try {
    for (const name of COPIED) cpSync(join(ROOT, name), join(folder, name), { recursive: true });
    symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
    const file = join(folder, mistake.file);
    const source = readFileSync(file, 'utf8');
    if (source.split(mistake.find).length !== 2) {
      throw new Error(`${mistake.file} does not have the place for "${mistake.name}" once`);
    }
    writeFileSync(
      file,
      source.replace(mistake.find, () => mistake.replace),
    );
    const args = ['scripts/simulate.ts', '--histories', HISTORIES, '--until-broken'];
    const { stdout } = spawnSync(
      process.execPath,
      ['--disable-warning=ExperimentalWarning', ...args],
      { cwd: folder, encoding: 'utf8' },
    );
    const found = /^history (\d+) \{.*?\}: (.*)$/m.exec(stdout);
    return found === null ? null : { seed: found[1] ?? '', words: found[2] ?? '' };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

let missed = 0;
console.log('| planted mistake | found by history | as |\n|---|---|---|');
for (const mistake of MISTAKES) {
  const found = look(mistake);
  if (found === null) missed++;
  // What the head looks like is for whoever plays the history again.
  const words = (found?.words ?? '').replace(/: \{.*/, '').replaceAll('|', '\\|');
  console.log(`| ${mistake.name} | ${found?.seed ?? 'not found'} | ${words} |`);
}
console.log(`\n${MISTAKES.length - missed} passed, ${missed} failed`);
process.exitCode = missed === 0 ? 0 : 1;
