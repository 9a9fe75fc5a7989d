export { changeRecord } from './changeRecord.ts';
export {
  connectRedis,
  type Patience,
  type RedisClient,
  type RedisSettings,
  readRedisSettings,
} from './connect.ts';
export { type Durability, durabilityOf, fullnessMax } from './durability.ts';
export { readFullness } from './info.ts';
export { type Keep, keptInMemory, keptOnDisk, NotOnDisk } from './keptOnDisk.ts';
export { backupMarkKey, type KeyNames, keyNames, rewritesHeldKey, shardCount } from './keys.ts';
export { readHeadroom } from './readHeadroom.ts';
export { readNodes } from './readNodes.ts';
export { type RestartWatch, watchRestarts } from './restarts.ts';
export { markRestored, type Restored, readRestored, restoredPair } from './restored.ts';
export { type ScriptAnswer, script, UnknownScriptAnswer } from './script.ts';
export { type Subscription, type SubscriptionOfMany, subscribeSharded, subscribeToMany } from './subscribe.ts';
export {
  RedisRefused,
  readDurability,
  readTrustSettings,
  type TrustSettings,
  trustRedis,
} from './trust.ts';
export { isRedisUnavailable } from './unavailable.ts';
