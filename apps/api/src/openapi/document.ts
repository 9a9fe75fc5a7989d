import type { Dialect } from '@darkroom/shared/dialects';
import { z } from 'zod';
import { errorShapes } from './answers.ts';
import { batchOperations } from './batchOperations.ts';
import { batchResultOperations } from './batchResultOperations.ts';
import { geminiOperations } from './geminiOperations.ts';
import { imageOperations } from './imageOperations.ts';
import type { Answer, Body, Operation } from './operation.ts';
import { operatorOperations } from './operatorOperations.ts';
import { taskOperations } from './taskOperations.ts';
import { webhookOperations } from './webhookOperations.ts';

/** Every route but those of Bull Board, of the document itself and of its page. */
export const operations: readonly Operation[] = [
  ...taskOperations,
  ...imageOperations,
  ...geminiOperations,
  ...batchOperations,
  ...batchResultOperations,
  ...webhookOperations,
  ...operatorOperations,
];

/**
 * The OpenAPI 3.1 document. Requests are described by the very schemas that parse them.
 * @param serverUrl  where clients reach the API
 */
export function openapiDocument(serverUrl: string): object {
  const paths: Record<string, Record<string, object>> = {};
  for (const operation of operations) {
    paths[operation.path] = { ...paths[operation.path], [operation.method]: described(operation) };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Darkroom',
      version: '1',
      description: 'A durable gateway in front of image-generation APIs.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: serverUrl }],
    paths,
    components: {
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer', description: 'an API key, `sk-…`' },
        googleHeader: { type: 'apiKey', in: 'header', name: 'x-goog-api-key' },
        googleQuery: { type: 'apiKey', in: 'query', name: 'key' },
        admin: { type: 'http', scheme: 'basic', description: 'user `admin`, `ADMIN_PASSWORD`' },
      },
      schemas: Object.fromEntries(
        Object.entries(errorShapes).map(([dialect, shape]) => [`${dialect}_error`, schemaOf(shape, 'output')]),
      ),
    },
  };
}

function described(operation: Operation): object {
  const { tag, summary, body, form, path } = operation;
  const content = { ...contentOf('application/json', body), ...contentOf('multipart/form-data', form) };
  return {
    operationId: operationIdOf(operation),
    tags: [tag],
    // Renderers show it as it is, unlike a description.
    summary: summary.replaceAll('`', ''),
    security: securityOf(operation),
    parameters: [
      ...[...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => parameter('path', name!, '', true)),
      ...Object.entries(operation.query ?? {}).map(([name, says]) => parameter('query', name, says)),
      ...Object.entries(operation.headers ?? {}).map(([name, says]) => parameter('header', name, says)),
    ],
    ...((body || form) && { requestBody: { required: !body?.optional, content } }),
    responses: responsesOf(operation),
  };
}

const operationIdOf = ({ method, path }: Operation) =>
  `${method}${path.replace(/[^A-Za-z0-9]+(\w)?/g, (_, letter?: string) => letter?.toUpperCase() ?? '')}`;

const contentOf = (media: string, body: Body | undefined) =>
  body && { [media]: { schema: schemaOf(body.schema, 'input'), example: body.example } };

function responsesOf(operation: Operation): object {
  const good = Object.entries(operation.answers).map(([status, answer]) => [status, answerOf(answer)]);
  const refusals = { ...usualRefusals(operation), ...operation.refusals };
  const bad = Object.entries(refusals).map(([status, says]) => [status, refusal(says, operation.dialect)]);
  return Object.fromEntries([...good, ...bad]);
}

function answerOf({ says, schema, media = 'application/json', events }: Answer): object {
  const content = { [media]: schema ? { schema: schemaOf(schema, 'output') } : {} };
  return { description: says, content: { ...content, ...(events && streamOf(events)) } };
}

/** OpenAPI 3.1 has no word for server-sent events: a text, and what the data of each event holds. */
const streamOf = (events: z.ZodType) => ({
  'text/event-stream': {
    schema: {
      type: 'string',
      description: 'Server-sent events; the data of each is JSON of this schema.',
      contentMediaType: 'application/json',
      contentSchema: schemaOf(events, 'output'),
    },
  },
});

/** What every route of its kind may refuse with. */
function usualRefusals({ opens, path, body, form }: Operation): Record<number, string> {
  const kinds: [holds: boolean, refusals: Record<number, string>][] = [
    [body !== undefined || form !== undefined, ofBodies],
    [opens === 'key', ofKeys],
    [opens === 'admin', { 401: 'The password is missing or wrong' }],
    [path.includes('{'), { 404: 'There is none, or it is another key’s' }],
  ];
  return Object.assign({}, ...kinds.filter(([holds]) => holds).map(([, refusals]) => refusals));
}

const ofBodies = {
  400: 'A field is wrong; it is named',
  413: 'The body is too large',
  415: 'The body is of another content type',
};
const ofKeys = {
  401: 'The API key is missing or wrong',
  429: 'A limit of the key is reached',
  503: 'The queue or storage cannot be reached; nothing was accepted',
};

const refusal = (description: string, dialect: Dialect) => ({
  description,
  content: { 'application/json': { schema: { $ref: `#/components/schemas/${dialect}_error` } } },
});

function securityOf({ opens, dialect }: Operation): object[] {
  if (opens === 'admin') return [{ admin: [] }];
  if (opens !== 'key') return [];
  return [{ bearer: [] }, ...(dialect === 'gemini' ? [{ googleHeader: [] }, { googleQuery: [] }] : [])];
}

const parameter = (place: string, name: string, description: string, required = false) => ({
  in: place,
  name,
  required,
  schema: { type: 'string' },
  ...(description && { description }),
});

/** Answers are left open, since fields may be added to them; what a request may hold is said by its parser. */
function schemaOf(schema: z.ZodType, io: 'input' | 'output'): object {
  const made = z.toJSONSchema(schema, {
    io,
    unrepresentable: 'any',
    override: ({ jsonSchema }) => {
      if (io === 'output' && jsonSchema.additionalProperties === false) delete jsonSchema.additionalProperties;
      // What a number can hold at all says nothing, and makes examples of its ends.
      if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
      if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
    },
  });
  const { $schema: _dialect, ...rest } = made as Record<string, unknown>;
  return rest;
}
