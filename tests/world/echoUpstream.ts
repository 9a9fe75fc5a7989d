import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export type EchoUpstream = {
  url: string;
  /** what it answers from now on */
  answer(status: number): void;
  close(): Promise<void>;
};

/**
 * An upstream that refuses everything and repeats in its reason all that it was sent: key, headers and prompt. Gateways
 * of this market do ("Incorrect API key provided: sk-…").
 */
export async function echoUpstream(): Promise<EchoUpstream> {
  let status = 400;
  const server = createServer(async (req, res) => {
    let body = '';
    for await (const chunk of req) body += chunk;
    const { authorization } = req.headers;
    const told = { code: `refused ${authorization}`, message: `no: ${authorization} with ${body}` };
    res.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(told));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    answer: (next) => {
      status = next;
    },
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
