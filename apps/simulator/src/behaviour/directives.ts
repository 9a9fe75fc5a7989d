import { either, matching, oneOf, type ValueKind, wholeNumber } from './values.ts';

export type Directive<T extends string | number> = { value: ValueKind<T>; standard: T; about: string };

const directive = <T extends string | number>(value: ValueKind<T>, standard: NoInfer<T>, about: string) =>
  ({ value, standard, about }) satisfies Directive<T>;

const slow = matching<`slow:${number}`>('slow:<ms>', /^slow:\d{1,9}$/);
const duration = matching<`fixed:${number}` | `lognormal:${number}:${number}`>(
  'fixed:<ms>, lognormal:<median ms>:<sigma>',
  /^(fixed:\d{1,9}|lognormal:\d{1,9}:\d{1,2}(\.\d{1,6})?)$/,
);
const errorWord = matching<string>('<code>', /^[A-Za-z0-9_.-]{1,64}$/);

/** Everything the simulator can be told to do. The README's table is held equal to this one by a test. */
export const directives = {
  duration: directive(
    either(wholeNumber('<ms>'), duration),
    'fixed:100',
    'How long a task takes, drawn when it is accepted.',
  ),
  progress: directive(
    oneOf('on', 'off', 'stuck'),
    'on',
    'Percentage that moves, none at all, or one that stays at 35%.',
  ),
  notfound: directive(wholeNumber('<ms>'), 0, 'The query says not-found for so long after the task was accepted.'),
  submit: directive(
    either(
      oneOf(
        ...(['ok', '400', '401', '402', '403', '404', '413', '422', '429', '500', '502', '503', '500html'] as const),
        ...(['hang', 'hang_after', 'reset_before', 'reset_after', 'empty2xx', 'garbage2xx', 'error2xx'] as const),
      ),
      slow,
    ),
    'ok',
    'Fault of the submission. `…_after`, `empty2xx`, `garbage2xx` and `slow` accept the task first; the others do not.',
  ),
  times: directive(
    wholeNumber('<count>'),
    0,
    '`submit` strikes only the first so many submissions of a prompt; 0: all.',
  ),
  submit_code: directive(errorWord, 'default', 'The error code in the body of a refusal that `submit` plays.'),
  retry_after: directive(
    either(
      oneOf('none'),
      either(wholeNumber('<seconds>'), matching<`date:${number}`>('date:<seconds>', /^date:\d{1,9}$/)),
    ),
    'none',
    '`Retry-After` on a played 429 or 503, as seconds or as an HTTP date so many seconds ahead.',
  ),
  poll: directive(
    either(
      oneOf(
        ...(['ok', '401', '403', '429', '500', '502', '503', '500html', 'html', 'garbage', 'hang', 'reset'] as const),
        ...(['forgets', 'backwards', 'endless'] as const),
      ),
      slow,
    ),
    'ok',
    'Fault of the query. `forgets`: not-found; `backwards`: running and queued in turns; `endless`: body without end.',
  ),
  poll_times: directive(wholeNumber('<count>'), 0, '`poll` strikes only so many queries of a task; 0: all.'),
  after: directive(wholeNumber('<polls>'), 0, '`poll` leaves the first so many queries of a task alone.'),
  fail: directive(
    errorWord,
    'none',
    'The task ends failed with this error code, e.g. content_policy or internal_error.',
  ),
  fail_times: directive(wholeNumber('<count>'), 0, '`fail` strikes only the first so many tasks of a prompt; 0: all.'),
  fail_status: directive(errorWord, 'default', 'The status word of a failed task, e.g. expired or timeout.'),
  error_shape: directive(
    oneOf('object', 'string'),
    'object',
    'A failed task’s `error`: `{code, message}`, or one string.',
  ),
  error_body: directive(
    oneOf('code', 'openai'),
    'code',
    'Bodies outside 2xx: `{code, message, data}`, or OpenAI’s `{error: {…}}`.',
  ),
  status_words: directive(
    oneOf('a', 'b', 'c', 'd', 'e', 'f', 'unknown'),
    'a',
    'Vocabulary of `status`, see below; `unknown` has words nobody has heard of before the end.',
  ),
  envelope: directive(
    oneOf('full', 'flat', 'data.id', 'id'),
    'full',
    '`{code, message, data: {…}}`, or its `data` at the top; the id of the submission’s answer as `data.id` or `id`.',
  ),
  shape: directive(
    oneOf(
      ...(['result_url', 'result_urls', 'results', 'data_images', 'metadata', 'array', 'comma'] as const),
      ...(['b64_json', 'data_uri', 'none'] as const),
    ),
    'result_url',
    'Where the query shows the pictures, see below. `none`: succeeded, and no picture anywhere.',
  ),
  expire: directive(
    wholeNumber('<ms>'),
    0,
    'A result URL answers 403 so long after the query that issued it; 0: never.',
  ),
  n: directive(
    oneOf('honoured', 'ignored', 'refused'),
    'honoured',
    'What becomes of `n`: obeyed, always one picture, or 400 above 1.',
  ),
  download: directive(
    either(
      oneOf(
        ...(['ok', '403', '404', '500', '503', 'truncated', 'wrong_type', 'garbage', 'empty', 'endless'] as const),
        ...(['redirect', 'reset', 'hang', 'gzip'] as const),
      ),
      either(slow, matching<`redirect:${string}`>('redirect:<url>', /^redirect:https?:\/\/[^\s\]]{1,500}$/)),
    ),
    'ok',
    'Fault of the result file. `redirect` leads to the picture; `slow` stops half way; `gzip` compresses unasked.',
  ),
  download_times: directive(
    wholeNumber('<count>'),
    0,
    '`download` strikes only the first so many downloads of a picture; 0: all.',
  ),
  accept_key: directive(
    oneOf('on', 'off'),
    'on',
    'Whether a repeated `Idempotency-Key` is answered with the task it made before.',
  ),
};

export type DirectiveName = keyof typeof directives;

/** What the simulator does, all of it: one value per directive. */
export type Behaviour = {
  [Name in DirectiveName]: (typeof directives)[Name] extends Directive<infer T> ? T : never;
};

export const directiveNames = Object.keys(directives) as DirectiveName[];

/** The behaviour of an upstream without faults. */
export function standardBehaviour(): Behaviour {
  return Object.fromEntries(directiveNames.map((name) => [name, directives[name].standard])) as Behaviour;
}
