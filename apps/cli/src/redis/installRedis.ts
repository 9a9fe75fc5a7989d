import { existsSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import type { RunToEnd } from '../processes/runToEnd.ts';

/** Debian's packages ask this program whether they may start a service; 101 means no. */
const policyFile = '/usr/sbin/policy-rc.d';

export interface InstallDeps {
  run: RunToEnd;
  /** Takes one line for the person at the terminal. */
  say: (line: string) => void;
  /** The installer's variables: apt needs PATH, and proxies where there are some. */
  env: Readonly<Record<string, string | undefined>>;
}

/** Whether a Redis can be installed here without asking: Debian or Ubuntu (apt-get is there), as root. */
export function canInstallRedis({ isRoot }: { isRoot: boolean }): boolean {
  return isRoot && existsSync('/usr/bin/apt-get');
}

/**
 * Installs the package redis-server by apt, without its service: Debian would start one on port 6379, which is not
 * ours to have, so a temporary policy-rc.d forbids it and, under systemd, it is disabled.
 * @returns undefined when it is installed; else why not
 */
export async function installRedis({ run, say, env }: InstallDeps): Promise<string | undefined> {
  say('installing redis-server by apt (its own service on port 6379 is kept from starting)');
  const quiet = { env: { ...env, DEBIAN_FRONTEND: 'noninteractive' }, onLine: (line: string) => say(`apt: ${line}`) };
  const policyIsOurs = await forbidServices();
  try {
    // A stale mirror list fails here and the package may still install from what is known: the install decides.
    await run('apt-get', ['update', '-q'], quiet);
    const code = await run('apt-get', ['install', '-y', '-q', '--no-install-recommends', 'redis-server'], quiet);
    if (code !== 0) return `apt-get install redis-server ended with ${code}`;
    if (existsSync('/run/systemd/system')) await run('systemctl', ['disable', '--now', 'redis-server'], quiet);
    return undefined;
  } finally {
    if (policyIsOurs) await rm(policyFile, { force: true });
  }
}

/** @returns false where a policy exists already: containers come with one that forbids services too */
async function forbidServices(): Promise<boolean> {
  try {
    await writeFile(policyFile, '#!/bin/sh\nexit 101\n', { mode: 0o755, flag: 'wx' });
    return true;
  } catch {
    return false;
  }
}
