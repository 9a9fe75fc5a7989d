import {
  connectRedis,
  type RedisClient,
  RedisRefused,
  type RedisSettings,
  readDurability,
  readNodes,
  type TrustSettings,
  trustRedis,
} from '@darkroom/shared/redis';
import { type Finding, fail, ok, warn } from './report.ts';

/** A Redis that is not ready by then is away, or loads for long. */
const connectMs = 5000;

/** From here on a create is refused as too late: the API gives it 2 s by the clock of Redis. */
const skewMaxMs = 2000;
const skewWarnMs = 500;

/** Says what this Redis would lose and when, and whether its clock agrees with ours. */
export async function checkRedis(settings: RedisSettings, trust: TrustSettings): Promise<Finding[]> {
  let redis: RedisClient;
  try {
    redis = await connectRedis(settings, 'answer_now', () => undefined, connectMs);
  } catch (error) {
    return [fail(`It does not answer: ${(error as Error).message}.`)];
  }
  try {
    const versions = new Set((await readNodes(redis)).map(({ version }) => version));
    return [
      ok(`It answers; version ${[...versions].join(', ')}.`),
      ...(await judged(redis, trust)),
      await clock(redis),
    ];
  } catch (error) {
    return [fail(`It cannot be read: ${(error as Error).message}.`)];
  } finally {
    redis.disconnect();
  }
}

async function judged(redis: RedisClient, trust: TrustSettings): Promise<Finding[]> {
  const { losses, warnings, durable } = await readDurability(redis);
  const findings = [...losses.map((loss) => (durable ? ok(loss) : warn(loss))), ...warnings.map(warn)];
  try {
    await trustRedis(redis, trust);
    return findings;
  } catch (error) {
    if (!(error instanceof RedisRefused)) throw error;
    return [...findings, fail(`API and worker refuse to start: ${error.message}`)];
  }
}

async function clock(redis: RedisClient): Promise<Finding> {
  const before = Date.now();
  const [seconds, micros] = await redis.time();
  const here = (before + Date.now()) / 2;
  const skew = Math.round(Number(seconds) * 1000 + Number(micros) / 1000 - here);
  const says = `Its clock is ${Math.abs(skew)} ms ${skew < 0 ? 'behind' : 'ahead of'} this machine's`;
  if (Math.abs(skew) >= skewMaxMs) return fail(`${says}: set both by NTP, or tasks are refused as too late.`);
  return Math.abs(skew) >= skewWarnMs ? warn(`${says}: set both by NTP.`) : ok(`${says}.`);
}
