import { GoogleGenAI } from '@google/genai';
import OpenAI from 'openai';
import type { ClientDeps } from './native.ts';
import type { Order } from './orders.ts';
import { digest } from './recorder.ts';

const urlOf = ({ house, chance }: ClientDeps) => house.urls[chance.below(house.urls.length)]!;

/** OpenAI's client on its defaults: it sends up to three times by itself, without any key. */
export async function runOpenai(deps: ClientDeps, order: Order): Promise<void> {
  const client = new OpenAI({ baseURL: `${urlOf(deps)}/v1`, apiKey: deps.house.keys[order.who] });
  const body = { model: order.model, prompt: order.prompt, n: order.n };
  const about = { process: `openai-${order.number}`, op: 'create', order: order.number } as const;
  await deps.record(about, body, async () => {
    try {
      await client.images.generate(body);
      return { outcome: { phase: 'ok', http: 200 }, value: undefined };
    } catch (error) {
      if (!(error instanceof OpenAI.APIError) || error.status === undefined) throw error;
      // An error that names its task came after the task was there: it goes on.
      return {
        outcome: { phase: verdictOf(error.status), http: error.status, code: String(error.code) },
        value: undefined,
      };
    }
  });
}

/** Google's client: one request, one answer. */
export async function runGemini(deps: ClientDeps, order: Order): Promise<void> {
  const client = new GoogleGenAI({ apiKey: deps.house.keys[order.who], httpOptions: { baseUrl: urlOf(deps) } });
  const body = { model: order.model, contents: order.prompt };
  const about = { process: `gemini-${order.number}`, op: 'create', order: order.number } as const;
  await deps.record(about, body, async () => {
    try {
      const { candidates, promptFeedback } = await client.models.generateContent(body);
      const data = candidates?.[0]?.content?.parts?.find(({ inlineData }) => inlineData)?.inlineData?.data;
      const images = data ? [digest(Buffer.from(data, 'base64'))] : [];
      const seen = { status: data ? 'succeeded' : 'failed', progress: 100, actual: null, images };
      const blocked = promptFeedback?.blockReason && String(promptFeedback.blockReason);
      return { outcome: { phase: 'ok', http: 200, code: blocked, seen }, value: undefined };
    } catch (error) {
      const { status } = error as { status?: number };
      if (status === undefined) throw error;
      return { outcome: { phase: verdictOf(status), http: status }, value: undefined };
    }
  });
}

/** Whether an error says that nothing was made: 503 is told before anything is accepted, other 5xx may come after it. */
const verdictOf = (status: number): 'fail' | 'info' => (status < 500 || status === 503 ? 'fail' : 'info');
