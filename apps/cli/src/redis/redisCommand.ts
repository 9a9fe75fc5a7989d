/** What a Redis of ours is started with. */
export interface RedisPlace {
  /** The server program, e.g. `/usr/bin/redis-server`. */
  binary: string;
  host: string;
  port: number;
  /** Folder of its append-only file; absolute, and used by no other Redis. */
  dir: string;
  /** Further arguments; later ones win over ours. */
  args?: readonly string[];
}

/**
 * What a Redis of ours runs with: every write in the append-only file, synced each second, nothing evicted; and a record
 * whose prompt or history is longer than 64 bytes still stands in one piece, which takes half the memory.
 */
const ways = [
  '--appendonly',
  'yes',
  '--appendfsync',
  'everysec',
  '--maxmemory-policy',
  'noeviction',
  '--save',
  '',
  '--hash-max-listpack-value',
  '2048',
];

/**
 * The command line of one Redis on `host:port` with its data in `dir`.
 * Kept apart from starting it, so that a supervisor starts the very same line again.
 */
export function redisCommand({ binary, host, port, dir, args = [] }: RedisPlace): { command: string; args: string[] } {
  const place = ['--port', String(port), '--bind', host, '--dir', dir];
  return { command: binary, args: [...place, ...ways, ...args] };
}
