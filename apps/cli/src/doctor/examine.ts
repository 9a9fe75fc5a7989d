import type { Environment } from '../start/environment.ts';
import { checkChannel } from './checkChannel.ts';
import { checkRedis } from './checkRedis.ts';
import { checkStorage } from './checkStorage.ts';
import { readEnvironment, type Whose } from './readEnvironment.ts';
import { fail, ok, type Section } from './report.ts';

/** Looks at everything that Darkroom would stand on with this environment. Nothing in it is changed. */
export async function examine(env: Environment, whose: Whose): Promise<Section[]> {
  const { faults, checkable } = readEnvironment(env, whose);
  if (faults.length > 0) {
    const skipped = fail('Redis, storage and channels are looked at once these are mended.');
    return [{ title: 'Configuration', findings: [...faults.map(fail), skipped] }];
  }
  const { redis, trust, storage, catalogue } = checkable;
  const [redisFindings, storageFindings, ...channels] = await Promise.all([
    checkRedis(redis, trust),
    checkStorage(storage),
    ...catalogue.channels.map(async (channel): Promise<Section> => {
      return { title: `Channel ${channel.id}`, findings: [await checkChannel(channel)] };
    }),
  ]);
  return [
    { title: 'Configuration', findings: [ok('All that is set can be used.')] },
    { title: 'Redis', findings: redisFindings },
    { title: 'Storage', findings: storageFindings },
    ...channels,
  ];
}
