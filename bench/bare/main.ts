import { Queue } from 'bullmq';
import express from 'express';

/**
 * What the API is measured against: an endpoint that takes a request and adds a job, and nothing else. No key, no record,
 * no check, no log.
 */
const queue = new Queue('bare', { connection: { url: process.env.STORE_URL! } });
const app = express();
app.use(express.json());
app.post('/v1/images/tasks', async (req, res) => {
  const job = await queue.add('picture', req.body, { removeOnComplete: true });
  res.json({ code: 'success', message: '', data: { task_id: job.id } });
});
app.get('/v1/images/tasks/:id', async (req, res) => {
  const job = await queue.getJob(req.params.id);
  res.json({ code: 'success', message: '', data: { task_id: job?.id, status: await job?.getState() } });
});
const server = app.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as { port: number };
  process.stdout.write(`${JSON.stringify({ msg: 'listening', url: `http://127.0.0.1:${port}` })}\n`);
});
process.once('SIGTERM', () => process.exit(0));
