import type { Memory } from './info.ts';
import type { RedisNode } from './readNodes.ts';

/** What a Redis would lose and when, and whether accepted work is safe in it. */
export type Durability = {
  /** append-only file on, nothing evicted, a master, Redis 7.0 or newer; of a cluster, every master */
  durable: boolean;
  /** what would be lost, and when: a sentence each */
  losses: string[];
  /** what is wrong and its remedy: a sentence each; empty where all is well */
  warnings: string[];
};

/** Above this part of `maxmemory` the API accepts nothing more: the rest is kept for what was accepted. */
export const fullnessMax = 0.8;

/** Scripts with flags, sharded publish and the multi-part append-only file came with 7.0. Every Valkey has them. */
const oldest = [7, 0] as const;

/** WAITAOF came with 7.2. */
const oldestWithWaitaof = [7, 2] as const;

type Version = readonly [major: number, minor: number];

/** Says in sentences what these servers would lose. They name no host: clients may see them. */
export function durabilityOf(nodes: readonly RedisNode[]): Durability {
  const judged = nodes.map((node) => ({ faults: faultsOf(node), troubles: troublesOf(node), losses: lossesOf(node) }));
  const named = (say: (one: (typeof judged)[number]) => string[]) => [
    ...new Set(judged.flatMap((one, i) => say(one).map((sentence) => whose(i, nodes.length) + sentence))),
  ];
  // Masters of a cluster mostly lose the same: that is said once.
  const same = new Set(judged.map(({ losses }) => losses.join())).size === 1;
  return {
    durable: nodes.length > 0 && judged.every(({ faults }) => faults.length === 0),
    losses: same ? judged[0]!.losses : named(({ losses }) => losses),
    warnings: named(({ faults, troubles }) => [...faults, ...troubles]),
  };
}

const whose = (i: number, count: number) => (count > 1 ? `Master ${i + 1} of ${count}: ` : '');

/** Whether every server can be asked to wait for its disk (`WAITAOF`). */
export function knowsWaitaof(nodes: readonly RedisNode[]): boolean {
  return nodes.every(({ version }) => atLeast(version, oldestWithWaitaof));
}

/** What makes a server unfit to keep accepted work. */
function faultsOf(node: RedisNode): string[] {
  const faults: string[] = [];
  if (!node.tells) faults.push('It does not tell about itself (INFO is refused): allow INFO to the user of REDIS_URL.');
  if (node.tells && !atLeast(node.version, oldest)) {
    faults.push(`It has version ${node.version}: Darkroom needs Redis ${oldest.join('.')} or newer, or Valkey.`);
  }
  if (node.role === 'replica') faults.push('It is a read-only replica: name its master in REDIS_URL.');
  if (node.appendOnly === false) faults.push('Its append-only file is off: set `appendonly yes`.');
  if (node.policy !== undefined && node.policy !== 'noeviction') {
    faults.push(`Its maxmemory-policy is ${node.policy}: set \`maxmemory-policy noeviction\`.`);
  }
  return faults;
}

/** What is wrong now, or could be better, without making the server unfit. */
function troublesOf({ loading, fsync, lastWriteOk, lastRewriteOk, memory }: RedisNode): string[] {
  const troubles: string[] = [];
  if (loading) troubles.push('It is loading its data and serves nothing yet.');
  if (!lastWriteOk) troubles.push('Its last write to disk failed: it refuses writes until its disk has space again.');
  if (!lastRewriteOk) troubles.push('The last rewrite of its append-only file failed: look at the space on its disk.');
  if (fsync === 'no') troubles.push('It leaves syncing to the system: set `appendfsync everysec`, or `always`.');
  if (isFull(memory)) {
    const percent = Math.round((100 * memory.used_bytes) / memory.max_bytes);
    troubles.push(`Its memory is ${percent} % full: from ${100 * fullnessMax} % on no task is accepted.`);
  }
  return troubles;
}

const isFull = ({ used_bytes, max_bytes }: Memory) => max_bytes > 0 && used_bytes >= fullnessMax * max_bytes;

function lossesOf(node: RedisNode): string[] {
  if (!node.tells) return ['What it would lose is unknown.'];
  const losses = [node.appendOnly ? withFile(node) : withoutFile(node), whenFull(node)];
  if (node.replicas > 0) {
    losses.push('A failover to a replica loses what had not reached it yet: replication is asynchronous.');
  }
  return losses;
}

function withFile({ fsync }: RedisNode): string {
  const crash = 'A crash or a restart of Redis loses nothing';
  const livesOn = 'on a full disk Redis refuses writes, lives, and goes on once there is space';
  switch (fsync) {
    case 'always':
      return `${crash}, nor does a power cut; on a full disk Redis exits and must be started again once there is space.`;
    case 'everysec':
      return `${crash}; a power cut of its machine loses about the last second; ${livesOn}.`;
    case 'no':
      return `${crash}; a power cut of its machine loses up to the last 30 seconds or so; ${livesOn}.`;
    case undefined:
      return `${crash}; a power cut of its machine loses about the last second with appendfsync everysec and nothing with always; it does not tell which it has.`;
  }
}

function withoutFile({ snapshots }: RedisNode): string {
  const when = 'A crash or a restart of Redis loses every queue and record';
  if (snapshots === false) return `${when}: it keeps nothing on disk.`;
  return `${when} written since its last snapshot${snapshots ? '' : ', if it makes any'}.`;
}

function whenFull({ memory, policy }: RedisNode): string {
  if (memory.max_bytes === 0) {
    return 'It has no maxmemory: when the memory of its machine runs out, the system ends it.';
  }
  if (policy === undefined || policy === 'noeviction') {
    return `At ${100 * fullnessMax} % of its maxmemory no further task is accepted; what was accepted goes on, and nothing is lost.`;
  }
  return 'When its memory is full it deletes queues and records, in whatever state, without a word.';
}

function atLeast(version: string, [major, minor]: Version): boolean {
  const [ours = 0, oursMinor = 0] = version.split('.').map(Number);
  return ours > major || (ours === major && oursMinor >= minor);
}
