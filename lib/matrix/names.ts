/** Words that name something on every object. */
export const RESERVED_NAMES: ReadonlySet<string> = new Set([
  '__proto__',
  'constructor',
  'prototype',
]);

/**
 * What a parameter, a declaration or a resource may be called; the excluded words name something on
 * every object.
 */
export const NAME = /^(?!(?:__proto__|constructor|prototype)$)[A-Za-z_][A-Za-z0-9_.-]{0,63}$/;

/** The same in the words of a message. */
export const NAME_RULE =
  'a name of at most 64 letters, digits, _, . and -, the first a letter or _, and none of __proto__, constructor and prototype';
