import type { Dialect } from '@darkroom/shared/dialects';
import { z } from 'zod';
import { errorShapes } from './answers.ts';
import { batchOperations } from './batchOperations.ts';
import { geminiOperations } from './geminiOperations.ts';
import { imageOperations } from './imageOperations.ts';
import type { Operation } from './operation.ts';
import { operatorOperations } from './operatorOperations.ts';
import { taskOperations } from './taskOperations.ts';

/** Every route but those of Bull Board, of the document itself and of its page. */
export const operations: readonly Operation[] = [
  ...taskOperations,
  ...imageOperations,
  ...geminiOperations,
  ...batchOperations,
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
  const { tag, summary, body, path } = operation;
  return {
    operationId: operationIdOf(operation),
    tags: [tag],
    summary,
    security: securityOf(operation),
    parameters: [
      ...[...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => parameter('path', name!, '', true)),
      ...Object.entries(operation.query ?? {}).map(([name, says]) => parameter('query', name, says)),
      ...Object.entries(operation.headers ?? {}).map(([name, says]) => parameter('header', name, says)),
    ],
    ...(body && { requestBody: { required: true, content: contentOf(body) } }),
    responses: responsesOf(operation),
  };
}

const operationIdOf = ({ method, path }: Operation) =>
  `${method}${path.replace(/[^A-Za-z0-9]+(\w)?/g, (_, letter?: string) => letter?.toUpperCase() ?? '')}`;

function contentOf({ schema, example, media = undefined }: NonNullable<Operation['body']>): object {
  return { [media ?? 'application/json']: { schema: schemaOf(schema, 'input'), example } };
}

function responsesOf({ answers, refusals = {}, dialect, opens, path, body }: Operation): object {
  const good = Object.entries(answers).map(([status, { says, schema, media = 'application/json' }]) => {
    const content = { [media]: schema ? { schema: schemaOf(schema, 'output') } : {} };
    return [status, { description: says, content }];
  });
  const usual: Record<number, string | undefined> = {
    ...(body && { 400: 'A field is wrong; it is named' }),
    ...(opens === 'key' && { 401: 'The API key is missing or wrong', 429: 'A limit of the key is reached' }),
    ...(opens === 'admin' && { 401: 'The password is missing or wrong' }),
    ...(/\{\w+_id\}|\{model\}|\{name\}|\{id\}/.test(path) && { 404: 'There is none, or it is another key’s' }),
    ...(opens === 'key' && { 503: 'The queue or storage cannot be reached; nothing was accepted' }),
    ...refusals,
  };
  const bad = Object.entries(usual).map(([status, says = 'Refused']) => [status, refusal(says, dialect)]);
  return Object.fromEntries([...good, ...bad]);
}

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

function schemaOf(schema: z.ZodType, io: 'input' | 'output'): object {
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: 'any' }) as Record<
    string,
    unknown
  >;
  return rest;
}
