import { type ChildProcess, spawn } from 'node:child_process';
import type { ProcessSpec } from './supervise.ts';

/**
 * Starts a child in a process group of its own: a Ctrl-C in the terminal reaches only the supervisor, which then ends
 * its children in their order; Redis would otherwise go first.
 */
export function spawnProcess({ command, args, env, channel }: ProcessSpec): ChildProcess {
  return spawn(command, args, {
    env,
    detached: true,
    stdio: channel ? ['ignore', 'pipe', 'pipe', 'ipc'] : ['ignore', 'pipe', 'pipe'],
  });
}
