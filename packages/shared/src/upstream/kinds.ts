import type { Channel } from '../channels/index.ts';
import type { UpstreamClient, UpstreamTimeouts } from './client.ts';
import { nanoTasksClient } from './nano-tasks/nanoTasksClient.ts';

export type UpstreamSettings = {
  channel: Channel;
  api_key: string;
  timeouts: UpstreamTimeouts;
  /** longest answer that is read, bytes; an answer may hold pictures as base64 */
  answer_bytes_max: number;
  now: () => number;
};

/** The client of a channel's upstream, by the channel's kind. A further kind is one folder and one line below. */
export function upstreamClient(settings: UpstreamSettings): UpstreamClient {
  switch (settings.channel.kind) {
    case 'nano-tasks':
      return nanoTasksClient(settings);
  }
}
