import { expect } from 'vitest';
import { model, test } from '../testing/startedSimulator.ts';

test('a submission is held before anything is accepted', async ({ client, simulator }) => {
  const gate = simulator.gate('submit', { prompt: 'pear' });
  const answer = client.submit({ model, prompt: 'a pear' });
  await gate.arrived;
  expect(simulator.submissions({ prompt: 'pear' })[0]?.outcome).toBe('pending');
  expect(simulator.tasks()).toHaveLength(0);
  expect((await client.submit({ model, prompt: 'a plum' })).status).toBe(200);
  gate.release();
  expect((await answer).status).toBe(200);
  expect((await client.submit({ model, prompt: 'another pear' })).status).toBe(200);
  expect(gate.arrivals()).toBe(1);
});

test('a submission is held between the task and the answer', async ({ client, simulator }) => {
  const gate = simulator.gate('submit_answer', {});
  const answer = client.submit({ model, prompt: 'a pear' });
  await gate.arrived;
  expect(simulator.submissions()[0]?.upstreamTaskId).toBe(simulator.tasks()[0]?.id);
  gate.release();
  expect((await answer).body.data.task_id).toBe(simulator.tasks()[0]?.id);
});

test('a gate holds as many as it is told, and queries and downloads too', async ({ client, clock, simulator }) => {
  const id = await client.accepted('a pear');
  clock.advance(100);
  const poll = simulator.gate('poll', { prompt: 'pear', times: 1 });
  const held = client.query(id);
  await poll.arrived;
  const url = (await client.query(id)).body.data.result_url!;
  expect(simulator.pollsOf(id)).toBe(2);
  poll.release();
  expect((await held).status).toBe(200);
  const download = simulator.gate('download', {});
  const file = fetch(url);
  await download.arrived;
  expect(simulator.downloadsOf(id)).toBe(1);
  download.release();
  expect((await file).status).toBe(200);
});

test('until waits for what is recorded, and passes on what the check throws', async ({ client, simulator }) => {
  const two = simulator.until(() => simulator.submissions().length === 2);
  await client.accepted('one');
  await client.accepted('two');
  await two;
  await simulator.until(() => true);
  const broken = simulator.until(() => {
    throw new Error('no such thing');
  });
  await expect(broken).rejects.toThrow('no such thing');
});

test('a simulator closes under held requests, and comes back on its port', async ({ client, simulator }) => {
  const id = await client.accepted('a pear');
  const gate = simulator.gate('poll', {});
  const held = expect(client.query(id)).rejects.toThrow();
  await gate.arrived;
  const port = Number(new URL(simulator.url).port);
  await simulator.close();
  await held;
  await expect(client.query(id)).rejects.toThrow();
  await simulator.listen(port);
  expect((await client.query(id)).status).toBe(200);
});
