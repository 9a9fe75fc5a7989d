export { batchHintedAt, tellBatchChanged } from './batchHint.ts';
export {
  appendEvent,
  type Entry,
  eventOf,
  eventsAfter,
  isBefore,
  isEventId,
  lastEventId,
  parseTold,
  type StreamEvent,
  streamEvents,
} from './events.ts';
