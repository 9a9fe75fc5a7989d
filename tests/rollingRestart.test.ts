import { expect, onTestFinished, test } from 'vitest';
import { createWorld, keys } from './world/createWorld.ts';

type Held = { status: number; taskId: string | null; connection: string | null; retry: string | null };

test('a rolling restart of two API processes under 500 held requests resets none of them', async () => {
  const world = await createWorld({
    env: { DRAIN_SECONDS: '1', UPSTREAM_MAX_IN_FLIGHT: '1000', UPSTREAM_HEADERS_TIMEOUT_SECONDS: '120' },
  });
  onTestFinished(() => world.close());
  const second = await world.startApi();
  const prompt = 'held over a restart';
  const gate = world.upstream.gate('poll', { prompt });
  const hold = async (url: string, i: number): Promise<Held> => {
    const response = await fetch(`${url}/v1/images/generations`, {
      method: 'POST',
      headers: { authorization: `Bearer ${keys.alice}`, 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'NanoBanana', prompt: `${prompt} ${i}` }),
    });
    await response.text();
    const header = (name: string) => response.headers.get(name);
    const [taskId, connection, retry] = ['x-task-id', 'connection', 'x-should-retry'].map(header) as [
      string,
      string,
      string,
    ];
    return { status: response.status, taskId, connection, retry };
  };
  const held = Array.from({ length: 500 }, (_, i) => hold(i % 2 ? world.api.url : second.url, i));
  await world.upstream.until(() => world.upstream.tasks().length === 500);

  for (const api of [world.api, second]) {
    api.kill('SIGTERM');
    // Readiness fails first; what comes all the same within the drain is served.
    await api.logged('draining');
    expect((await fetch(`${api.url}/readyz`)).status).toBe(503);
    expect((await fetch(`${api.url}/v1/models`, { headers: { authorization: `Bearer ${keys.alice}` } })).status).toBe(
      200,
    );
    expect(await api.exited).toBe(0);
  }
  const answers = await Promise.all(held);
  const other = answers.filter(
    ({ status, taskId, connection, retry }) => status !== 504 || !taskId || connection !== 'close' || retry !== 'false',
  );
  expect(other).toEqual([]);

  gate.release();
  const third = world.clientOf((await world.startApi()).url);
  const ended = await Promise.all(answers.map(({ taskId }) => third.finished(taskId!)));
  expect(ended.filter(({ status }) => status !== 'succeeded')).toEqual([]);
  expect(world.upstream.submissions()).toHaveLength(500);
}, 60_000);
