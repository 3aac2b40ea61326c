import * as z from 'zod';
import * as administrationAnswers from '../administration-answers.ts';
import * as answers from '../answers.ts';
import * as deviceAnswers from '../device-answers.ts';
import { capsuleEventSchema } from '../event-schema.ts';
import type { Grammar } from '../filter/grammar.ts';
import * as observed from '../observed.ts';
import * as policyAnswers from '../policies/policy-answers.ts';
import * as records from '../policies/records.ts';
import { ROLES, type Role } from '../roles.ts';
import { ADMINISTRATION_OPERATIONS } from './administration-operations.ts';
import { DEVICE_OPERATIONS } from './device-operations.ts';
import { OBSERVING_OPERATIONS } from './observing-operations.ts';
import type { Operation, Operations } from './operation.ts';
import { POLICY_OPERATIONS } from './policy-operations.ts';

/** What is said of every route. */
export const OPERATIONS: Operations = {
  ...DEVICE_OPERATIONS,
  ...OBSERVING_OPERATIONS,
  ...POLICY_OPERATIONS,
  ...ADMINISTRATION_OPERATIONS,
};

/** Whom a route answers. */
export type Asker = 'anybody' | 'device' | 'enroller' | Role;
/** What a route knows of itself. */
export interface Described {
  method: string;
  path: string;
  who: Asker;
}
type JsonObject = Record<string, unknown>;

/** The OpenAPI 3.1 document of these routes, made of the schemas by which they read what comes and write what goes. Pure. */
export function describeApi(routes: readonly Described[], version: string): JsonObject {
  const paths: Record<string, JsonObject> = {};
  for (const route of routes) {
    const path = route.path.replace(':id', '{id}');
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: describeRoute(route) };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Capsule for Kiro: the portal',
      version,
      description: `Every key and every person belongs to one organisation and sees nothing of another. Lists take limit (1 to 1000)
and cursor (the next of the page before); a filter may be given several times, and begins with - for "not".`,
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    paths,
    components: {
      schemas: components(),
      responses: { Refused: REFUSED },
      securitySchemes: {
        session: { type: 'apiKey', in: 'cookie', name: 'capsule_session', description: 'Of whoever has signed in' },
        key: { type: 'http', scheme: 'bearer', description: 'An API key (ck_…)' },
        device: {
          type: 'http',
          scheme: 'bearer',
          bearerFormat: 'JWT',
          description: 'The credential of an enrolled device',
        },
        enrolment: { type: 'http', scheme: 'bearer', description: 'An enrolment code or an organisation token' },
      },
    },
  };
}

function describeRoute({ method, path, who }: Described): JsonObject {
  const operation = OPERATIONS[`${method} ${path}`];
  if (operation === undefined) throw new Error(`nothing is said of ${method} ${path}`);
  const { summary, body, status = 200 } = operation;
  return {
    operationId: operationName(method, path),
    tags: [path.split('/')[2] ?? ''],
    summary,
    ...(isRole(who) && { description: `For ${ROLES.slice(ROLES.indexOf(who)).join(', ')}.` }),
    security: SECURITY[isRole(who) ? 'person' : who],
    parameters: parametersOf(path, operation),
    ...(body !== undefined && {
      requestBody: { required: true, content: { 'application/json': { schema: inlined(body, 'input') } } },
    }),
    responses: { [status]: describeAnswer(operation), default: { $ref: '#/components/responses/Refused' } },
  };
}

const isRole = (who: Asker): who is Role => ROLES.some((role) => role === who);
const SECURITY: Readonly<Record<'anybody' | 'device' | 'enroller' | 'person', readonly object[]>> = {
  anybody: [],
  device: [{ device: [] }],
  enroller: [{ enrolment: [] }],
  person: [{ session: [] }, { key: [] }],
};

/** `getEventsById`, `postPoliciesByIdDryRun`. */
function operationName(method: string, path: string): string {
  const words = path
    .replace(':id', 'by-id')
    .split(/[^a-z]+/)
    .filter((word) => !['', 'api', 'v'].includes(word));
  return method.toLowerCase() + words.map((word) => word[0]?.toUpperCase() + word.slice(1)).join('');
}

function describeAnswer({ answer }: Operation): JsonObject {
  const headers = {
    'X-Request-Id': { description: 'Names this request, in the log, too', schema: { type: 'string' } },
  };
  const [type, schema] = typeof answer === 'string' ? [answer, {}] : ['application/json', componentOf(answer)];
  return { description: 'Done', headers, content: { [type]: { schema } } };
}

function parametersOf(path: string, { id, query, filters, versioned }: Operation): JsonObject[] {
  const inQuery =
    query === undefined ? [] : Object.entries(query.shape).map(([name, schema]) => inQueryBy(name, schema));
  return [
    ...(path.includes(':id')
      ? [
          {
            name: 'id',
            in: 'path',
            required: true,
            schema: id === undefined ? { type: 'string' } : inlined(id, 'input'),
          },
        ]
      : []),
    ...inQuery,
    ...(filters === undefined ? [] : filterParameters(filters)),
    ...(versioned === undefined
      ? []
      : [
          {
            name: 'If-Match',
            in: 'header',
            required: true,
            schema: { type: 'string' },
            description: 'The version that was seen',
          },
        ]),
  ];
}

function inQueryBy(name: string, schema: unknown): JsonObject {
  const field = schema as z.ZodType;
  return { name, in: 'query', required: !field.safeParse(undefined).success, schema: inlined(field, 'input') };
}

const many = { type: 'array', items: { type: 'string' } };
function filterParameters({ fields, sorts }: Grammar): JsonObject[] {
  const text = (name: string, description: string) => ({ name, in: 'query', description, schema: { type: 'string' } });
  return [
    text('range', 'Back from now: 30m, 24h, 7d, 2w, or all'),
    text('from', 'ISO 8601, inclusive'),
    text('to', 'ISO 8601, inclusive'),
    text('q', 'Words, all of which occur'),
    ...fields.map(({ name, label, kind, choices, nonzero }) => {
      const how =
        choices?.join(', ') ?? (kind === 'number' ? `a number, >1, <=2${nonzero ? ', nonzero' : ''}` : 'a value');
      return { name, in: 'query', description: `${label}: ${how}`, schema: many, style: 'form', explode: true };
    }),
    ...(sorts.length === 0 ? [] : [text('sort', `${sorts.join(', ')}; with - descending`)]),
  ];
}

const REFUSED = {
  description: 'Refused: the code says why, in a word that stays',
  headers: { 'X-Request-Id': { schema: { type: 'string' } } },
  content: { 'application/json': { schema: { $ref: '#/components/schemas/Refusal' } } },
};
const refusalSchema = z.object({
  error: z.object({ code: z.string(), message: z.string() }),
  requestId: z.string(),
});

/** Every schema of an answer that has a name, by that name. */
const NAMED: ReadonlyMap<z.ZodType, string> = nameAll({
  ...{ refusalSchema, eventSchema: capsuleEventSchema },
  ...answers,
  ...administrationAnswers,
  ...deviceAnswers,
  ...observed,
  ...policyAnswers,
  ...records,
});

function nameAll(exported: Readonly<Record<string, unknown>>): Map<z.ZodType, string> {
  const named = new Map<z.ZodType, string>();
  for (const [name, value] of Object.entries(exported)) {
    if (!(value instanceof z.ZodType)) continue;
    const [first = '', ...rest] = name.replace(/Schema$/, '');
    named.set(value, first.toUpperCase() + rest.join(''));
  }
  return named;
}

const address = (name: string) => `#/components/schemas/${name}`;

function components(): JsonObject {
  const registry = z.registry<{ id: string }>();
  for (const [schema, id] of NAMED) registry.add(schema, { id });
  const { schemas } = z.toJSONSchema(registry, { uri: address, unrepresentable: 'any', io: 'output' });
  return Object.fromEntries(Object.entries(schemas).map(([name, schema]) => [name, plain(schema)]));
}

function componentOf(schema: z.ZodType): JsonObject {
  const name = NAMED.get(schema);
  if (name !== undefined) return { $ref: address(name) };
  if (schema instanceof z.ZodUnion) return { anyOf: schema.options.map((each) => componentOf(each as z.ZodType)) };
  return inlined(schema, 'output');
}

const inlined = (schema: z.ZodType, io: 'input' | 'output'): JsonObject =>
  plain(z.toJSONSchema(schema, { unrepresentable: 'any', io }));

/** Without what OpenAPI says once, and open: an answer may get further fields, and a client ignores what it does not know. */
function plain(schema: object): JsonObject {
  const { $schema: _dialect, $id: _address, ...rest } = opened(schema) as JsonObject;
  return rest;
}

function opened(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(opened);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(([key, each]) => key !== 'additionalProperties' || each !== false);
  return Object.fromEntries(entries.map(([key, each]) => [key, opened(each)]));
}
