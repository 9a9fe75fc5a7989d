import type { House } from '../house/house.ts';
import type { StepWatch } from './steps.ts';

/** Nothing moves for so long: something waits for what will never come. */
const stuckMs = 60_000;

/**
 * Notices when nothing moves any more: no task begins, ends or is submitted, while one is open or somebody waits for one.
 * @param isAwaited  whether a client still waits
 */
export function watchStuck(house: House, watch: StepWatch, isAwaited: () => boolean) {
  let last = '';
  let since = Date.now();
  const found = Promise.withResolvers<undefined>();
  let stuck = false;
  const declare = () => {
    stuck = true;
    clearInterval(timer);
    found.resolve(undefined);
  };
  const timer = setInterval(async () => {
    const open = await watch.openIds().catch(() => undefined);
    const now = `${open?.length} ${house.upstream.submissions().length} ${house.upstream.tasks().length}`;
    if (now !== last) since = Date.now();
    last = now;
    if (open?.length === 0 && !isAwaited()) since = Date.now();
    if (Date.now() - since >= stuckMs) declare();
  }, 1000);
  timer.unref();
  return {
    isStuck: () => stuck,
    whenStuck: () => found.promise,
    /** says so for what this cannot see */
    declare,
    /** what is still open: records, jobs, locks and processes */
    async dump(): Promise<string> {
      const { admin } = house.redis.main;
      const lines: string[] = [];
      for (const id of (await watch.openIds()).slice(0, 20)) {
        const [record] = await admin.keys(`*:task:${id}`);
        lines.push(`${id} ${JSON.stringify(record ? await admin.hgetall(record) : null)}`);
      }
      const jobs = [...(await admin.keys('*:generation.*:*')), ...(await admin.keys('*:deliveries:*'))];
      for (const key of jobs.filter((name) => /:(active|wait|prioritized|delayed|paused|meta)$/.test(name))) {
        const type = await admin.type(key);
        const members =
          type === 'list'
            ? await admin.lrange(key, 0, 20)
            : type === 'zset'
              ? await admin.zrange(key, '0', '20')
              : await admin.hgetall(key);
        lines.push(`${key} ${JSON.stringify(members)}`);
      }
      lines.push(`locks ${JSON.stringify(jobs.filter((name) => name.endsWith(':lock')).slice(0, 50))}`);
      for (const slot of [...house.apis, ...house.workers]) {
        const { pid, lines: said } = slot.process();
        lines.push(`${slot.name} pid ${pid}, started ${slot.starts()} times, last said: ${said.slice(-3).join(' | ')}`);
      }
      return lines.join('\n');
    },
  };
}
