import { z } from 'zod';

const clock = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'must be a time of day such as 22:00');

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

/** The hours of the day in which a batch may release lines; `from` after `to` goes over midnight. */
export const RunWindow = z.strictObject({
  from: clock,
  to: clock,
  time_zone: z.string().max(64).refine(isTimeZone, 'must be a time zone such as Europe/Berlin'),
});
export type RunWindow = z.infer<typeof RunWindow>;

const minuteMs = 60_000;
const minutesOfDay = 24 * 60;

/** Whether the window is open at a time. Where `from` is `to` it always is. @param now_ms ms since the epoch */
export function isOpen({ from, to, time_zone }: RunWindow, now_ms: number): boolean {
  const [begin, end, now] = [minutesOf(from), minutesOf(to), minuteOfDay(time_zone, now_ms)];
  if (begin === end) return true;
  return begin < end ? now >= begin && now < end : now >= begin || now < end;
}

/**
 * When the window opens next, by looking at every minute to come: a day may have 23 or 25 hours.
 * @returns ms since the epoch, `now_ms` itself when it is open
 */
export function opensAt(window: RunWindow, now_ms: number): number {
  if (isOpen(window, now_ms)) return now_ms;
  const first = Math.ceil((now_ms + 1) / minuteMs) * minuteMs;
  for (let i = 0; i < 2 * minutesOfDay; i++) {
    const at = first + i * minuteMs;
    if (isOpen(window, at)) return at;
  }
  return first;
}

const minutesOf = (time: string) => Number(time.slice(0, 2)) * 60 + Number(time.slice(3));

const formats = new Map<string, Intl.DateTimeFormat>();

function minuteOfDay(time_zone: string, at_ms: number): number {
  // Making one takes a hundred times as long as using it.
  const format =
    formats.get(time_zone) ??
    new Intl.DateTimeFormat('en-GB', { timeZone: time_zone, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
  formats.set(time_zone, format);
  return minutesOf(format.format(at_ms));
}
