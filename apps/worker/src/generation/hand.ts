import type { Channel } from '@darkroom/shared/channels';
import type { Part, TaskRecord } from '@darkroom/shared/tasks';
import type { UpstreamResult } from '@darkroom/shared/upstream';
import type { JobView } from './jobView.ts';

/** A part in a worker's hand: its record as last read or written, and the claim under which it may be written. */
export type Hand = {
  task: TaskRecord;
  index: number;
  part: Part;
  fence: number;
  channel: Channel;
  /** aborted when the work must stop; see `StopReason` */
  signal: AbortSignal;
  /** whether the lease on the job holds at this moment */
  leaseHolds: () => boolean;
  view: JobView;
  /** what the upstream said it has made; not in Redis, asked for again after a crash */
  results?: UpstreamResult[];
  /** the channel in whose queue the part goes on */
  movedTo?: string;
  /** whether the history tells who holds the part: its first line under a claim does */
  isNoted: boolean;
  /** whether the task as a whole has ended with this part's last change */
  taskEnded: boolean;
};
