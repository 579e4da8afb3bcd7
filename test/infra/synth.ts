import { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { defineStacks } from '../../infra/stacks.ts';

/** Context by which the CDK bundles no function: a template needs none but for its asset's hash. */
const WITHOUT_BUNDLES = { 'aws:cdk:bundling-stacks': [] } as const;

/** The templates of an app with this context, one per team. Throws where cdk-nag finds something without a reason. */
export const templatesOf = (context: Readonly<Record<string, unknown>>): readonly Template[] =>
  defineStacks(
    new App({ analyticsReporting: false, context: { ...WITHOUT_BUNDLES, ...context } }),
  ).map((stack) => Template.fromStack(stack));

/** The template of the one team. */
export function templateOf(context: Readonly<Record<string, unknown>>): Template {
  const [template] = templatesOf(context);
  if (template === undefined) throw new Error('the app has no stack');
  return template;
}

/** What a resource of a template is. */
export interface Resource {
  readonly Type: string;
  readonly Properties: Readonly<Record<string, unknown>>;
}

/** The resources of a type by their logical ids. */
export const resourcesOf = (template: Template, type: string): Readonly<Record<string, Resource>> =>
  Object.fromEntries(
    Object.entries(template.findResources(type)).map(([id, { Type, Properties }]) => [
      id,
      { Type, Properties },
    ]),
  );

/** Every string anywhere in a value, keys of objects included. */
export function* stringsIn(value: unknown): Generator<string> {
  if (typeof value === 'string') yield value;
  if (typeof value !== 'object' || value === null) return;
  for (const [key, inner] of Object.entries(value)) {
    if (!Array.isArray(value)) yield key;
    yield* stringsIn(inner);
  }
}
