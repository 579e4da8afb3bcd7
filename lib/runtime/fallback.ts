import { ROUTES } from '../contract/routes.ts';
import type { Fault } from '../domain/faults.ts';
import { fault } from '../domain/faults.ts';
import type { HttpFunction } from './http.ts';
import { openFunction } from './http.ts';
import { WEB_PLACES } from './web.ts';

const patternOf = (path: string): RegExp =>
  new RegExp(
    `^${path
      .replaceAll('.', '\\.')
      .replaceAll(/\{\w+\+\}/g, '.+')
      .replaceAll(/\{\w+\}/g, '[^/]+')}$`,
  );

const PATTERNS = [...Object.values(ROUTES), ...WEB_PLACES].map(({ method, path }) => ({
  method,
  pattern: patternOf(path),
}));

/** What to say of a path and a method that no route has. */
export function unknownRoute(method: string, path: string): Fault {
  const shown = path.length > 100 ? `${path.slice(0, 100)}…` : path;
  const allow = PATTERNS.filter(({ pattern }) => pattern.test(path)).map((route) => route.method);
  if (allow.length === 0) return fault('route_not_found', `There is nothing at ${shown}.`);
  const detail = `${method} is not allowed on ${shown}; allowed: ${allow.join(', ')}.`;
  return fault('method_not_allowed', detail, { allow });
}

/** A Lambda function for everything that no other one answers. */
export const fallbackFunction: HttpFunction = openFunction([], async (event) =>
  unknownRoute(event.requestContext.http.method, event.rawPath),
);
