import { batchQueue } from '@darkroom/shared/queues';
import { createApp } from '../../apps/api/src/app.ts';
import type { World } from './world.ts';

/** What is not described, and why. */
export const undescribed: Record<string, string> = {
  '/openapi.json': 'the document itself',
  '/docs': 'its page, for people',
  '/admin/queues': 'Bull Board, a page for people over an API of its own',
};

type Layer = {
  route?: { path: string; methods: Record<string, boolean> };
  handle: { stack?: Layer[] };
  /** mounted without a path */
  slash: boolean;
  match(path: string): boolean;
};

/** Routes of the app as Express knows them, in the document's words. */
export function routesOfApp({ records }: World): string[] {
  // What a route does is not asked here: only what it is made with has to be there.
  const batches = batchQueue(records.redis, records.keys);
  const made = {
    records,
    batches,
    deliveries: batches,
    clients: [],
    queues: new Map(),
    admin: {},
    limits: {},
    bodyBytesMax: 1,
    publicUrl: '',
  };
  return routesOf((createApp(made as never).router as unknown as { stack: Layer[] }).stack);
}

/** Of a mounted router the path that it is listed by. */
function routesOf(stack: Layer[]): string[] {
  return stack.flatMap(({ route, handle, ...layer }, i) => {
    if (route) {
      const methods = Object.keys(route.methods).filter((method) => method !== '_all');
      return methods.map((method) => `${method.toUpperCase()} ${route.path.replace(/:(\w+)/g, '{$1}')}`);
    }
    if (!handle.stack) return [];
    if (layer.slash) return routesOf(handle.stack);
    const listed = Object.keys(undescribed).find((path) => stack[i]!.match(path));
    return [listed ?? `a router at a path that is not listed, with ${routesOf(handle.stack)}`];
  });
}
