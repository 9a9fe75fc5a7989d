/** A change of the source that breaks one promise on purpose, for the checker to find. */
type Patch = { file: string; find: string; put: string };

const patch = (file: string, find: string, put: string): Patch => ({ file, find, put });

export const mutants = {
  /** the answer does not wait for the record */
  acknowledge_before_write: [
    patch(
      'shared/src/admission/acceptTask.ts',
      `    const written = await writeTask(deps, task);
    if (written === 'clash') throw clash();
    if (written === 'late') throw tooSlow();
    if (written === 'repeated') return repeat(deps, await mustRead(deps, id), fingerprint);`,
      `    setTimeout(() => {
      writeTask(deps, { ...task, created_at_ms: deps.now() }).then(() => addJobs(deps, recordOf(task))).catch(() => undefined);
    }, 400);
    if (entry.batch === undefined) return { task: recordOf(task), repeated: false };`,
    ),
  ],
  /**
   * Who has lost a part goes on writing and posting. The fence is not all that stops it: its lease and the states that a
   * change may leave hold nearly every late holder back, so they go too.
   */
  no_fence: [
    patch(
      'shared/src/tasks/lua/changePart.lua',
      "if not string.find(',' .. from .. ',', ',' .. held.state .. ',', 1, true) then return 'not_allowed' end",
      '',
    ),
    patch('worker/src/queue/SteadyWorker.ts', 'for (const id of ids) this.cancelJob(id, leaseLost);', 'void ids;'),
    patch(
      'shared/src/tasks/lua/changePart.lua',
      "if tonumber(fence) ~= tonumber(held.fence or '0') then return 'stale_fence' end",
      '',
    ),
    patch(
      'worker/src/generation/submit.ts',
      "if (fence !== hand.fence) throw new Stop('claim_lost');\n      if (!hand.leaseHolds()) throw new Stop('lease_lost');",
      'if (fence !== undefined) return;',
    ),
    patch('worker/src/generation/postSignal.ts', "else if (reason !== 'canceled') breakOff(reason);", ''),
    patch(
      'worker/src/generation/storeResult.ts',
      "if (fence !== hand.fence) throw new Stop('claim_lost');",
      'if (fence === undefined) return;',
    ),
  ],
  /** what may have been paid for twice does not say so */
  no_mark: [patch('worker/src/generation/submit.ts', 'task: { possibly_duplicated: true },', '')],
  /** an unknown outcome is taken for a refusal */
  blind_retry: [
    patch(
      'worker/src/generation/submit.ts',
      '      return settleSubmission(deps, hand);\n  }',
      '      return postpone(deps, hand, outcome.why);\n  }',
    ),
  ],
  /** the task ends before its picture is safe */
  finish_before_store: [
    patch(
      'worker/src/generation/storeResult.ts',
      'await deps.store.put(key, checked, format.media_type, async () => {',
      `const bytes = await (await import('node:stream/consumers')).buffer(checked);
    setTimeout(() => void deps.store.put(key, bytes, format.media_type).catch(() => undefined), 400);
    void (async () => {`,
    ),
  ],
  /** the sweep has ended tasks made again */
  sweeper_readds_finished: [
    patch(
      'worker/src/upkeep/sweep.ts',
      '  forgetListed,\n};',
      `  forgetListed,
  async again({ queues, records: { redis, keys } }) {
    for (const queue of queues.values()) {
      const [job] = await queue.getJobs(['completed'], 0, 0);
      if (!job) continue;
      const { task_id, part } = job.data;
      await redis.hset(keys.task(task_id), \`p\${part}.state\`, 'queued', 'status', 'queued');
      await redis.zadd(keys.open(task_id), Date.now(), task_id);
      await job.retry('completed');
    }
    return {};
  },
};`,
    ),
  ],
} satisfies Record<string, readonly Patch[]>;

export type Mutant = keyof typeof mutants;
export const mutantNames = Object.keys(mutants) as Mutant[];

/** What stands in a file in a mutant. @throws Error where the source has changed, so that the mutant would be none */
export function mutated(mutant: Mutant, path: string, source: string): string {
  let text = source;
  for (const { file, find, put } of mutants[mutant]) {
    if (!path.endsWith(file)) continue;
    if (!text.includes(find)) throw new Error(`mutant ${mutant}: ${file} does not read as it is known to`);
    text = text.replace(find, () => put);
  }
  return text;
}
