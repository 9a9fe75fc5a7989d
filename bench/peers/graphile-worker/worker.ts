import { setTimeout as sleep } from 'node:timers/promises';
import { Logger, run } from 'graphile-worker';
import { readSettings, workOf } from '../work.ts';

/** Graphile Worker in library mode, with the batching that its page on performance advises. */
const settings = readSettings(process.env);
const work = workOf(settings);

/** It advises a connection for every job at once; for thousands it is what the server bears. */
const maxPoolSize = Math.min(settings.inFlight + 2, 25);

await run({
  logger: new Logger(() => () => undefined),
  preset: {
    worker: {
      connectionString: settings.storeUrl,
      concurrentJobs: settings.inFlight,
      maxPoolSize,
      localQueue: { size: settings.inFlight + 1 },
      completeJobBatchDelay: 0,
      failJobBatchDelay: 0,
    },
  },
  taskList: {
    async picture(payload, { job, query }) {
      const { prompt } = payload as { prompt: string };
      const { rows } = await query<{ upstream_id: string }>('SELECT upstream_id FROM pictures WHERE id = $1', [job.id]);
      let upstreamId = rows[0]?.upstream_id;
      if (upstreamId === undefined) {
        upstreamId = await work.submit(job.id, prompt);
        await query('INSERT INTO pictures (id, upstream_id) VALUES ($1, $2) ON CONFLICT DO NOTHING', [
          job.id,
          upstreamId,
        ]);
      }
      for (;;) {
        await sleep(settings.pollMs);
        const url = await work.ask(upstreamId);
        if (url === undefined) continue;
        const { file, bytes, sha256 } = await work.keep(job.id, url);
        await query('UPDATE pictures SET file = $2, bytes = $3, sha256 = $4, finished_at = now() WHERE id = $1', [
          job.id,
          file,
          bytes,
          sha256,
        ]);
        return;
      }
    },
  },
});
process.once('SIGTERM', () => process.exit(0));
process.stdout.write('ready\n');
