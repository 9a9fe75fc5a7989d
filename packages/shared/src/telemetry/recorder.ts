import type { MetricKind, metrics, Process } from './metrics.ts';

type Table = typeof metrics;

/** The metrics of one type that a process records. */
type Named<P extends Process, T extends MetricKind['type']> = {
  [N in keyof Table]: Table[N]['type'] extends T ? (P extends Table[N]['of'][number] ? N : never) : never;
}[keyof Table];

/** The labels of a metric: one of the values the table lists, or any text where it lists none. */
export type LabelsOf<N extends keyof Table> = {
  [L in keyof Table[N]['labels']]: Table[N]['labels'][L] extends readonly string[]
    ? Table[N]['labels'][L][number]
    : string;
};

/** Where a process tells what happened. Telling is never waited for and never fails. */
export type Recorder<P extends Process> = {
  /** counts; once where `by` is left out */
  add<N extends Named<P, 'counter'>>(name: N, labels: LabelsOf<N>, by?: number): void;
  /** @param value  as it is now; undefined when nobody knows it, and then it is not exposed */
  set<N extends Named<P, 'gauge'>>(name: N, labels: LabelsOf<N>, value: number | undefined): void;
  /** @param value  in the metric's unit */
  observe<N extends Named<P, 'histogram'>>(name: N, labels: LabelsOf<N>, value: number): void;
};

/** Records nothing: for a simulation, or a test that asks for no figures. */
export const noMetrics: Recorder<'api'> & Recorder<'worker'> = { add() {}, set() {}, observe() {} };
