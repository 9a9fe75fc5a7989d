import type { Problem, TaskFailed } from '../errors/index.ts';

/** The dialects of the API. A request's path decides which one its errors speak. */
export type Dialect = 'native' | 'openai' | 'gemini';

type ErrorAnswer = { status: number; body: object };

/** Every dialect's error shape: a further dialect is one line here. */
export const errorAnswers: Record<Dialect, (problem: Problem | TaskFailed) => ErrorAnswer> = {
  native: ({ code, message, fields, kind }) => ({
    status: kind.status,
    body: { code, message, data: null, errors: fields },
  }),
  openai: ({ message, fields, kind, ...p }) => {
    const { type, code, status } = { code: p.code, status: kind.status, ...kind.openai };
    return { status, body: { error: { message, type, param: fields[0]?.field ?? null, code } } };
  },
  gemini: ({ message, kind }) => {
    const { status, http } = { http: kind.status, ...kind.gemini };
    return { status: http, body: { error: { code: http, message, status, details: [] } } };
  },
};
