import type { AcceptDeps, CancelDeps, ReadTask } from '@darkroom/shared/admission';
import type { BatchId } from '@darkroom/shared/batches';
import type { Logger } from '@darkroom/shared/telemetry';

/** All that batches stand on. Their lines go through the same door as requests. */
export type BatchDeps = CancelDeps & {
  admission: AcceptDeps;
  /** a task by its record, or by its manifest where the record has gone */
  readTask: ReadTask;
  /** the signed URL of a stored object, good for as long as tasks are kept */
  urlOf: (key: string) => string;
  /** told once a batch has ended */
  announce: (id: BatchId) => Promise<void>;
  /** longest line of an input file, bytes */
  lineBytesMax: number;
  logger: Logger;
  isClosing: () => boolean;
  /** resolves after so many ms */
  pause: (ms: number) => Promise<void>;
};
