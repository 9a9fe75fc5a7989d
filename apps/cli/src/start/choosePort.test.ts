import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { choosePort } from './choosePort.ts';

test('a given port that is taken is an error, not another port', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await expect(choosePort(String(port), () => {})).rejects.toThrow(`Port ${port} is taken; set PORT to a free one.`);
});

test('what is no port is refused', async () => {
  await expect(choosePort('eighty', () => {})).rejects.toThrow('PORT is not a number from 0 to 65535.');
});

test('without a port given one from 8080 on is chosen, and another than 8080 is said', async () => {
  const said: string[] = [];
  const port = await choosePort(undefined, (message) => said.push(message));
  expect(port).toBeGreaterThanOrEqual(8080);
  expect(said).toHaveLength(port === 8080 ? 0 : 1);
});
