import { z } from 'zod';
import { InvariantBroken } from '../errors/index.ts';
import { changeRecord } from '../redis/index.ts';
import { jsonOfPairs, type Records } from '../tasks/index.ts';
import { type EndpointId, newEndpointId } from './ids.ts';
import { newSecret, type Seal } from './secrets.ts';

/** How long the old secret signs beside the new one after a rotation. */
export const bothSecretsMs = 24 * 3_600_000;

const json = <T extends z.ZodType>(inner: T) => z.preprocess((text) => JSON.parse(String(text)), inner);
const ms = z.coerce.number().int().optional();

const EndpointShape = z.object({
  id: z.string(),
  key_id: z.string(),
  url: z.string(),
  events: json(z.array(z.string())).optional(),
  enabled: z.enum(['0', '1']).transform((flag) => flag === '1'),
  disabled_reason: z.string().optional(),
  created_at_ms: z.coerce.number().int(),
  /** sealed; the one before it signs beside it for a day */
  secret: z.string(),
  old_secret: z.string().optional(),
  rotated_at_ms: ms,
  /** since when every delivery has failed */
  failing_since_ms: ms,
  /** failures since the begin of the day that began with the first of them */
  day_began_ms: ms,
  day_failures: z.coerce.number().int().default(0),
});

/** A registered receiver, as its record says. */
export type Endpoint = z.infer<typeof EndpointShape>;

/** More than this many a key has no use for: every event would be sent to each. */
export const endpointsMax = 50;

export type NewEndpoint = { url: string; events: string[] | null };

/** Registers a receiver. @returns it, and its secret, which is told only now */
export async function createEndpoint(
  { redis, keys }: Records,
  keyId: string,
  { url, events }: NewEndpoint,
  { seal, now_ms }: { seal: Seal; now_ms: number },
): Promise<{ endpoint: Endpoint; secret: string }> {
  const id = newEndpointId();
  const secret = newSecret();
  const fields = {
    id,
    key_id: keyId,
    url,
    events: events ?? undefined,
    enabled: true,
    created_at_ms: now_ms,
    secret: seal.close(secret),
  };
  await redis.hset(keys.endpoint(keyId, id), ...(JSON.parse(jsonOfPairs(fields)) as string[]));
  await redis.zadd(keys.endpointsOf(keyId), now_ms, id);
  return { endpoint: (await readEndpoint({ redis, keys }, keyId, id))!, secret };
}

/** @returns undefined when this key has no such endpoint */
export async function readEndpoint(
  { redis, keys }: Records,
  keyId: string,
  id: EndpointId,
): Promise<Endpoint | undefined> {
  const hash = await redis.hgetall(keys.endpoint(keyId, id));
  if (Object.keys(hash).length === 0) return undefined;
  const parsed = EndpointShape.safeParse(hash);
  if (!parsed.success)
    throw new InvariantBroken(`an endpoint's record cannot be read: ${z.prettifyError(parsed.error)}`);
  return parsed.data;
}

/** A key's endpoints, oldest first. */
export async function listEndpoints(records: Records, keyId: string): Promise<Endpoint[]> {
  const ids = await records.redis.zrange(records.keys.endpointsOf(keyId), '0', String(endpointsMax - 1));
  const found = await Promise.all(ids.map((id) => readEndpoint(records, keyId, id as EndpointId)));
  return found.filter((endpoint) => endpoint !== undefined);
}

export type EndpointChange = { url?: string; events?: string[] | null; enabled?: boolean };

/** What is noted of an endpoint's failures. */
export const failureFields = ['failing_since_ms', 'day_began_ms', 'day_failures'] as const;

/** Changes a receiver. Enabled again, it begins without its failures. */
export async function changeEndpoint({ redis, keys }: Records, { key_id, id }: Endpoint, change: EndpointChange) {
  const { url, events, enabled } = change;
  const disabled_reason = enabled === false ? 'disabled by its owner' : undefined;
  const fields = jsonOfPairs({ url, events: events ?? undefined, enabled, disabled_reason });
  const dropped = [...(events === null ? ['events'] : []), ...(enabled ? ['disabled_reason', ...failureFields] : [])];
  await changeRecord(redis, keys.endpoint(key_id, id), { fields, dropped });
}

export async function removeEndpoint({ redis, keys }: Records, { key_id, id }: Endpoint): Promise<void> {
  await redis.del(keys.endpoint(key_id, id));
  await redis.zrem(keys.endpointsOf(key_id), id);
}

/** Gives a receiver a new secret; the old one signs beside it for a day. @returns the new one, told only now */
export async function rotateSecret(
  { redis, keys }: Records,
  endpoint: Endpoint,
  { seal, now_ms }: { seal: Seal; now_ms: number },
) {
  const secret = newSecret();
  const fields = jsonOfPairs({ secret: seal.close(secret), old_secret: endpoint.secret, rotated_at_ms: now_ms });
  await changeRecord(redis, keys.endpoint(endpoint.key_id, endpoint.id), { fields });
  return secret;
}

/** The secrets that sign now. */
export function secretsOf(
  endpoint: Pick<Endpoint, 'secret' | 'old_secret' | 'rotated_at_ms'>,
  seal: Seal,
  now_ms: number,
): string[] {
  const { secret, old_secret, rotated_at_ms = 0 } = endpoint;
  const both = old_secret !== undefined && now_ms - rotated_at_ms < bothSecretsMs;
  return [secret, ...(both ? [old_secret] : [])].map((sealed) => seal.open(sealed));
}

/** An API key's own secret, which signs what is sent to a request's `webhook_url`; made when it is first asked for. */
export async function keySecretOf(
  { redis, keys }: Records,
  keyId: string,
  seal: Seal,
): Promise<Pick<Endpoint, 'secret' | 'old_secret' | 'rotated_at_ms'>> {
  const key = keys.keySecret(keyId);
  await redis.hsetnx(key, 'secret', seal.close(newSecret()));
  const { secret, old_secret, rotated_at_ms } = await redis.hgetall(key);
  return {
    secret: secret!,
    old_secret,
    rotated_at_ms: rotated_at_ms === undefined ? undefined : Number(rotated_at_ms),
  };
}

/** Gives an API key a new secret of its own. @returns it, told only now and by the query */
export async function rotateKeySecret(
  records: Records,
  keyId: string,
  { seal, now_ms }: { seal: Seal; now_ms: number },
) {
  const { secret: old_secret } = await keySecretOf(records, keyId, seal);
  const secret = newSecret();
  await records.redis.hset(records.keys.keySecret(keyId), {
    secret: seal.close(secret),
    old_secret,
    rotated_at_ms: now_ms,
  });
  return secret;
}

/** An endpoint as its owner sees it. `secret` is there only when it was just made. */
export const publicEndpoint = (endpoint: Endpoint, secret?: string) => ({
  id: endpoint.id,
  url: endpoint.url,
  events: endpoint.events ?? null,
  enabled: endpoint.enabled,
  disabled_reason: endpoint.disabled_reason ?? null,
  created_at: new Date(endpoint.created_at_ms).toISOString(),
  ...(secret === undefined ? {} : { secret }),
});
