import type { ANSWERS } from '../lib/contract/answers.ts';
import type { RouteName } from '../lib/contract/routes.ts';
import type * as schemas from '../lib/contract/schemas.ts';

/*
 * What the service answers, as types: they derive from the schemas of the contract.
 */

type ReadonlyDeep<T> = T extends readonly (infer Item)[]
  ? readonly ReadonlyDeep<Item>[]
  : T extends object
    ? { readonly [Key in keyof T]: ReadonlyDeep<T[Key]> }
    : T;

type Output<S> = S extends { readonly _zod: { readonly output: infer O } } ? ReadonlyDeep<O> : null;

export type { RouteName };

/** What a call answers where it succeeds. */
export type Answer<Name extends RouteName> = Output<(typeof ANSWERS)[Name]>;

export type Group = Output<typeof schemas.group>;
export type Experiment = Output<typeof schemas.experiment>;
export type Preview = Output<typeof schemas.preview>;
export type Problem = Output<typeof schemas.problem>;
export type Event = Answer<'listEvents'>['items'][number];
export type Key = Output<typeof schemas.key>;
export type CreatedKey = Output<typeof schemas.createdKey>;
export type Webhook = Output<typeof schemas.webhook>;
export type CreatedWebhook = Output<typeof schemas.createdWebhook>;
export type Delivery = Output<typeof schemas.delivery>;
export type Measurement = Answer<'listMeasurements'>['items'][number];
/** One mistake in what was sent: where, and what. */
export type Mistake = Pick<Problem['errors'][number], 'path' | 'message'>;
