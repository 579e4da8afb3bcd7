import assert from 'node:assert/strict';
import { Ajv2020 } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import type * as z from 'zod';
import { createRouter } from '../../cli/api-gateway.ts';
import type * as insights from '../../lib/contract/insight-schemas.ts';
import type * as schemas from '../../lib/contract/schemas.ts';
import { PAGE_PATHS } from '../../lib/runtime/web.ts';

/*
 * Holds requests and answers against the OpenAPI document of the service that they went to.
 */

export type Group = z.output<typeof schemas.group>;
export type Experiment = z.output<typeof schemas.experiment>;
export type SuggestAnswer = z.output<typeof schemas.suggestAnswer>;
export type ReportAnswer = z.output<typeof schemas.reportAnswer>;
export type Preview = z.output<typeof schemas.preview>;
export type CreatedKey = z.output<typeof schemas.createdKey>;
export type CreatedWebhook = z.output<typeof schemas.createdWebhook>;
export type Delivery = z.output<typeof schemas.delivery>;
export type Problem = z.output<typeof schemas.problem>;
/** An event; what its data are depends on its type. */
export type Event = Omit<z.output<typeof schemas.event>, 'data'> & {
  readonly data: Readonly<Record<string, unknown>>;
};
export type Measurement = z.output<typeof schemas.measurementPage>['items'][number];

/** What every call of the contract answers when it is done. */
export interface Success {
  health: z.output<typeof schemas.health>;
  openapi: object;
  documentSchema: object;
  createGroup: Group;
  previewGroup: Preview;
  listGroups: z.output<typeof schemas.groupPage>;
  readGroup: Group;
  deleteGroup: null;
  suggest: SuggestAnswer;
  stopGroup: Group;
  resumeGroup: Group;
  listExperiments: z.output<typeof schemas.experimentPage>;
  addExperiment: Experiment;
  readExperiment: Experiment;
  report: ReportAnswer;
  release: ReportAnswer;
  listMeasurements: z.output<typeof schemas.measurementPage>;
  explain: z.output<typeof schemas.explanation>;
  listEvents: z.output<typeof schemas.eventPage>;
  columns: z.output<typeof insights.columns>;
  curves: z.output<typeof insights.curvePage>;
  rungs: z.output<typeof insights.rungs>;
  importance: z.output<typeof insights.importance>;
  contour: z.output<typeof insights.contour>;
  createKey: CreatedKey;
  listKeys: z.output<typeof schemas.keyPage>;
  revokeKey: null;
  createWebhook: CreatedWebhook;
  listWebhooks: z.output<typeof schemas.webhookPage>;
  readWebhook: z.output<typeof schemas.webhook>;
  patchWebhook: z.output<typeof schemas.webhook>;
  deleteWebhook: null;
  testWebhook: Delivery;
  rotateSecret: CreatedWebhook;
  recoverDeliveries: z.output<typeof schemas.recovered>;
  listDeliveries: z.output<typeof schemas.deliveryPage>;
  redeliver: Delivery;
}

export type Operation = keyof Success;

interface OperationObject {
  readonly operationId: string;
  readonly summary?: string;
  readonly parameters?: readonly {
    readonly in: 'path' | 'query' | 'header';
    readonly name: string;
    readonly required?: boolean;
    readonly description?: string;
  }[];
  readonly requestBody?: object;
  readonly security: readonly object[];
  readonly responses: Readonly<
    Record<string, { readonly description: string; readonly content?: object }>
  >;
}

/** The parts of an OpenAPI document that calling a service by it needs. */
export interface OpenApi {
  readonly openapi: string;
  readonly info: {
    readonly title: string;
    readonly version: string;
    readonly description: string;
    readonly license: object;
  };
  readonly 'x-problems': object;
  readonly paths: Readonly<Record<string, Readonly<Record<string, OperationObject>>>>;
}

/** An answer as it came. */
export interface RawAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

/** Where an operation stands in the document. */
interface Place {
  readonly path: string;
  readonly method: string;
  readonly operation: OperationObject;
}

/** Checks by one OpenAPI document. */
export interface Contract {
  readonly document: OpenApi;
  readonly place: (operation: Operation) => Place;
  /** Asserts that the document allows what was sent. */
  readonly assertRequest: (
    operation: Operation,
    sent: { readonly json?: unknown; readonly query?: Readonly<Record<string, string>> },
  ) => void;
  /**
   * Asserts what holds for every answer; the problem of one that refuses.
   *
   * @param asked - method and path, where it may be the dashboard that was asked for
   */
  readonly assertAnswer: (answer: RawAnswer, asked?: string) => Problem | null;
  /** Asserts that the document tells of such a refusal. */
  readonly assertRefusal: (operation: Operation, problem: Problem) => void;
  /** Asserts that an answer which does not refuse is what the document says, and returns its body. */
  readonly success: <K extends Operation>(operation: K, answer: RawAnswer) => Success[K];
}

const ID = 'openapi';

const pointer = (...keys: readonly string[]): string =>
  `${ID}#/${keys.map((key) => encodeURIComponent(key.replaceAll('~', '~0').replaceAll('/', '~1'))).join('/')}`;

const NOTHING = { type: 'null' } as const;

/** What no text for people contains: the words of a program that has lost its thread. */
const BABBLE = /undefined|\[object |function |\bat .+:\d+:\d+|node_modules|\/lib\/|ZodError|\.ts\b/;

/** Headers that belong to certain statuses. */
const HEADER_OF: Readonly<Record<number, string>> = {
  401: 'www-authenticate',
  405: 'allow',
  429: 'retry-after',
};

const mediaTypeOf = (headers: Headers): string =>
  (headers.get('content-type') ?? '').split(';')[0]?.trim() ?? '';

const routePage = createRouter(
  PAGE_PATHS.map((path) => ({ method: 'GET', path, target: true })),
  false,
);

/** Tells whether the dashboard's page is asked for. */
function isPageAt(asked: string): boolean {
  const [method = '', path = ''] = asked.split(' ');
  return routePage(method, path).target;
}

/** Returns the checks by a document. */
export function createContract(document: OpenApi): Contract {
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  formats.default(ajv);
  ajv.addSchema(document, ID, false, false);
  const places = new Map<string, Place>();
  for (const [path, methods] of Object.entries(document.paths)) {
    for (const [method, operation] of Object.entries(methods)) {
      places.set(operation.operationId, { path, method, operation });
    }
  }

  const place = (operation: Operation): Place => {
    const found = places.get(operation);
    assert.ok(found !== undefined, `the OpenAPI document has no operation ${operation}`);
    return found;
  };

  function read<T>(schema: string | object, value: unknown, what: string): T {
    if (ajv.validate<T>(schema, value)) return value;
    const shown = JSON.stringify(value)?.slice(0, 2_000);
    return assert.fail(`${what} is not what the document says: ${ajv.errorsText()}\n${shown}`);
  }

  function problemOf({ status, headers, text }: RawAnswer): Problem {
    const schema = pointer('components', 'schemas', 'Problem');
    const problem = read<Problem>(schema, JSON.parse(text), 'the problem');
    assert.equal(problem.status, status, 'a problem has the status of its answer');
    for (const words of [problem.detail, ...problem.errors.map(({ message }) => message)]) {
      assert.doesNotMatch(words, BABBLE);
      assert.match(words, /[^\s,;:]$/u, 'words for people do not break off');
      assert.doesNotMatch(words, /^: |[^.]\.\.$|^Invalid input|….$/u);
    }
    assert.match(problem.detail, /^.{30,}[.!)]$/su, 'a detail says what to do');
    if (/^invalid_/.test(problem.code)) assert.notEqual(problem.errors.length, 0);
    if (headers.get('idempotency-replayed') !== 'true') {
      assert.equal(problem.request_id, headers.get('x-request-id'));
    }
    const header = problem.code === 'in_progress' ? 'retry-after' : HEADER_OF[status];
    if (header !== undefined) assert.ok(headers.has(header), `a ${status} has ${header}`);
    return problem;
  }

  return {
    document,
    place,
    assertRequest(operation, { json, query = {} }) {
      const { path, method, operation: described } = place(operation);
      const { parameters = [] } = described;
      for (const [name, value] of Object.entries(query)) {
        const index = parameters.findIndex((known) => known.in === 'query' && known.name === name);
        assert.notEqual(index, -1, `${operation} has no query parameter ${name}`);
        const schema = pointer('paths', path, method, 'parameters', String(index), 'schema');
        // A query has nothing but text: what must be a number is read from it.
        const meant = name === 'limit' ? Number(value) : value;
        read(schema, meant, `the query parameter ${name} of ${operation}`);
      }
      if (json === undefined) return;
      const keys = ['requestBody', 'content', 'application/json', 'schema'] as const;
      read(pointer('paths', path, method, ...keys), json, `the body of ${operation}`);
    },
    assertAnswer(answer, asked = '') {
      const { status, headers, text } = answer;
      assert.ok(status < 500, `a ${status}: ${text}`);
      assert.match(headers.get('x-request-id') ?? '', /^[\w-]{8,}$/, 'an X-Request-Id');
      assert.equal(headers.get('cache-control'), 'no-store', 'no answer is kept by caches');
      assert.equal(headers.get('x-content-type-options'), 'nosniff');
      if (status === 304) {
        assert.equal(text, '', 'what the caller has already is not sent again');
        return null;
      }
      if (isPageAt(asked)) {
        assert.equal(status, 200);
        assert.equal(mediaTypeOf(headers), 'text/html', 'the dashboard is a page');
        assert.doesNotMatch(headers.get('content-security-policy') ?? 'unsafe', /unsafe|\*/);
        return null;
      }
      if (status < 300) {
        assert.equal(mediaTypeOf(headers), status === 204 ? '' : 'application/json');
        return null;
      }
      assert.equal(mediaTypeOf(headers), 'application/problem+json', `${status} ${text}`);
      return problemOf(answer);
    },
    assertRefusal(operation, { status, code }) {
      const described = place(operation).operation.responses[String(status)]?.description ?? '';
      assert.ok(described.includes(`\`${code}\``), `${operation} ${status} ${code} is documented`);
    },
    success(operation, { status, text }) {
      const { path, method, operation: described } = place(operation);
      const response = described.responses[String(status)];
      assert.ok(response !== undefined, `${operation} answered ${status}, which is undocumented`);
      const value: unknown = text === '' ? null : JSON.parse(text);
      const keys = ['responses', String(status), 'content', 'application/json', 'schema'] as const;
      const schema =
        response.content === undefined ? NOTHING : pointer('paths', path, method, ...keys);
      return read(schema, value, `the answer of ${operation}`);
    },
  };
}
