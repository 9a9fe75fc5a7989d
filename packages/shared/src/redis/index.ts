export { connectRedis, type Patience, type RedisClient, type RedisSettings, readRedisSettings } from './connect.ts';
export { type KeyNames, keyNames, shardCount } from './keys.ts';
export { type ScriptAnswer, script, UnknownScriptAnswer } from './script.ts';
export { type Subscription, subscribeSharded } from './subscribe.ts';
export { isRedisUnavailable } from './unavailable.ts';
