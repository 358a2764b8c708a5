import { request } from 'undici';
import type { Call, Reply } from './call';
import { detailOfThrown, fail, meaningOfStatus, meaningOfThrown } from './meaning';

/** A partner by its name, and its address without a slash at the end. */
export interface Partner {
  readonly name: string;
  readonly url: string;
}

/** Calls a partner over HTTP with JSON, by a client that takes a quarter of the CPU of Node's own `fetch`. */
export function createHttpCall({ name, url }: Partner): Call {
  return async ({ method, path, timeoutMs, key, body }) => {
    const reply = await answered(name, () =>
      inTime(timeoutMs, async signal => {
        const response = await request(`${url}${path}`, {
          method,
          headers: {
            accept: 'application/json',
            ...(body !== undefined && { 'content-type': 'application/json' }),
            ...(key !== undefined && { 'idempotency-key': key }),
          },
          ...(body !== undefined && { body: JSON.stringify(body) }),
          signal,
        });
        return { status: response.statusCode, body: parse(await response.body.text()) };
      }),
    );
    const meaning = meaningOfStatus(reply.status);
    return meaning === 'reply' ? reply : fail(name, meaning, `status ${reply.status}`);
  };
}

/** As with `AbortSignal.timeout`, whose timers outlive what they were for and cost as much as a request. */
async function inTime<T>(limitMs: number, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(new DOMException('', 'TimeoutError')), limitMs);
  try {
    return await work(late.signal);
  } finally {
    clearTimeout(timer);
  }
}

async function answered(name: string, ask: () => Promise<Reply>): Promise<Reply> {
  try {
    return await ask();
  } catch (thrown) {
    return fail(name, meaningOfThrown(thrown), detailOfThrown(thrown), thrown);
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
