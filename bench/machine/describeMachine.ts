import { readFileSync } from 'node:fs';
import { cpus, loadavg, release, totalmem } from 'node:os';

/** Where and with what something was measured. */
export type Machine = {
  cores: number;
  cpu: string;
  memory_gb: number;
  kernel: string;
  versions: Record<string, string>;
};

const packages = ['bullmq', 'ioredis', 'pg-boss', 'graphile-worker', '@dbos-inc/dbos-sdk', 'express'] as const;

/** @param stores  versions of the servers that are used, by name */
export function describeMachine(stores: Record<string, string>): Machine {
  const versions = Object.fromEntries(packages.map((name) => [name, versionOf(name)]));
  return {
    cores: cpus().length,
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    memory_gb: Math.round(totalmem() / 2 ** 30),
    kernel: release(),
    versions: { Node: process.version, ...stores, ...versions },
  };
}

/** Work of others that ran beside: processes that wanted a core, mean of the last minute. */
export const loadNow = (): number => loadavg()[0]!;

function versionOf(name: string): string {
  const manifest = readFileSync(new URL(`../node_modules/${name}/package.json`, import.meta.url), 'utf8');
  return JSON.parse(manifest).version;
}
