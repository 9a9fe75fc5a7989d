import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import type { Job, JobResult } from 'pg-boss';
import { type Picture, readSettings, workOf } from '../work.ts';
import { batchSize, type PictureJob, queueName, startBoss } from './jobs.ts';

/** pg-boss as its reference has it for many jobs at once: workers of this process, batches, and a result for each job. */
const settings = readSettings(process.env);
const work = workOf(settings);
const boss = await startBoss(settings.storeUrl);
const pool = new pg.Pool({ connectionString: settings.storeUrl, max: 10 });
pool.on('error', (error) => process.stderr.write(`${error.message}\n`));

async function picture({ id, data }: Job<PictureJob>): Promise<Picture> {
  const { rows } = await pool.query('SELECT upstream_id FROM orders WHERE id = $1', [id]);
  let upstreamId: string | undefined = rows[0]?.upstream_id;
  if (upstreamId === undefined) {
    upstreamId = await work.submit(id, data.prompt);
    await pool.query('INSERT INTO orders VALUES ($1, $2) ON CONFLICT DO NOTHING', [id, upstreamId]);
  }
  for (;;) {
    await sleep(settings.pollMs);
    const url = await work.ask(upstreamId);
    if (url !== undefined) return work.keep(id, url);
  }
}

async function settled(job: Job<PictureJob>): Promise<JobResult<object>> {
  try {
    return { id: job.id, status: 'completed', output: await picture(job) };
  } catch (error) {
    return { id: job.id, status: 'failed', output: { message: String(error) } };
  }
}

const concurrency = {
  localConcurrency: Math.max(1, Math.floor(settings.inFlight / batchSize)),
  batchSize: Math.min(batchSize, settings.inFlight),
  pollingIntervalSeconds: 0.5,
  burstWhenBatchFull: true,
  perJobResults: true,
} as const;
await boss.work<PictureJob>(queueName, concurrency, (jobs) => Promise.all(jobs.map(settled)));
process.once('SIGTERM', () => process.exit(0));
process.stdout.write('ready\n');
