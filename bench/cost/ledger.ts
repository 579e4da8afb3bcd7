import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import type { Attributes, KeysOnlyIndex } from './units.ts';
import { entryOf, indexWriteUnits, itemSize, readUnits, writeUnits } from './units.ts';

/** What one request costs in one place. */
export interface Charge {
  readonly units: number;
  readonly isWrite: boolean;
  /** Bytes of the item that a write leaves; 0 for anything else. */
  readonly bytes: number;
  /** Partition key; that of an entry in the index for the index. */
  readonly partition: string;
  /** First word of the sort key, which tells what kind of item it is; `index` for an entry in the index. */
  readonly kind: string;
}

/** Fields of the requests and answers that the ledger reads, as they go over the wire. */
interface Fields {
  readonly TableName?: string;
  readonly IndexName?: string;
  readonly Key?: Attributes;
  readonly Item?: Attributes;
  readonly Items?: readonly Attributes[];
  readonly RequestItems?: Readonly<Record<string, { readonly Keys?: readonly Attributes[] }>>;
}

/** A request that was answered. */
export interface Exchange {
  /** Name of the operation, such as `PutItem`. */
  readonly operation: string;
  readonly input: Fields;
  /** Null where a condition was not met. */
  readonly output: Fields | null;
}

/** Works out what each request costs, from the items as they were and are. */
export interface Ledger {
  /** Charges of a request. It must see all requests, in the order in which they took effect. */
  readonly charge: (exchange: Exchange) => readonly Charge[];
  /** Every item as it is now. */
  readonly items: () => IterableIterator<Attributes>;
}

const textOf = (value: AttributeValue | undefined): string => value?.S ?? value?.N ?? '';

/** The kind of an item: the first word of its sort key. */
export const kindOf = (item: Attributes): string =>
  /^[a-z]+/.exec(textOf(item['sk']))?.[0] ?? 'other';

const keyOf = (item: Attributes): string => `${textOf(item['pk'])}\n${textOf(item['sk'])}`;

/** A ledger of a table with the keys `pk` and `sk` and one sparse index of keys. */
export function createLedger(index: KeysOnlyIndex): Ledger {
  const items = new Map<string, Attributes>();
  const placed = (item: Attributes): Pick<Charge, 'partition' | 'kind'> => ({
    partition: textOf(item['pk']),
    kind: kindOf(item),
  });

  function write(key: Attributes, after: Attributes | null, isDone: boolean): readonly Charge[] {
    const before = items.get(keyOf(key)) ?? null;
    const left = isDone ? after : null;
    const own = {
      units: writeUnits(before, left),
      isWrite: true,
      bytes: left === null ? 0 : itemSize(left),
      ...placed(key),
    };
    if (!isDone) return [own];
    if (after === null) items.delete(keyOf(key));
    else items.set(keyOf(key), after);
    const units = indexWriteUnits(index, before, after);
    const entry = entryOf(index, after) ?? entryOf(index, before);
    if (units === 0 || entry === null) return [own];
    const partition = `index ${textOf(entry[index.keys[0]])}`;
    return [own, { units, isWrite: true, bytes: 0, partition, kind: 'index' }];
  }

  const sizeAt = (key: Attributes): number => {
    const item = items.get(keyOf(key));
    return item === undefined ? 0 : itemSize(item);
  };
  const read = (key: Attributes): Charge => ({
    units: readUnits(sizeAt(key)),
    isWrite: false,
    bytes: 0,
    ...placed(key),
  });

  function query({ input, output }: Exchange): readonly Charge[] {
    const found = output?.Items ?? [];
    if (input.IndexName !== undefined) {
      // An index cannot be read consistently, so that a unit reads twice as much.
      const units = readUnits(found.reduce((bytes, entry) => bytes + itemSize(entry), 0)) / 2;
      return [
        { units, isWrite: false, bytes: 0, partition: `index ${input.IndexName}`, kind: 'index' },
      ];
    }
    const [first] = found;
    const units = readUnits(found.reduce((bytes, item) => bytes + sizeAt(item), 0));
    return [
      {
        units,
        isWrite: false,
        bytes: 0,
        ...(first === undefined ? { partition: '', kind: 'nothing' } : placed(first)),
      },
    ];
  }

  const RULES: Readonly<Record<string, (exchange: Exchange) => readonly Charge[]>> = {
    PutItem: ({ input: { Item = {} }, output }) => write(Item, Item, output !== null),
    DeleteItem: ({ input: { Key = {} }, output }) => write(Key, null, output !== null),
    GetItem: ({ input: { Key = {} } }) => [read(Key)],
    BatchGetItem: ({ input: { RequestItems = {} } }) =>
      Object.values(RequestItems).flatMap(({ Keys = [] }) => Keys.map(read)),
    Query: query,
  };

  return {
    charge(exchange) {
      const rule = RULES[exchange.operation];
      // Passing it over would make the service look cheaper than it is.
      if (rule === undefined) throw new Error(`what does ${exchange.operation} cost?`);
      return rule(exchange);
    },
    items: () => items.values(),
  };
}
