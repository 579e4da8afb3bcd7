import type { AttributeValue } from '@aws-sdk/client-dynamodb';

/*
 * What DynamoDB bills, worked out from the items themselves. Source: Amazon DynamoDB Developer Guide, "DynamoDB item sizes
 * and formats", "DynamoDB read and write operations" and "Provisioned throughput considerations for GSIs".
 */

/** An item as it goes over the wire. */
export type Attributes = Readonly<Record<string, AttributeValue>>;

/** Bytes of one write unit. */
const WRITE_UNIT_BYTES = 1024;
/** Bytes of one unit of a consistent read; an eventually consistent one costs half. */
const READ_UNIT_BYTES = 4096;
/** A list or a map costs these, and one more for each entry. */
const CONTAINER_BYTES = 3;

const utf8 = (text: string): number => Buffer.byteLength(text);

/** A number takes a byte for two significant digits, one more, and one for a minus. */
function numberSize(text: string): number {
  const isNegative = text.startsWith('-');
  const digits = text
    .replace(/e.*$/i, '')
    .replace(/[-+.]/g, '')
    .replace(/^0+|0+$/g, '');
  return Math.ceil(digits.length / 2) + 1 + (isNegative ? 1 : 0);
}

const base64Size = (value: Uint8Array | string): number =>
  typeof value === 'string' ? Buffer.byteLength(value, 'base64') : value.length;

const sum = <T>(values: Iterable<T>, of: (value: T) => number): number =>
  [...values].reduce((total, value) => total + of(value), 0);

/** Bytes of one value: binary ones as bytes, or in base64 as they go over the wire. */
export function valueSize(value: AttributeValue): number {
  if (value.S !== undefined) return utf8(value.S);
  if (value.N !== undefined) return numberSize(value.N);
  if (value.B !== undefined) return base64Size(value.B);
  if (value.SS !== undefined) return sum(value.SS, utf8);
  if (value.NS !== undefined) return sum(value.NS, numberSize);
  if (value.BS !== undefined) return sum(value.BS, base64Size);
  if (value.M !== undefined) {
    const { M } = value;
    return CONTAINER_BYTES + Object.keys(M).length + itemSize(M);
  }
  if (value.L !== undefined) return CONTAINER_BYTES + value.L.length + sum(value.L, valueSize);
  return 1;
}

/** Bytes of an item: its attributes' names and values. */
export const itemSize = (item: Attributes): number =>
  sum(Object.entries(item), ([name, value]) => utf8(name) + valueSize(value));

/** Units of a write that leaves `after` where `before` was: the larger of the two, at least one. */
export const writeUnits = (before: Attributes | null, after: Attributes | null): number => {
  const bytes = Math.max(
    before === null ? 0 : itemSize(before),
    after === null ? 0 : itemSize(after),
  );
  return Math.max(1, Math.ceil(bytes / WRITE_UNIT_BYTES));
};

/** Units of a consistent read of so many bytes, at least one. */
export const readUnits = (bytes: number): number => Math.max(1, Math.ceil(bytes / READ_UNIT_BYTES));

/** The attributes of an index that holds keys only. */
export interface KeysOnlyIndex {
  /** Its partition and sort key. */
  readonly keys: readonly [string, string];
  /** The table's keys, which each entry has as well. */
  readonly tableKeys: readonly string[];
}

/** An item's entry in the index; null where it has none. */
export function entryOf(index: KeysOnlyIndex, item: Attributes | null): Attributes | null {
  if (item === null || index.keys.some((name) => item[name] === undefined)) return null;
  const names = [...index.keys, ...index.tableKeys];
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = item[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );
}

/** Units that a write costs in the index: one entry put or removed, or both where its key changes. */
export function indexWriteUnits(
  index: KeysOnlyIndex,
  before: Attributes | null,
  after: Attributes | null,
): number {
  const old = entryOf(index, before);
  const next = entryOf(index, after);
  if (JSON.stringify(old) === JSON.stringify(next)) return 0;
  return [old, next].reduce(
    (units, entry) => units + (entry === null ? 0 : writeUnits(null, entry)),
    0,
  );
}
