export { type EnsureRedisOptions, ensureRedisServer } from './ensureRedisServer.ts';
export { findRedisServer } from './findRedisServer.ts';
export { type RedisServer, type StartRedisOptions, startRedisServer } from './startRedisServer.ts';
