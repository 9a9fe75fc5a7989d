import type { MetricKind } from './metrics.ts';

type ProcessMetric = Omit<MetricKind, 'of' | 'buckets'>;

/** What prom-client measures of the process itself; of its metrics, these are exposed and no others. */
export const processMetrics: Readonly<Record<string, ProcessMetric>> = {
  darkroom_process_cpu_seconds_total: counter('Time on the processor.'),
  darkroom_process_start_time_seconds: gauge('seconds since the epoch', 'When the process started.'),
  darkroom_process_resident_memory_bytes: gauge('bytes', 'Resident memory (RSS).'),
  darkroom_process_open_fds: gauge('descriptors', 'Open file descriptors. Linux only.'),
  darkroom_process_max_fds: gauge('descriptors', 'File descriptors the process may have. Linux only.'),
  darkroom_nodejs_eventloop_lag_seconds: gauge('seconds', 'How late the event loop is at the moment of the scrape.'),
  darkroom_nodejs_eventloop_lag_max_seconds: gauge('seconds', 'Longest turn of the event loop since the last scrape.'),
  darkroom_nodejs_eventloop_lag_p50_seconds: gauge('seconds', 'Median turn of the event loop since the last scrape.'),
  darkroom_nodejs_eventloop_lag_p99_seconds: gauge('seconds', '99th percentile of the turns since the last scrape.'),
  darkroom_nodejs_heap_size_total_bytes: gauge('bytes', 'Heap the process has reserved.'),
  darkroom_nodejs_heap_size_used_bytes: gauge('bytes', 'Heap in use.'),
  darkroom_nodejs_external_memory_bytes: gauge('bytes', 'Memory outside the heap, such as buffers.'),
  darkroom_nodejs_gc_duration_seconds: {
    type: 'histogram',
    unit: 'seconds',
    help: 'Pauses of the garbage collector.',
    labels: { kind: ['major', 'minor', 'incremental', 'weakcb'] },
  },
};

function counter(help: string): ProcessMetric {
  return { type: 'counter', unit: 'seconds', help, labels: {} };
}

function gauge(unit: string, help: string): ProcessMetric {
  return { type: 'gauge', unit, help, labels: {} };
}
