import { stripVTControlCharacters, styleText } from 'node:util';

/** Pino's numbers. */
const levels: Readonly<Record<number, { word: string; style: Parameters<typeof styleText>[0] }>> = {
  10: { word: 'TRACE', style: 'gray' },
  20: { word: 'DEBUG', style: 'gray' },
  30: { word: 'INFO', style: 'green' },
  40: { word: 'WARN', style: 'yellow' },
  50: { word: 'ERROR', style: 'red' },
  60: { word: 'FATAL', style: 'red' },
};

const sources = ['cyan', 'magenta', 'blue', 'yellow'] as const;
const known = ['api', 'worker', 'simulator', 'redis'];

/** Wide enough for the longest name, `simulator`. */
const nameWidth = 9;

/** Printed of one value: a longer one hides the lines around it, and the whole stands in the child's own log. */
const longestValue = 500;

/** Said on every line by pino and of no use to a reader. */
const leftOut = new Set(['level', 'time', 'pid', 'hostname', 'msg', 'name', 'err', 'v']);

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not reach the terminal
const control = /[\u0000-\u001f\u007f-\u009f]/;

/**
 * One line of a child as a person reads it: `api       12:01:02 INFO  listening url=http://127.0.0.1:8080`.
 * A line that is neither pino's JSON nor Redis' own follows the name as it is. What could steer the terminal is taken out or escaped.
 */
export function formatLogLine(name: string, line: string, colour: boolean): string {
  const paint = (style: Parameters<typeof styleText>[0], text: string) =>
    colour ? styleText(style, text, { validateStream: false }) : text;
  const prefix = paint(sources[Math.max(0, known.indexOf(name))] ?? 'cyan', name.padEnd(nameWidth));
  const record = parse(line);
  if (!record) return `${prefix} ${plain(line)}`;
  const level = levels[record.level] ?? { word: String(record.level), style: 'gray' };
  const fields = Object.entries(record).filter(([field, value]) => !leftOut.has(field) && value !== undefined);
  const told = fields.map(([field, value]) => `${paint('dim', `${field}=`)}${show(value)}`);
  const head = [
    paint('dim', timeOf(record.time)),
    paint(level.style, level.word.padEnd(5)),
    plain(String(record.msg ?? '')),
  ];
  return [prefix, ...head, ...told].join(' ').trimEnd() + showError(record.err);
}

/** `10268:M 25 Nov 2026 03:06:44.122 # Server initialized`; `#` marks a warning. */
const redisLine = /^\d+:[XCSM] (\d+ \w+ \d+ [\d:]+)\.\d+ ([.\-*#]) (.*)$/;

interface PinoRecord {
  level: number;
  time: number | string;
  msg?: unknown;
  err?: unknown;
}

function parse(line: string): PinoRecord | undefined {
  const redis = redisLine.exec(line);
  if (redis) return { level: redis[2] === '#' ? 40 : 30, time: redis[1]!, msg: redis[3] };
  if (!line.startsWith('{')) return undefined;
  try {
    const record = JSON.parse(line) as PinoRecord;
    return typeof record.level === 'number' ? record : undefined;
  } catch {
    return undefined;
  }
}

function timeOf(time: number | string): string {
  const date = new Date(time);
  return Number.isNaN(date.getTime()) ? '--:--:--' : date.toTimeString().slice(0, 8);
}

function show(value: unknown): string {
  const bare = typeof value === 'string' && value !== '' && !/[\s"=]/.test(value) && !control.test(value);
  const text = bare ? value : escapeHigh(JSON.stringify(value));
  return text.length > longestValue ? `${text.slice(0, longestValue)}…` : text;
}

/** JSON leaves the control characters above 0x7f as they are, and terminals obey some of them. */
function escapeHigh(json: string): string {
  return json.replace(/[\u007f-\u009f]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

function plain(text: string): string {
  return stripVTControlCharacters(text).replaceAll(new RegExp(control, 'g'), ' ');
}

function showError(err: unknown): string {
  if (err === undefined || err === null) return '';
  const { message, stack } = err as { message?: unknown; stack?: unknown };
  const lines = typeof stack === 'string' ? stack.split('\n') : [String(message ?? JSON.stringify(err))];
  return lines.map((line) => `\n${' '.repeat(nameWidth + 1)}${plain(line)}`).join('');
}
