export { countOrphan } from './countOrphan.ts';
export { createMetrics, type Exposition, type Metrics } from './createMetrics.ts';
export { createLogger, type Logger } from './logger.ts';
export { type MetricKind, metrics, type Process } from './metrics.ts';
export { processMetrics } from './processMetrics.ts';
export { noMetrics, type Recorder } from './recorder.ts';
export { type MetricsAddress, serveMetrics } from './serveMetrics.ts';
