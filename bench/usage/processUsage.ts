import { readdirSync, readFileSync } from 'node:fs';

/** Clock ticks a second in /proc: 100 on every Linux that Node runs on. */
const ticksPerSecond = 100;

/**
 * Time on the processor of processes, and of their children that have ended.
 * @param withChildren  also of children that run: PostgreSQL has one for every connection
 * @returns seconds
 */
export function cpuSeconds(pids: readonly number[], withChildren = false): number {
  const all = withChildren ? [...pids, ...childrenOf(pids)] : pids;
  return all.reduce((sum, pid) => sum + ticksOf(pid), 0) / ticksPerSecond;
}

/** Most memory that a process ever had resident, MB. */
export function peakMegabytes(pid: number): number {
  return Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024;
}

/** Memory that a process has resident, MB. */
export function megabytes(pid: number): number {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024;
}

/** utime, stime, and cutime, cstime of the children that were waited for. */
function ticksOf(pid: number): number {
  const fields = statOf(pid);
  return fields ? fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0) : 0;
}

function childrenOf(pids: readonly number[]): number[] {
  const running = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return running.map(Number).filter((pid) => pids.includes(Number(statOf(pid)?.[1])));
}

/** The fields of /proc/<pid>/stat behind the name, which may hold spaces: the state first, then the parent. */
function statOf(pid: number): string[] | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  } catch {
    return undefined;
  }
}
