/**
 * Submits a picture and waits for it, whatever happens to the connection in between.
 *
 *     DARKROOM_KEY=sk-… node examples/01-submit-and-wait.ts "A pear on a table"
 */
import { randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';

const { DARKROOM_URL = 'http://127.0.0.1:8080', DARKROOM_KEY = '' } = process.env;
const [prompt = 'A pear on a table', path = 'pear.png'] = process.argv.slice(2);

type Task = {
  task_id: string;
  status: string;
  progress: string;
  result_urls: string[];
  error: { message: string } | null;
};

async function call(method: string, route: string, body?: object, headers: Record<string, string> = {}): Promise<Task> {
  const response = await fetch(DARKROOM_URL + route, {
    method,
    headers: { authorization: `Bearer ${DARKROOM_KEY}`, 'content-type': 'application/json', ...headers },
    body: body && JSON.stringify(body),
  });
  const answer = (await response.json()) as { message: string; data: Task };
  if (!response.ok) throw new Error(`${response.status}: ${answer.message}`);
  return answer.data;
}

// The key makes a repeat harmless: whoever is unsure whether the request arrived sends it again, and gets the same task.
const headers = { 'Idempotency-Key': randomUUID() };
const submit = () => call('POST', '/v1/images/tasks', { model: 'NanoBanana2-0.5K', prompt }, headers);
let task = await submit().catch(submit);
console.info(`${task.task_id} ${task.status}`);

while (task.status === 'queued' || task.status === 'in_progress') {
  // Answers as soon as the task has ended, or after 60 seconds with how it stands.
  task = await call('GET', `/v1/images/tasks/${task.task_id}?wait=60`);
  console.info(`${task.task_id} ${task.status} ${task.progress}`);
}

if (task.status !== 'succeeded') throw new Error(`${task.status}: ${task.error?.message}`);
const picture = await fetch(task.result_urls[0]!);
await writeFile(path, Buffer.from(await picture.arrayBuffer()));
console.info(`saved ${path}`);
