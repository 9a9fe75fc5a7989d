import type { ReadTask } from '@darkroom/shared/admission';
import type { PublicTask, TaskRecord } from '@darkroom/shared/tasks';
import type { Logger, Recorder } from '@darkroom/shared/telemetry';
import type { DispatchDeps, Seal } from '@darkroom/shared/webhooks';
import type { Sender } from './send.ts';

export type DeliverySettings = {
  /** pauses before each try; as many tries as numbers */
  schedule_ms: number[];
  timeout_ms: number;
};

/** All that deliveries stand on. */
export type DeliveryDeps = DispatchDeps & {
  settings: DeliverySettings;
  sender: Sender;
  seal: Seal;
  readTask: ReadTask;
  showTask: (task: TaskRecord) => PublicTask;
  metrics: Recorder<'worker'>;
  logger: Logger;
  isClosing: () => boolean;
  /** a number in [0, 1) */
  random: () => number;
};
