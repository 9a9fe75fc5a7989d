import { expect } from 'vitest';
import { model, test } from '../testing/startedSimulator.ts';

test('other processes read submissions and tasks', async ({ client, simulator }) => {
  await client.submit({ model, prompt: 'a pear' }, { 'idempotency-key': 'k1' });
  await client.submit({ model, prompt: 'a plum' });
  const get = async (path: string) => (await fetch(`${simulator.url}/__sim/${path}`)).json();
  expect(await get('submissions')).toMatchObject({ submissions: [{ prompt: 'a pear' }, { prompt: 'a plum' }] });
  expect(await get('submissions?prompt=plum')).toMatchObject({ submissions: [{ prompt: 'a plum' }] });
  expect(await get('submissions?idempotency_key=k1')).toMatchObject({ submissions: [{ prompt: 'a pear' }] });
  expect(await get('tasks')).toMatchObject({ tasks: [{ model, phase: 'queued' }, {}] });
  expect(await get('nothing')).toMatchObject({ code: 'route_not_found' });
});

test('other processes change the behaviour, with the words of a directive', async ({ client, simulator }) => {
  const post = (body: string) => fetch(`${simulator.url}/__sim/behaviour`, { method: 'POST', body });
  const changed = await post(JSON.stringify({ text: 'submit=429 retry_after=7' }));
  expect(await changed.json()).toMatchObject({ behaviour: { submit: '429', retry_after: 7, duration: 'fixed:100' } });
  expect((await client.submit({ model, prompt: 'x' })).headers.get('retry-after')).toBe('7');
  for (const wrong of ['{"text": "submit=soon"}', '{}', 'null', 'no']) expect((await post(wrong)).status).toBe(400);
  expect(await (await fetch(`${simulator.url}/__sim/behaviour`)).json()).toMatchObject({
    behaviour: { submit: '429' },
  });
});
