import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'bullmq';
import { type Picture, readSettings, workOf } from '../work.ts';
import { type PictureJob, queueName } from './jobs.ts';

/** BullMQ as its guide has it: one processor that does the whole job, with a concurrency for work that waits on others. */
const settings = readSettings(process.env);
const work = workOf(settings);

const worker = new Worker<PictureJob, Picture>(
  queueName,
  async (job) => {
    let { upstreamId } = job.data;
    if (upstreamId === undefined) {
      upstreamId = await work.submit(job.id!, job.data.prompt);
      await job.updateData({ ...job.data, upstreamId });
    }
    for (;;) {
      await sleep(settings.pollMs);
      const url = await work.ask(upstreamId);
      if (url !== undefined) return work.keep(job.id!, url);
    }
  },
  { connection: { url: settings.storeUrl }, concurrency: settings.inFlight },
);
worker.on('error', (error) => process.stderr.write(`${error.message}\n`));
process.once('SIGTERM', () => process.exit(0));
await worker.waitUntilReady();
process.stdout.write('ready\n');
