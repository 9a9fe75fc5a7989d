import { describe, expect, test } from 'vitest';
import { durabilityOf, knowsWaitaof } from './durability.ts';
import { parseInfo } from './info.ts';
import { nodeOf, type RedisNode } from './readNodes.ts';

const info = [
  'redis_version:7.0.15',
  'role:master',
  'loading:0',
  'aof_enabled:1',
  'aof_last_write_status:ok',
  'aof_last_bgrewrite_status:ok',
  'maxmemory:1000',
  'maxmemory_policy:noeviction',
  'used_memory:500',
  'mem_not_counted_for_evict:100',
  'connected_slaves:0',
];

function node(changed: Partial<RedisNode> = {}): RedisNode {
  return { ...nodeOf(parseInfo(`# Server\r\n${info.join('\r\n')}\r\n`), 'everysec', ''), ...changed };
}

test('a server is read from INFO and CONFIG', () => {
  expect(node()).toEqual({
    tells: true,
    version: '7.0.15',
    role: 'master',
    loading: false,
    appendOnly: true,
    fsync: 'everysec',
    snapshots: false,
    lastWriteOk: true,
    lastRewriteOk: true,
    policy: 'noeviction',
    memory: { used_bytes: 400, max_bytes: 1000 },
    replicas: 0,
  });
});

test('a master with append-only file and without eviction is durable, and its losses are told', () => {
  expect(durabilityOf([node()])).toEqual({
    durable: true,
    warnings: [],
    losses: [
      'A crash or a restart of Redis loses nothing; a power cut of its machine loses about the last second; on a full disk Redis refuses writes, lives, and goes on once there is space.',
      'At 80 % of its maxmemory no further task is accepted; what was accepted goes on, and nothing is lost.',
    ],
  });
});

describe('not durable', () => {
  const cases: Record<string, Partial<RedisNode>> = {
    'append-only file is off': { appendOnly: false },
    'maxmemory-policy is volatile-lru': { policy: 'volatile-lru' },
    'read-only replica': { role: 'replica' },
    'has version 6.2.14': { version: '6.2.14' },
    'INFO is refused': { tells: false },
  };
  test.for(Object.entries(cases))('%s', ([sentence, changed]) => {
    const { durable, warnings } = durabilityOf([node(changed)]);
    expect({ durable, warnings }).toEqual({ durable: false, warnings: [expect.stringContaining(sentence)] });
  });
});

describe('durable, but with a warning', () => {
  const cases: Record<string, Partial<RedisNode>> = {
    'loading its data': { loading: true },
    'last write to disk failed': { lastWriteOk: false },
    'last rewrite of its append-only file failed': { lastRewriteOk: false },
    'leaves syncing to the system': { fsync: 'no' },
    'memory is 80 % full': { memory: { used_bytes: 800, max_bytes: 1000 } },
  };
  test.for(Object.entries(cases))('%s', ([sentence, changed]) => {
    const { durable, warnings } = durabilityOf([node(changed)]);
    expect({ durable, warnings }).toEqual({ durable: true, warnings: [expect.stringContaining(sentence)] });
  });
});

test.for([
  [{ fsync: 'always' }, 'Redis exits'],
  [{ fsync: 'no' }, '30 seconds'],
  [{ fsync: undefined }, 'does not tell'],
  [{ appendOnly: false, snapshots: false }, 'keeps nothing on disk'],
  [{ appendOnly: false, snapshots: true }, 'since its last snapshot.'],
  [{ appendOnly: false, snapshots: undefined }, 'if it makes any'],
  [{ memory: { used_bytes: 1, max_bytes: 0 } }, 'no maxmemory'],
  [{ policy: 'allkeys-lru' }, 'deletes queues and records'],
  [{ replicas: 1 }, 'replication is asynchronous'],
] as [Partial<RedisNode>, string][])('what %o would lose is told', ([changed, sentence]) => {
  expect(durabilityOf([node(changed)]).losses.join(' ')).toContain(sentence);
});

test('a cluster is as durable as its worst master, which is named by number and never by host', () => {
  const { durable, warnings, losses } = durabilityOf([node(), node({ appendOnly: false }), node()]);
  expect(durable).toBe(false);
  expect(warnings).toEqual(['Master 2 of 3: Its append-only file is off: set `appendonly yes`.']);
  expect(losses.some((loss) => loss.startsWith('Master 2 of 3: A crash'))).toBe(true);
  expect(durabilityOf([node(), node()]).losses).toEqual(durabilityOf([node()]).losses);
  expect(durabilityOf([]).durable).toBe(false);
});

test('WAITAOF is known from 7.2 on', () => {
  const known = (version: string) => knowsWaitaof([node({ version })]);
  expect(['7.0.15', '7.1', '7.2.0', '8.0.1', '10.1'].map(known)).toEqual([false, false, true, true, true]);
});
