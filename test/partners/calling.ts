/** Calls of a partner's HTTP interface, as any client would make them. */

export interface Answer {
  readonly status: number;
  readonly body: unknown;
}

/** @throws TypeError of fetch where the connection ends without an answer */
export async function call(
  method: 'GET' | 'POST' | 'PUT' | 'DELETE',
  url: string,
  { key, body }: { readonly key?: string; readonly body?: unknown } = {},
): Promise<Answer> {
  const response = await fetch(url, {
    method,
    headers: {
      ...(key !== undefined && { 'idempotency-key': key }),
      ...(body !== undefined && { 'content-type': 'application/json' }),
    },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  return { status: response.status, body: await response.json() };
}

/** The status alone; 0 where the connection ended without an answer. */
export const statusOf = (answer: Promise<Answer>): Promise<number> =>
  answer.then(({ status }) => status).catch(() => 0);
