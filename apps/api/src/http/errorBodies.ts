import { type Problem, problems } from '@darkroom/shared/errors';

/** The dialects of the API. A request's path decides which one its errors speak. */
export type Dialect = 'native' | 'openai' | 'gemini';

type ErrorAnswer = { status: number; body: object };

/** Every dialect's error shape: a further dialect is one line here. */
export const errorAnswers: Record<Dialect, (problem: Problem) => ErrorAnswer> = {
  native: (p) => ({ status: p.status, body: { code: p.code, message: p.message, data: null, errors: p.fields } }),
  openai: (p) => {
    const { type, code, status } = { code: p.code, status: p.status, ...problems[p.code].openai };
    return { status, body: { error: { message: p.message, type, param: p.fields[0]?.field ?? null, code } } };
  },
  gemini: (p) => {
    const { status, http } = { http: p.status, ...problems[p.code].gemini };
    return { status: http, body: { error: { code: http, message: p.message, status, details: [] } } };
  },
};
