import { isLive, readKey } from '../../lib/domain/api-key.ts';
import type { Key } from '../answers.ts';
import type { ServiceOptions } from '../connect.ts';
import { find, serviceAt } from '../connect.ts';
import { EXIT, Failure } from '../failure.ts';
import type { KeyDesk } from '../keys.ts';
import { deskOfService, deskOfStore } from '../keys.ts';
import { moment, printable } from '../show/format.ts';
import { print, printJson, say, stdout } from '../show/screen.ts';
import type { Column } from '../show/table.ts';
import { tableOf } from '../show/table.ts';
import { atTable } from '../table.ts';

export interface KeyOptions extends ServiceOptions {
  readonly table?: string;
  readonly region?: string;
  readonly json?: boolean;
}

const UNIT_MS: Readonly<Record<string, number>> = { h: 3_600_000, d: 86_400_000 };

/** Returns a time span from now on, or a day, as a time; anything else as it is, for the service to judge. */
function expiryOf(text: string): string {
  const [, count = '', unit = ''] = /^(\d{1,5})([hd])$/.exec(text) ?? [];
  const ms = UNIT_MS[unit];
  if (ms !== undefined) return new Date(Date.now() + Number(count) * ms).toISOString();
  return /^\d{4}-\d{2}-\d{2}$/.test(text) ? `${text}T00:00:00Z` : text;
}

/** A desk on a table. */
async function openTableDesk(table: string, region: string | null): Promise<KeyDesk> {
  const { openTable } = await import('../../lib/runtime/table.ts');
  const desk = deskOfStore(openTable(table, region));
  const told = <R>(work: Promise<R>): Promise<R> => atTable({ table, region }, work);
  return {
    create: (body) => told(desk.create(body)),
    list: () => told(desk.list()),
    revoke: (id) => told(desk.revoke(id)),
    close: desk.close,
  };
}

async function openFolderDesk(folder: string): Promise<KeyDesk> {
  const { openFolder } = await import('../embedded.ts');
  const desk = deskOfStore(openFolder(folder));
  say(`using the data folder ${folder}`);
  return desk;
}

async function openDesk(options: KeyOptions): Promise<KeyDesk> {
  const { table, region = null } = options;
  if (table === undefined && region !== null) {
    throw new Failure('--region goes with --table.');
  }
  if (table !== undefined) return openTableDesk(table, region);
  const wiring = { options, say };
  return find(wiring, {
    through: (url) => deskOfService(serviceAt(wiring, url)),
    here: openFolderDesk,
  });
}

async function atDesk<R>(options: KeyOptions, work: (desk: KeyDesk) => Promise<R>): Promise<R> {
  const desk = await openDesk(options);
  try {
    return await work(desk);
  } finally {
    await desk.close();
  }
}

const ends = ({ expires_at: at }: Key): string => {
  if (at === null) return 'never';
  const isOver = !isLive({ expiresAt: Date.parse(at) }, Date.now());
  return isOver ? 'expired' : moment(at).slice(0, 16);
};

/** Creates a key and prints it. */
export const createKey = (
  options: KeyOptions & {
    readonly name?: string;
    readonly scopes: string;
    readonly expires?: string;
  },
): Promise<number> =>
  atDesk(options, async (desk) => {
    const { name = null, expires } = options;
    const scopes = options.scopes.split(',').map((scope) => scope.trim());
    const created = await desk.create({
      name,
      scopes,
      expires_at: expires === undefined ? null : expiryOf(expires),
    });
    if (options.json === true) {
      printJson(created);
      return EXIT.done;
    }
    say(`${created.id} allows ${created.scopes.join(', ')}; expires: ${ends(created)}`);
    say('this is the only time that the key is shown: keep it where no one else can read it');
    print(created.key ?? '');
    return EXIT.done;
  });

const COLUMNS: readonly Column<Key>[] = [
  { title: 'key', cell: ({ id }) => id },
  { title: 'scopes', cell: ({ scopes }) => scopes.join(',') },
  { title: 'created', cell: ({ created_at: at }) => moment(at).slice(0, 16) },
  { title: 'expires', cell: ends },
  { title: 'last used', cell: ({ last_used_on: day }) => day ?? 'never' },
  { title: 'name', cell: ({ name }) => printable(name ?? '–') },
];

/** Lists the keys, newest first. */
export const listKeys = (options: KeyOptions): Promise<number> =>
  atDesk(options, async (desk) => {
    const keys = await desk.list();
    if (options.json === true) {
      for (const key of keys) printJson(key);
    } else {
      print(keys.length === 0 ? 'no key' : tableOf(COLUMNS, keys, stdout));
    }
    return EXIT.done;
  });

/** Revokes the key that a word names: by its id, or by the key itself, of which nothing but the id is sent. */
export async function revokeKey(word: string, options: KeyOptions): Promise<number> {
  const isWhole = word.startsWith('rw_');
  const id = isWhole ? readKey(word)?.id : word;
  if (id === undefined) {
    throw new Failure(
      'the key is mistyped or cut off: give its id, which "rungwise keys list" shows.',
    );
  }
  return atDesk(options, async (desk) => {
    await desk.revoke(id);
    if (options.json === true) printJson({ revoked: id });
    else print(`${id} is revoked`);
    return EXIT.done;
  });
}
