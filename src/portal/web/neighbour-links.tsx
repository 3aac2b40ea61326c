import { number } from './format.ts';
import type { Neighbours } from './use-order.ts';

interface NeighbourProps {
  order: Neighbours;
  addressOf(id: string): string;
}

/** The way to what stands before and after in the list that somebody came from. */
export const NeighbourLinks = ({ order: { previous, next, place }, addressOf }: NeighbourProps) =>
  place === undefined ? null : (
    <nav class="neighbours" aria-label="In the list">
      <span class="meta">
        {number(place.at)} of {number(place.of)}
      </span>
      {previous !== undefined && (
        <a href={addressOf(previous)} data-replace>
          ‹ Previous
        </a>
      )}
      {next !== undefined && (
        <a href={addressOf(next)} data-replace>
          Next ›
        </a>
      )}
    </nav>
  );
