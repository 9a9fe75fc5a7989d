/** Of a recorder, what counting an orphan needs; both processes' have it. */
type Adds = {
  add(
    name: 'darkroom_orphans_total' | 'darkroom_orphans_cost_total',
    labels: Readonly<{ channel: string }>,
    by?: number,
  ): void;
};

/** Counts an upstream task that nobody will fetch, and what it costs if it is charged. */
export function countOrphan(metrics: Adds, { channel, cost }: { channel: string; cost: string }): void {
  metrics.add('darkroom_orphans_total', { channel });
  metrics.add('darkroom_orphans_cost_total', { channel }, Number(cost));
}
