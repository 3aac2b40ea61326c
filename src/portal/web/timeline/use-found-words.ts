import { useEffect } from 'preact/hooks';
import { findWords, readWords } from '../../filter/words.ts';

/**
 * Marks the words that a search led here by, in the event that it found, and opens what hides them. The browser draws the
 * marks over the text as it stands, so nothing of the text changes.
 */
export function useFoundWords(event: string | null, words: string | null, loaded: boolean): void {
  useEffect(() => {
    const card = event === null || words === null ? null : document.getElementById(`e-${event}`);
    if (card === null || words === null || !('highlights' in CSS)) return;
    const found = readWords(words);
    const ranges: Range[] = [];
    const texts = document.createTreeWalker(card, NodeFilter.SHOW_TEXT);
    for (let node = texts.nextNode(); node !== null; node = texts.nextNode()) {
      for (const [start, end] of findWords(node.textContent ?? '', found)) {
        const range = new Range();
        range.setStart(node, start);
        range.setEnd(node, end);
        ranges.push(range);
        for (let fold = node.parentElement?.closest('details'); fold; fold = fold.parentElement?.closest('details')) {
          fold.open = true;
        }
      }
    }
    CSS.highlights.set('found', new Highlight(...ranges));
    return () => void CSS.highlights.delete('found');
  }, [event, words, loaded]);
}
