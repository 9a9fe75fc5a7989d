import type { Redis } from 'ioredis';
import { scriptNames } from './scriptNames.ts';

/** What was asked of Redis under one name: how often, and in how many commands, those within the script included. */
export type Asked = { calls: number; commands: number };

/** Listens to every command of a Redis by `MONITOR`, which slows it down: no time may be taken meanwhile. */
export async function watchCommands(redis: Redis) {
  const names = scriptNames();
  const asked = new Map<string, Asked>();
  let current: Asked | undefined;
  const monitor = await redis.monitor();
  monitor.on('monitor', (_time: string, [command, ...args]: [string, ...string[]], source: string) => {
    // Redis runs one script at a time: what scripts ask stands behind the line of their call.
    if (source === 'lua') {
      if (current) current.commands += 1;
      return;
    }
    const name = nameOf(command.toLowerCase(), args, names);
    current = asked.get(name) ?? { calls: 0, commands: 0 };
    asked.set(name, current);
    current.calls += 1;
    current.commands += 1;
  });
  return {
    asked,
    stop: () => monitor.disconnect(),
  };
}

function nameOf(command: string, args: readonly string[], names: ReadonlyMap<string, string>): string {
  if (command === 'evalsha') return names.get(args[0]!) ?? `a script (${args[0]!.slice(0, 8)})`;
  // A script that Redis does not know yet is sent whole, once.
  if (command === 'eval') return 'a script, for the first time';
  const key = (args[0] ?? '')
    .replace(/^\{[^}]*\}/, '')
    .replace(/task_[0-9a-z]{26}(-\d+)?/, '<id>')
    .replace(/:[0-9a-f-]{36}/, ':<id>');
  return `${command} ${key}`.trim();
}
