import { DelayedError, Worker } from 'bullmq';
import { type PictureJob, queueName } from '../bullmq/jobs.ts';
import { type Picture, readSettings, workOf } from '../work.ts';

/**
 * BullMQ's pattern "process step jobs", with its part on delaying: between two steps the job is in the queue, not in a
 * processor. The channel's cap on tasks in flight can then not be kept by the queue; here only the steps are capped.
 */
const settings = readSettings(process.env);
const work = workOf(settings);

const worker = new Worker<PictureJob, Picture>(
  queueName,
  async (job, token) => {
    const later = async (data: PictureJob) => {
      await job.updateData(data);
      await job.moveToDelayed(Date.now() + settings.pollMs, token);
      throw new DelayedError();
    };
    const { prompt, upstreamId } = job.data;
    if (upstreamId === undefined) return later({ prompt, upstreamId: await work.submit(job.id!, prompt) });
    const url = await work.ask(upstreamId);
    return url === undefined ? later(job.data) : work.keep(job.id!, url);
  },
  { connection: { url: settings.storeUrl }, concurrency: settings.inFlight },
);
worker.on('error', (error) => process.stderr.write(`${error.message}\n`));
process.once('SIGTERM', () => process.exit(0));
await worker.waitUntilReady();
process.stdout.write('ready\n');
