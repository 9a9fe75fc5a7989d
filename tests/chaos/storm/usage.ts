import { readdirSync, readFileSync } from 'node:fs';
import type { House } from '../house/house.ts';

type Sample = { at: number; process: string; starts: number; rss_mb: number; descriptors: number };

/** Looks at what processes use this often. */
const everyMs = 2000;

/** Watches memory, descriptors and connections, to tell whether they grow without end. */
export function watchUsage(house: House) {
  const samples: Sample[] = [];
  const redis: { at: number; used_mb: number; clients: number }[] = [];
  const timer = setInterval(async () => {
    const at = house.history.now();
    for (const slot of [...house.apis, ...house.workers]) {
      try {
        const { pid } = slot.process();
        const rss = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
        const descriptors = readdirSync(`/proc/${pid}/fd`).length;
        samples.push({ at, process: slot.name, starts: slot.starts(), rss_mb: Number(rss![1]) / 1024, descriptors });
      } catch {
        // It has just ended.
      }
    }
    const info = await house.redis.main.admin.info().catch(() => '');
    const number = (name: string) => Number(new RegExp(`${name}:(\\d+)`).exec(info)?.[1] ?? 0);
    if (info) redis.push({ at, used_mb: number('used_memory') / 2 ** 20, clients: number('connected_clients') });
  }, everyMs);
  return {
    stop: () => clearInterval(timer),
    /** the last two thirds against each other: medians of the middle third and of the last */
    report(): string[] {
      const end = samples.at(-1)?.at ?? 0;
      const third = <T extends { at: number }>(all: readonly T[], from: number) =>
        all.filter(({ at }) => at >= (end * from) / 3 && at < (end * (from + 1)) / 3);
      const line = (name: string, of: (from: number) => number[], unit: string) =>
        `${name}: ${median(of(1)).toFixed(0)} ${unit} in the middle third, ${median(of(2)).toFixed(0)} in the last`;
      const names = [...new Set(samples.map(({ process }) => process))];
      return [
        ...names.flatMap((name) => {
          const own = samples.filter(({ process }) => process === name);
          return [
            line(`${name} memory`, (from) => third(own, from).map(({ rss_mb }) => rss_mb), 'MB'),
            line(`${name} descriptors`, (from) => third(own, from).map(({ descriptors }) => descriptors), ''),
          ];
        }),
        line('Redis memory', (from) => third(redis, from).map(({ used_mb }) => used_mb), 'MB'),
        line('Redis connections', (from) => third(redis, from).map(({ clients }) => clients), ''),
      ];
    },
  };
}

function median(numbers: number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}
