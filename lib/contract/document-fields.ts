import * as z from 'zod';
import { LIMITS } from '../domain/limits.ts';
import { exactly, list, optional, text, word } from './fields.ts';
import { once } from './once.ts';

/** A field that is stored and given back, and means nothing to the service. */
const kept = (meaning: string) =>
  z.unknown().optional().describe(`${meaning}. Kept as it is sent.`);

/** The fields of a polyaxonfile besides those whose parts are read by code of their own. */
export const documentFields = once(() => ({
  version: exactly(1),
  kind: word(['group']),
  name: optional(text(1, LIMITS.nameCharacters), null),
  description: optional(text(0, LIMITS.descriptionCharacters), null),
  tags: optional(list(text(1, LIMITS.tagCharacters), LIMITS.tags), []),
  environment: kept('Where experiments run'),
  framework: kept('What experiments are written with'),
  logging: kept('How experiments log'),
  settings: kept('Settings of other tools'),
  notifications: kept('Notifications of other tools'),
}));
