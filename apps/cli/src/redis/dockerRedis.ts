import { createHash } from 'node:crypto';
import type { RunToEnd } from '../processes/runToEnd.ts';
import { redisCommand } from './redisCommand.ts';

/** The same major as in docker-compose.yml. */
const image = 'redis:7.4-alpine';

/** Whether a Docker engine answers here. */
export async function dockerAnswers(
  run: RunToEnd,
  env: Readonly<Record<string, string | undefined>>,
): Promise<boolean> {
  // The engine is somebody else's program: one that hangs must not hang the start.
  const signal = AbortSignal.timeout(10_000);
  return (await run('docker', ['version', '--format', '{{.Server.Version}}'], { env, signal })) === 0;
}

export interface DockerRedis {
  command: string;
  args: string[];
  /** Its container, to be removed before a start: one that outlived its `docker run` would hold port and folder. */
  container: string;
}

/**
 * The command line of one Redis in a container, reachable on loopback only, its data in `dir` of this machine and
 * written as this user, so that the folder stays removable.
 */
export function dockerRedisCommand(place: {
  port: number;
  dir: string;
  user: string | undefined;
  args?: readonly string[];
}): DockerRedis {
  const container = `darkroom-redis-${createHash('sha256').update(place.dir).digest('hex').slice(0, 12)}`;
  const inside = redisCommand({ binary: 'redis-server', host: '0.0.0.0', port: 6379, dir: '/data', args: place.args });
  const user = place.user ? ['--user', place.user] : [];
  const outside = [
    '--rm',
    '--name',
    container,
    '-p',
    `127.0.0.1:${place.port}:6379`,
    '-v',
    `${place.dir}:/data`,
    ...user,
  ];
  // `--protected-mode no`: the container's own loopback is not where its client comes from.
  const line = [inside.command, ...inside.args, '--protected-mode', 'no'];
  return { command: 'docker', args: ['run', ...outside, image, ...line], container };
}
