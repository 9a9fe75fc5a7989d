import { type Check, losses } from './finding.ts';

/** No log says a secret or a prompt, and none tells of an error that nobody caught. */
export const logsAreClean: Check = (history) => {
  const secrets = history.storm.flatMap((storm) => storm.secrets);
  return history.log.flatMap(({ process, line }) => {
    if (secrets.some((secret) => line.includes(secret))) return [`${process} logged a secret`];
    if (/\bstorm \d+\b/.test(line)) return [`${process} logged a prompt: ${line.slice(0, 300)}`];
    if (/unhandledRejection|uncaughtException|^\s+at .+:\d+:\d+|"stack":|InvariantBroken/.test(line)) {
      return [`${process} says: ${line.slice(0, 300)}`];
    }
    return [];
  });
};

/** Keys that live as long as the installation. */
const lasting = [
  /:(open|done|kept|archived|removals|duplicates|batches|batches-ended|files)$/,
  /:k:[^:]+}:(tasks|batches|files|endpoints|events|events-seen|endpoint:|webhook-secret)/,
  /:(gate|pulse|orphans|storage-cursor|unowned|sync-mark)$/,
  /:(meta|id|events|marker|stalled|stalled-check|completed|failed|prioritized|pc|wait|active|delayed|repeat|fair[^:]*|last|tags)(:[^:]*)?$/,
  /:upkeep:repeat:sweep:\d+$/,
  /:polls?:/,
];

/** Every key in Redis belongs to something that is there, or goes by itself. */
export const keysAreOwned: Check = (history) => {
  const tasks = new Set(history.record.map(({ task_id }) => task_id));
  const { any } = losses(history);
  return history.key.flatMap(({ key, ttl_ms }) => {
    if (ttl_ms > 0) return [];
    const id = /task_[0-9a-z]+/.exec(key)?.[0];
    if (id) return tasks.has(id) || any ? [] : [`${key} is of no task, and stays`];
    if (/(batch|file)[_-][0-9a-z]{20,}/.test(key)) return [];
    return lasting.some((pattern) => pattern.test(key)) ? [] : [`${key} has no owner that is known, and stays`];
  });
};

/** The storm was one: every planned fault met what it was to strike, and at least half of the tasks succeeded. */
export const theStormWasOne: Check = (history) => {
  const begun = history.fault.filter(({ phase }) => phase === 'begin');
  const planned = history.storm.flatMap((storm) => storm.planned);
  const succeeded = history.record.filter(({ status }) => status === 'succeeded').length;
  return [
    ...planned
      .filter(([name, step]) => !begun.some((fault) => fault.name === name && (fault.steps?.[step] ?? 0) > 0))
      .map(([name, step]) => `${name} never struck anything ${step}`),
    ...(succeeded * 2 < history.record.length ? [`only ${succeeded} of ${history.record.length} tasks succeeded`] : []),
  ];
};
