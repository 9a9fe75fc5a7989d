import type { Bench } from './bench.ts';
import { api } from './workloads/api.ts';
import { costs } from './workloads/costs.ts';
import { durability } from './workloads/durability.ts';
import { growth } from './workloads/growth.ts';
import { inFlight } from './workloads/inFlight.ts';
import { memory } from './workloads/memory.ts';
import { polling } from './workloads/polling.ts';
import { programBenches } from './workloads/programs.ts';
import { defaultCap, tasks } from './workloads/tasks.ts';

/** Every bench, in the order of the page. */
export const benches: readonly Bench[] = [
  tasks,
  defaultCap,
  polling,
  api,
  inFlight,
  growth,
  memory,
  costs,
  durability,
  ...programBenches,
];
