/*
 * The JSON schema of the polyaxonfile, as far as the editor reads it.
 */

/** A schema or a part of one; what is not listed here is not looked at. */
export interface Schema {
  readonly description?: string;
  readonly type?: string | readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: Schema | boolean;
  readonly items?: Schema | boolean;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly allOf?: readonly Schema[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly $ref?: string;
  readonly $defs?: Readonly<Record<string, Schema>>;
}

/** References followed on the way to what they stand for: one to itself would never end. */
const REFERENCES_MAX = 10;

const isSchema = (part: Schema | boolean | undefined): part is Schema => typeof part === 'object';

/** Returns the alternatives of a schema, itself among them, references resolved. */
export function formsOf(schema: Schema, root: Schema, references = 0): readonly Schema[] {
  const name = /^#\/\$defs\/(.+)$/.exec(schema.$ref ?? '')?.[1];
  const meant = name === undefined ? undefined : root.$defs?.[name];
  const parts = [...(schema.anyOf ?? []), ...(schema.oneOf ?? []), ...(schema.allOf ?? [])];
  const further = meant !== undefined && references < REFERENCES_MAX ? [meant] : [];
  return [
    schema,
    ...parts.flatMap((part) => formsOf(part, root, references)),
    ...further.flatMap((part) => formsOf(part, root, references + 1)),
  ];
}

/** Returns what describes a place below another. */
function below(forms: readonly Schema[], step: string, root: Schema): readonly Schema[] {
  const parts = forms.flatMap(({ properties, additionalProperties, items }) => {
    const known = Object.hasOwn(properties ?? {}, step) ? properties?.[step] : undefined;
    const listed = /^\d+$/.test(step) ? items : undefined;
    return [known ?? additionalProperties, listed].filter(isSchema);
  });
  return parts.flatMap((part) => formsOf(part, root));
}

/** Returns every schema that describes the place at the end of a path; none where nothing is known of it. */
export const schemasAt = (root: Schema, path: readonly string[]): readonly Schema[] =>
  path.reduce((forms, step) => below(forms, step, root), formsOf(root, root));
