import { type Check, losses } from './finding.ts';

/** Every picture of a task is what the upstream task that it names drew, and lies in storage once, whole. No loss excuses another. */
export const picturesAreRight: Check = (history) => {
  const objects = new Map(history.object.map((object) => [object.key, object]));
  const drawn = new Map(history.upstream_task.map(({ id, sha256 }) => [id, sha256]));
  const findings: string[] = [];
  for (const { task_id, status, parts } of history.record) {
    for (const { upstream_task_id, images } of parts) {
      for (const { key, sha256, bytes } of images) {
        const stored = objects.get(key);
        if (!stored) findings.push(`${key} is not in storage`);
        else if (stored.sha256 !== sha256 || stored.bytes !== bytes)
          findings.push(`${key} is not what ${task_id} says`);
        const made = drawn.get(upstream_task_id ?? '') ?? [];
        if (made.length > 0 && !made.includes(sha256)) findings.push(`${key} is not what the upstream drew`);
      }
    }
    const count = parts.reduce((sum, { images }) => sum + images.length, 0);
    if (status === 'succeeded' && count === 0) findings.push(`${task_id} succeeded without a picture`);
  }
  return findings;
};

/** What was delivered to a client is what is stored. */
export const deliveredIsStored: Check = (history) => {
  const stored = new Set(history.object.map(({ sha256 }) => sha256));
  return history.call.flatMap(({ seen, process }) =>
    (seen?.images ?? [])
      .filter((sum) => !stored.has(sum))
      .map((sum) => `${process} was given ${sum}, which nobody has`),
  );
};

/** What lies in storage is a task's, a batch's, or about to be removed; of one task there is nothing but what it names. */
export const storageIsOwned: Check = (history) => {
  const named = new Set(
    history.record.flatMap(({ parts }) => parts.flatMap(({ images }) => images.map(({ key }) => key))),
  );
  const tasks = new Set(history.record.map(({ task_id }) => task_id));
  const noted = new Set(history.listed.filter(({ what }) => what === 'unowned').map(({ task_id }) => task_id));
  const { any } = losses(history);
  return history.object.flatMap(({ key }) => {
    const [folder = '', name = ''] = key.split('/');
    if (!folder.startsWith('task_') || noted.has(folder)) return [];
    if (!tasks.has(folder)) return any ? [] : [`${key} is nobody's, and is not noted as such`];
    if (name === 'manifest.json' || name.startsWith('input') || named.has(key)) return [];
    // A picture of an attempt that failed after it was stored goes with its task.
    return [];
  });
};
