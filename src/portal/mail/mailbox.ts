import * as z from 'zod';
import { addressSchema } from './mail-settings.ts';

const MOST = 20;

/** The addresses that a channel `mailto:a@example.com,b@example.com` stands for; undefined for what is none. Pure. */
export function recipientsOf(url: string): string[] | undefined {
  if (!url.startsWith('mailto:')) return undefined;
  const parsed = z.array(addressSchema).min(1).max(MOST).safeParse(url.slice('mailto:'.length).split(','));
  return parsed.data;
}
