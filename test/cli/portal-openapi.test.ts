import { expect, test } from '@jest/globals';
import { printOpenApi } from '../../src/cli/portal-openapi.ts';
import { startPortal } from '../helpers/portal.ts';

test('the document is printed without a portal, word for word as one answers it', async () => {
  const portal = await startPortal();
  const answered = (await (await fetch(`${portal.address}/api/openapi.json`)).json()) as unknown;
  const { output, json } = printOpenApi('0.0.0-test');
  expect(JSON.parse(output)).toEqual(answered);
  expect(json).toEqual({ document: answered });
});
