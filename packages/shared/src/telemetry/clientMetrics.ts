/** What is counted about clients: what their limits refused, and what they were told. Part of `metrics`. */
export const clientMetrics = {
  darkroom_deliveries_total: {
    type: 'counter',
    unit: 'tries',
    help: 'Tries to deliver an event: delivered, failed and to be tried again, or failed for good.',
    of: ['worker'],
    labels: { outcome: ['delivered', 'failed_try', 'exhausted'] },
  },
  darkroom_endpoints_disabled_total: {
    type: 'counter',
    unit: 'endpoints',
    help: 'Webhook endpoints that were disabled: they said that they are gone, or failed for five days.',
    of: ['worker'],
    labels: {},
  },
  darkroom_limited_requests_total: {
    type: 'counter',
    unit: 'requests',
    help: 'Requests refused for a limit of their API key: requests a minute, or unfinished tasks.',
    of: ['api'],
    labels: { limit: ['requests', 'open_tasks'] },
  },
} as const;
