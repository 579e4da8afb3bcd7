/** Returns one record of a CSV file (RFC 4180) with its line break. Nothing is an empty field; lists are JSON. */
export const csvRecord = (fields: readonly unknown[]): string =>
  `${fields.map((field) => quoted(textOf(field))).join(',')}\r\n`;

function textOf(field: unknown): string {
  if (field === null || field === undefined) return '';
  return typeof field === 'object' ? JSON.stringify(field) : String(field);
}

const quoted = (text: string): string =>
  /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
