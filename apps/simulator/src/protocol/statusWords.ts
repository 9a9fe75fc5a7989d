import type { Behaviour } from '../behaviour/directives.ts';
import type { Phase } from '../records/upstreamTask.ts';

/** The vocabularies of `status` that upstreams of this family use. The README shows this table. */
export const statusWords: Readonly<Record<Behaviour['status_words'], Readonly<Record<Phase, string>>>> = {
  a: { queued: 'queued', running: 'running', succeeded: 'succeeded', failed: 'failed', canceled: 'canceled' },
  b: { queued: 'pending', running: 'processing', succeeded: 'success', failed: 'failure', canceled: 'cancelled' },
  c: { queued: 'NOT_START', running: 'IN_PROGRESS', succeeded: 'SUCCESS', failed: 'FAILURE', canceled: 'CANCELLED' },
  d: { queued: 'pending', running: 'generating', succeeded: 'completed', failed: 'error', canceled: 'cancelled' },
  e: { queued: 'submitted', running: 'in_progress', succeeded: 'completed', failed: 'failed', canceled: 'canceled' },
  f: { queued: 'Waiting', running: 'Running', succeeded: 'Success', failed: 'Failed', canceled: 'Expired' },
  unknown: {
    queued: 'warming_up',
    running: 'polishing',
    succeeded: 'succeeded',
    failed: 'failed',
    canceled: 'canceled',
  },
};
