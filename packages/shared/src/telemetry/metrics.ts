import { clientMetrics } from './clientMetrics.ts';

/** A process that exposes metrics. */
export type Process = 'api' | 'worker';

/** What is to be known of one metric. */
export type MetricKind = {
  type: 'counter' | 'gauge' | 'histogram';
  unit: string;
  /** what it says; ends up in `/metrics` and in `docs/metrics.md` */
  help: string;
  /** the processes that expose it */
  of: readonly Process[];
  /** each label with all its values, or with what they are; never an id, a key or anything a client wrote */
  labels: Readonly<Record<string, readonly string[] | string>>;
  /** upper bounds of a histogram, in its unit */
  buckets?: readonly number[];
};

const channel = 'id of a channel';

/** A poll notices an end within seconds; more than a minute late is a fault whatever its size. */
const noticeBuckets = [0.05, 0.1, 0.25, 0.5, 1, 1.5, 2, 3, 5, 10, 15, 30, 60];

/** From a simulator's tenth of a second to the default deadline of an hour. */
const phaseBuckets = [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 15, 20, 30, 45, 60, 90, 120, 300, 600, 1800, 3600];

/** From an answer out of memory to a request that is held for its longest, 60 s. */
const requestBuckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 90];

/**
 * Every metric of Darkroom's own. The recorders' types, what the processes expose and `docs/metrics.md` all come from
 * this table.
 */
export const metrics = {
  darkroom_tasks_accepted_total: {
    type: 'counter',
    unit: 'tasks',
    help: 'Tasks taken in. The repeat of a request takes in nothing.',
    of: ['api', 'worker'],
    labels: { dialect: ['native', 'openai', 'gemini', 'batch'], priority: ['interactive', 'batch'] },
  },
  ...clientMetrics,
  darkroom_tasks_finished_total: {
    type: 'counter',
    unit: 'tasks',
    help: 'Tasks that have ended, by the code of their error. The API counts those it canceled, a worker all others.',
    of: ['api', 'worker'],
    labels: { status: ['succeeded', 'failed', 'canceled'], reason: 'an error code of a task, or none' },
  },
  darkroom_task_phase_duration_seconds: {
    type: 'histogram',
    unit: 'seconds',
    help: 'How long tasks that succeeded spent: queued until first accepted upstream, upstream until done there, storing until their pictures were stored; total is all of it.',
    of: ['worker'],
    labels: { channel, phase: ['queued', 'upstream', 'storing', 'total'] },
    buckets: phaseBuckets,
  },
  darkroom_queue_depth: {
    type: 'gauge',
    unit: 'jobs',
    help: 'Jobs in the queue of a channel, over all processes. Active is in flight; delayed is tried again after a fault of Redis or storage. Absent while Redis does not tell.',
    of: ['api'],
    labels: { channel, state: ['waiting', 'delayed', 'active'] },
  },
  darkroom_queue_oldest_waiting_seconds: {
    type: 'gauge',
    unit: 'seconds',
    help: 'Time since the oldest waiting job of a channel was made; 0 where none waits. Absent while Redis does not tell.',
    of: ['api'],
    labels: { channel },
  },
  darkroom_circuit_state: {
    type: 'gauge',
    unit: 'state',
    help: 'Whether a channel takes submissions: 0 closed (it does), 1 half open (one probe), 2 open (it does not), 3 paused by an operator. Absent while Redis does not tell.',
    of: ['api'],
    labels: { channel },
  },
  darkroom_redis_up: {
    type: 'gauge',
    unit: 'yes or no',
    help: 'Whether Redis told what the API exposes of it, in time for this scrape: 1 or 0.',
    of: ['api'],
    labels: {},
  },
  darkroom_redis_headroom_bytes: {
    type: 'gauge',
    unit: 'bytes',
    help: 'What is left of the maxmemory of Redis; of a cluster, of its fullest master. Absent without maxmemory, and while Redis does not tell.',
    of: ['api'],
    labels: {},
  },
  darkroom_http_request_duration_seconds: {
    type: 'histogram',
    unit: 'seconds',
    help: 'Time to the end of an answer; its count is the number of requests. Requests held by wait=… are in it with the time they were held.',
    of: ['api'],
    labels: {
      route: 'pattern of the route, or none',
      method: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'other'],
      status: ['1xx', '2xx', '3xx', '4xx', '5xx', 'hung_up'],
    },
    buckets: requestBuckets,
  },
  darkroom_waiting_requests: {
    type: 'gauge',
    unit: 'requests',
    help: 'Requests held open until their task ends.',
    of: ['api'],
    labels: {},
  },
  darkroom_jobs_in_flight: {
    type: 'gauge',
    unit: 'jobs',
    help: 'Jobs this worker process is working on.',
    of: ['worker'],
    labels: { channel },
  },
  darkroom_submissions_total: {
    type: 'counter',
    unit: 'submissions',
    help: 'Submissions to the upstream by what became of them. Unknown includes those over which a worker died.',
    of: ['worker'],
    labels: {
      channel,
      outcome: ['accepted', 'refused', 'refused_channel', 'not_now', 'not_accepted', 'unknown'],
    },
  },
  darkroom_possible_duplicates_total: {
    type: 'counter',
    unit: 'submissions',
    help: 'Submissions made again although the upstream may have accepted, and may charge, the earlier one. GET /admin/duplicates lists them.',
    of: ['worker'],
    labels: { channel },
  },
  darkroom_possible_duplicates_cost_total: {
    type: 'counter',
    unit: 'currency of the catalogue',
    help: 'What the possible duplicates cost if each of them is charged.',
    of: ['worker'],
    labels: { channel },
  },
  darkroom_orphans_total: {
    type: 'counter',
    unit: 'upstream tasks',
    help: 'Upstream tasks that nobody will fetch: their task was canceled or overdue, or another worker had it. GET /admin/orphans lists them.',
    of: ['api', 'worker'],
    labels: { channel },
  },
  darkroom_orphans_cost_total: {
    type: 'counter',
    unit: 'currency of the catalogue',
    help: 'What the orphans cost if each of them is charged.',
    of: ['api', 'worker'],
    labels: { channel },
  },
  darkroom_polls_total: {
    type: 'counter',
    unit: 'queries',
    help: 'Queries about upstream tasks by what they told; unavailable told nothing.',
    of: ['worker'],
    labels: { channel, outcome: ['running', 'succeeded', 'failed', 'not_found', 'unavailable'] },
  },
  darkroom_notice_delay_seconds: {
    type: 'histogram',
    unit: 'seconds',
    help: 'At most how late the end of an upstream task was noticed: the time since the poll before, or since the submission. Tasks taken over from another worker before their first poll are left out.',
    of: ['worker'],
    labels: { channel },
    buckets: noticeBuckets,
  },
  darkroom_downloads_total: {
    type: 'counter',
    unit: 'tries',
    help: 'Tries to fetch and store a picture by what became of them. Not_stored: our storage failed.',
    of: ['worker'],
    labels: {
      channel,
      outcome: ['stored', 'not_allowed', 'gone', 'unavailable', 'unreadable', 'too_large', 'not_stored'],
    },
  },
  darkroom_download_bytes_total: {
    type: 'counter',
    unit: 'bytes',
    help: 'Bytes of the pictures stored.',
    of: ['worker'],
    labels: { channel },
  },
  darkroom_leases_lost_total: {
    type: 'counter',
    unit: 'leases',
    help: 'Times a worker stopped because its right to a job had run out or gone to another worker.',
    of: ['worker'],
    labels: { channel },
  },
  darkroom_jobs_taken_over_total: {
    type: 'counter',
    unit: 'jobs',
    help: 'Jobs of dead or frozen workers put back into the queue for others.',
    of: ['worker'],
    labels: { channel },
  },
  darkroom_job_failures_total: {
    type: 'counter',
    unit: 'jobs',
    help: 'Runs of a job that threw: a fault of Redis, of storage or of ours. The job is tried again.',
    of: ['worker'],
    labels: { channel },
  },
  darkroom_repairs_total: {
    type: 'counter',
    unit: 'repairs',
    help: 'What upkeep put right or did in its time, by duty. The API removes index entries when it lists; the rest is the sweep.',
    of: ['api', 'worker'],
    labels: {
      duty: [
        'jobs_added',
        'tasks_expired',
        'batch_jobs_added',
        'jobs_pulled',
        'jobs_removed',
        'manifests_written',
        'records_archived',
        'tasks_removed',
        'batches_removed',
        'batch_removals_resumed',
        'files_removed',
        'removals_finished',
        'folders_removed',
        'half_files_removed',
        'orphans_forgotten',
        'duplicates_forgotten',
        'index_entries_removed',
      ],
    },
  },
} as const satisfies Record<string, MetricKind>;
