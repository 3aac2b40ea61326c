import type { Json } from '../core/event.ts';
import { describeApi } from '../portal/openapi/describe-api.ts';
import { ROUTES } from '../portal/routes.ts';
import type { Answer } from './command.ts';

/** `portal openapi`: the document that a portal of this version answers at `/api/openapi.json`. */
export function printOpenApi(version: string): Answer {
  const output = JSON.stringify(describeApi(ROUTES, version), null, 2);
  return { output, json: { document: JSON.parse(output) as Json }, exitCode: 0 };
}
