import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import { type MetricKind, metrics, type Process } from './metrics.ts';
import { processMetrics } from './processMetrics.ts';
import type { Recorder } from './recorder.ts';

/** What a scrape is answered with. */
export type Exposition = { contentType: string; text: string };

export type Metrics<P extends Process> = Recorder<P> & { expose(): Promise<Exposition> };

type Labels = Record<string, string>;
type Instrument = Counter | Gauge | Histogram;

/**
 * Makes the metrics of one process, in a registry of their own.
 * @param channels  ids of the channels: counters stand at 0 for each from the start, since Prometheus sees no rise in a
 *   series that was not there before
 */
export function createMetrics<P extends Process>(process: P, channels: readonly string[]): Metrics<P> {
  const registry = new Registry();
  const instruments = new Map<string, Instrument>();
  for (const [name, kind] of Object.entries<MetricKind>(metrics)) {
    if (kind.of.includes(process)) instruments.set(name, instrumentOf(registry, name, kind, channels));
  }
  addProcessMetrics(registry);
  // The table gives the types; within, a name is a name.
  const recorder = {
    add: (name: string, labels: Labels, by = 1) => (instruments.get(name) as Counter).inc(labels, by),
    set(name: string, labels: Labels, value: number | undefined) {
      const gauge = instruments.get(name) as Gauge;
      if (value === undefined) gauge.remove(labels);
      else gauge.set(labels, value);
    },
    observe: (name: string, labels: Labels, value: number) =>
      (instruments.get(name) as Histogram).observe(labels, value),
  } as Recorder<P>;
  return {
    ...recorder,
    async expose() {
      return { contentType: registry.contentType, text: await registry.metrics() };
    },
  };
}

function instrumentOf(registry: Registry, name: string, kind: MetricKind, channels: readonly string[]): Instrument {
  const { help, labels, buckets = [] } = kind;
  const about = { name, help, labelNames: Object.keys(labels), registers: [registry] };
  switch (kind.type) {
    case 'counter': {
      const counter = new Counter(about);
      for (const series of seriesOf(labels, channels)) counter.inc(series, 0);
      return counter;
    }
    case 'gauge': {
      const gauge = new Gauge(about);
      // prom-client begins with 0; what nobody has told yet is not 0.
      if (about.labelNames.length === 0) gauge.remove({});
      return gauge;
    }
    case 'histogram':
      return new Histogram({ ...about, buckets: [...buckets] });
  }
}

/** All series that a metric can have, or none where its labels have values that are not known beforehand. */
function seriesOf(labels: MetricKind['labels'], channels: readonly string[]): Labels[] {
  let series: Labels[] = [{}];
  for (const [label, listed] of Object.entries(labels)) {
    const values = label === 'channel' ? channels : typeof listed === 'string' ? [] : listed;
    series = series.flatMap((one) => values.map((value) => ({ ...one, [label]: value })));
  }
  return series;
}

function addProcessMetrics(registry: Registry): void {
  collectDefaultMetrics({ register: registry, prefix: 'darkroom_' });
  for (const { name } of registry.getMetricsAsArray()) {
    if (!(name in metrics) && !(name in processMetrics)) registry.removeSingleMetric(name);
  }
}
