import type { Call, Reply } from './call';
import { detailOfThrown, fail, meaningOfStatus, meaningOfThrown } from './meaning';

/** A partner by its name, and its address without a slash at the end. */
export interface Partner {
  readonly name: string;
  readonly url: string;
}

/** Calls a partner over HTTP with JSON. */
export function createHttpCall({ name, url }: Partner): Call {
  return async ({ method, path, timeoutMs, key, body }) => {
    const reply = await answered(name, async () => {
      const response = await fetch(`${url}${path}`, {
        method,
        headers: {
          accept: 'application/json',
          ...(body !== undefined && { 'content-type': 'application/json' }),
          ...(key !== undefined && { 'idempotency-key': key }),
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
        redirect: 'manual',
        signal: AbortSignal.timeout(timeoutMs),
      });
      return { status: response.status, body: parse(await response.text()) };
    });
    const meaning = meaningOfStatus(reply.status);
    return meaning === 'reply' ? reply : fail(name, meaning, `status ${reply.status}`);
  };
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
