import { expect, test } from 'vitest';
import { emptyHistory, type Told } from '../history/history.ts';
import { check, checks } from './check.ts';

const id = 'task_a';
const sum = 'f'.repeat(64);

/** A history of one order, made and told without a fault. */
function good(): Told {
  const seen = (status: string, progress: number) => ({
    ...{ status, progress, actual: status === 'succeeded' ? '0.0390' : null },
    images: status === 'succeeded' ? [sum] : [],
  });
  const call = { t: 'call', process: 'native-1', order: 1 } as const;
  const created = { ...call, op: 'create', call: 1, idempotency_key: 'order-1' } as const;
  const queried = { ...call, op: 'query', call: 2, task_id: id } as const;
  const told = { t: 'told', event: 'task.succeeded', task_id: id, status: 'succeeded' } as const;
  return {
    ...emptyHistory(),
    storm: [
      { t: 'storm', seed: 1, orders: 1, prefix: 'x', mutant: null, planned: [['kill', 'running']], secrets: ['sk-s'] },
    ],
    call: [
      { ...created, at: 1, phase: 'invoke' },
      { ...created, at: 2, phase: 'ok', task_id: id, seen: seen('queued', 0) },
      { ...queried, at: 3, phase: 'invoke' },
      { ...queried, at: 9, phase: 'ok', seen: seen('succeeded', 100) },
    ],
    fault: [{ t: 'fault', at: 4, name: 'kill', phase: 'begin', steps: { running: 1 } }],
    told: [
      { ...told, at: 8, by: 'webhook', reader: 'good', id: 'dl_1' },
      { ...told, at: 8, by: 'sse', reader: 'alice', id: '5-0' },
    ],
    seen: [
      { t: 'seen', at: 3, task_id: id, part: 0, state: 'running', fence: 1 },
      { t: 'seen', at: 7, task_id: id, part: 0, state: 'succeeded', fence: 1 },
    ],
    log: [{ t: 'log', at: 5, process: 'api0.1', line: '{"msg":"listening"}' }],
    record: [
      {
        ...{ t: 'record', task_id: id, key_id: 'k', order: 1, status: 'succeeded', created_at_ms: 1 },
        ...{ unit_price: '0.0390', actual: '0.0390', possibly_duplicated: false, error: null },
        parts: [
          {
            ...{ state: 'succeeded', fence: 1, attempt: 1, unknowns: 0, upstream_task_id: 'ut_1' },
            images: [{ key: `${id}/0.png`, sha256: sum, bytes: 3 }],
          },
        ],
      },
    ],
    submission: [
      {
        t: 'submission',
        at_ms: 1,
        idempotency_key: `${id}-0-1`,
        outcome: 'accepted',
        status: 200,
        upstream_task_id: 'ut_1',
      },
    ],
    upstream_task: [
      { t: 'upstream_task', id: 'ut_1', idempotency_key: `${id}-0-1`, phase: 'succeeded', n: 1, sha256: [sum] },
    ],
    object: [{ t: 'object', key: `${id}/0.png`, bytes: 3, sha256: sum }],
    key: [{ t: 'key', key: `{x:s01}:task:${id}`, type: 'hash', ttl_ms: -1 }],
    end: [
      {
        ...{ t: 'end', at: 10, stuck: false, why: 'at rest' },
        batches: [{ id: 'b', status: 'completed', total: 1, completed: 1, failed: 0, answered: ['a'], wanted: ['a'] }],
      },
    ],
  };
}

test('a history without a fault is found to have none', () => {
  expect(check(good())).toEqual([]);
});

/** For every check, what it must find. */
const broken: Record<keyof typeof checks, ((history: Told) => void)[]> = {
  nothingIsLost: [
    (history) => {
      history.record = [];
    },
    (history) => history.call.push({ ...history.call[2]!, call: 3, at: 9, phase: 'fail', http: 404 }),
  ],
  everythingEnds: [
    (history) => {
      history.record[0]!.status = 'queued';
    },
    (history) => {
      history.end[0]!.stuck = true;
    },
  ],
  oneTaskPerOrder: [
    (history) => history.record.push({ ...history.record[0]!, task_id: 'task_b' }),
    (history) => history.call.push({ ...history.call[1]!, task_id: 'task_b' }),
  ],
  nobodySeesItGoBack: [
    (history) => history.call.push(later(history, { status: 'in_progress', progress: 100 })),
    (history) => history.call.push(later(history, { images: ['0'] })),
    (history) => history.call.push(later(history, { actual: '0.0780' })),
    (history) => history.call.push(later(history, { status: 'failed' })),
  ],
  partsTakeLegalPaths: [
    (history) => history.seen.push({ ...history.seen[1]!, at: 8, state: 'queued' }),
    (history) => {
      history.seen[1]!.fence = 0;
    },
  ],
  doublesAreMarked: [(history) => history.submission.push({ ...history.submission[0]!, upstream_task_id: 'ut_2' })],
  submissionsAreTold: [
    (history) =>
      history.submission.push({ ...history.submission[0]!, idempotency_key: `${id}-0-2`, upstream_task_id: 'ut_2' }),
  ],
  moneyIsAccountedFor: [(history) => history.upstream_task.push({ ...history.upstream_task[0]!, id: 'ut_2' })],
  pricesAreRight: [
    (history) => {
      history.record[0]!.actual = '0.0780';
    },
  ],
  picturesAreRight: [
    (history) => {
      history.object = [];
    },
    (history) => {
      history.upstream_task[0]!.sha256 = ['0'];
    },
    (history) => {
      history.object[0]!.bytes = 2;
    },
    (history) => {
      history.loss = [{ t: 'loss', from: 0, to: 9 }];
      history.upstream_task[0]!.sha256 = ['0'];
      history.upstream_task.push({ ...history.upstream_task[0]!, id: 'ut_2', sha256: [sum] });
    },
  ],
  deliveredIsStored: [
    (history) => {
      history.call[3]!.seen!.images = ['0'];
    },
  ],
  storageIsOwned: [(history) => history.object.push({ ...history.object[0]!, key: 'task_b/0.png' })],
  everyEndIsTold: [
    (history) => {
      history.told[0]!.event = 'task.started';
    },
    (history) => history.told.push({ ...history.told[0]!, id: 'dl_2' }),
  ],
  streamsHaveNoGap: [
    (history) => {
      history.told[1]!.event = 'task.started';
    },
    (history) => history.told.push({ ...history.told[1]!, id: '4-9' }),
  ],
  batchesAreWhole: [
    (history) => {
      history.end[0]!.batches[0]!.answered = [];
    },
  ],
  logsAreClean: [
    (history) => {
      history.log[0]!.line = 'key sk-s';
    },
    (history) => {
      history.log[0]!.line = '{"prompt":"storm 1"}';
    },
    (history) => {
      history.log[0]!.line = '    at run (file:///x.ts:1:1)';
    },
  ],
  keysAreOwned: [
    (history) => history.key.push({ ...history.key[0]!, key: '{x:s01}:task:task_b' }),
    (history) => history.key.push({ ...history.key[0]!, key: 'whose' }),
  ],
  theStormWasOne: [
    (history) => {
      history.fault[0]!.steps = { running: 0 };
    },
    (history) => {
      history.record[0]!.status = 'failed';
    },
  ],
};

/** Another read of the task after the last one, that saw something else of it. */
function later(history: Told, other: Partial<NonNullable<Told['call'][number]['seen']>>) {
  const read = history.call[3]!;
  history.call.push({ ...history.call[2]!, call: 3, at: 10 });
  return { ...read, call: 3, at: 11, seen: { ...read.seen!, ...other } };
}

const cases = Object.entries(broken).flatMap(([name, breaks]) =>
  breaks.map((breakIt, i) => [name as keyof typeof checks, i, breakIt] as const),
);

test.each(cases)('%s finds what breaks it (%i)', (name, _i, breakIt) => {
  const history = good();
  breakIt(history);
  expect(checks[name](history)).not.toEqual([]);
});
