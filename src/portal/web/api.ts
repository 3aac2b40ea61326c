/** Asking the server. Its answers are not validated again: page and server are one build and share `answers.ts`. */

export class ApiError extends Error {
  readonly status: number;
  readonly code: string;
  /** The whole answer: a conflict says what is there now. */
  readonly body: unknown;

  constructor(status: number, code: string, message: string, body?: unknown) {
    super(message);
    this.name = 'ApiError';
    this.status = status;
    this.code = code;
    this.body = body;
  }
}

/** Throws `ApiError`; `status` is 0 when the server did not answer. */
export const getJson = <T>(path: string, signal?: AbortSignal): Promise<T> =>
  ask<T>(path, signal === undefined ? {} : { signal });

/** Throws `ApiError`. */
export const postJson = <T>(path: string, body: object): Promise<T> =>
  ask<T>(path, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });

/** Changes or removes what has a version: `version` is the one that was seen. Throws `ApiError`; its status is 409 when there is a newer one. */
export const changeJson = <T>(
  method: 'PATCH' | 'DELETE',
  path: string,
  { version, body = {} }: { version?: number; body?: object } = {},
): Promise<T> =>
  ask<T>(path, {
    method,
    headers: { 'content-type': 'application/json', ...(version !== undefined && { 'if-match': `"${version}"` }) },
    body: JSON.stringify(body),
  });

async function ask<T>(path: string, init: RequestInit): Promise<T> {
  let response: Response;
  try {
    response = await fetch(path, init);
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    throw new ApiError(0, 'unreachable', 'The portal does not answer.');
  }
  const body: unknown = await response.json().catch(() => undefined);
  if (response.ok) return body as T;
  const { code = 'unknown', message = `The portal answered ${response.status}.` } =
    (body as { error?: { code?: string; message?: string } } | undefined)?.error ?? {};
  throw new ApiError(response.status, code, message, body);
}
