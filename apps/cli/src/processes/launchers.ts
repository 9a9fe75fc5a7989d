import { readFileSync } from 'node:fs';
import type { Clock } from './clock.ts';

/** A process and the parent it has. */
export interface Link {
  pid: number;
  parent: number;
}

/** What is known of a process; undefined where there is none, or no /proc to ask. */
export type LookUp = (pid: number) => { parent: number; commandLine: string } | undefined;

/** Between two looks, in ms. Each costs some five reads of /proc; who killed npx waits that much longer for the end. */
const look_ms = 500;

const packageTool = /(^|[\s/])(npm|npx|pnpm|pnpx)([\s.]|$)/;
const shell = /(^|\/)(sh|dash|bash)(\s|$)/;

/**
 * The chain from this process up to the npx or pnpm that it was started through, the shells between them included.
 * Empty where it was started by neither.
 */
export function launchersOf(pid: number, lookUp: LookUp): Link[] {
  const chain: Link[] = [];
  let known = 0;
  for (let child = pid; ; ) {
    const parent = lookUp(child)?.parent;
    const commandLine = parent && lookUp(parent)?.commandLine;
    if (!parent || !commandLine) break;
    const isTool = packageTool.test(commandLine);
    if (!isTool && !shell.test(commandLine)) break;
    chain.push({ pid: child, parent });
    // A shell above the last tool is the person's own, and none of ours to watch.
    if (isTool) known = chain.length;
    child = parent;
  }
  return chain.slice(0, known);
}

/**
 * Calls `act` once when an npx or pnpm that this process was started through is gone: killed, they do not pass the
 * signal on, and whoever killed them meant the product, which would go on unseen. @returns what ends the watch
 */
export function whenLaunchersGone(clock: Clock, act: () => void, lookUp: LookUp = lookUpProcess): () => void {
  const chain = launchersOf(process.pid, lookUp);
  let takeBack = () => {};
  const look = () => {
    // Whose parent dies gets another one at once, even while the dead one still waits to be reaped.
    if (chain.some(({ pid, parent }) => lookUp(pid)?.parent !== parent)) act();
    else takeBack = clock.after(look_ms, look);
  };
  if (chain.length > 0) takeBack = clock.after(look_ms, look);
  return () => takeBack();
}

const lookUpProcess: LookUp = (pid) => {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The second field is the program's name in brackets and may hold spaces; the fourth is the parent.
    const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
    return { parent, commandLine: readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').slice(0, 200) };
  } catch {
    return undefined;
  }
};
