import * as z from 'zod';
import type { Attachment } from '../core/event.ts';

const textBlock = z.object({ type: z.literal('text'), text: z.string() });
const MAX_NAME = 200;
const label = z
  .string()
  .transform((value) => value.slice(0, MAX_NAME))
  .nullable()
  .catch(null)
  .optional();
const attached = z.object({
  type: label,
  mimeType: label,
  name: label,
  filename: label,
  size: z.number().int().nonnegative().nullable().catch(null).optional(),
});

/** The text of a message: a string, or the text blocks of a list, a line each; null when there is neither. */
export function textOf(content: unknown): string | null {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return null;
  const texts = content.flatMap((block) => {
    const parsed = textBlock.safeParse(block);
    return parsed.success ? [parsed.data.text] : [];
  });
  return texts.length === 0 ? null : texts.join('\n');
}

/** Blocks of a message that are not text. */
export function otherBlocks(content: unknown): unknown[] {
  return Array.isArray(content) ? content.filter((block) => !textBlock.safeParse(block).success) : [];
}

/** Name, type and size of what was attached, as far as Kiro wrote them down; never the content. */
export function describeAttachments(items: readonly unknown[], type: string): Attachment[] {
  return items.map((item) => {
    const { data } = attached.safeParse(item);
    return {
      name: data?.name ?? data?.filename ?? null,
      type: data?.mimeType ?? data?.type ?? type,
      bytes: data?.size ?? null,
    };
  });
}
